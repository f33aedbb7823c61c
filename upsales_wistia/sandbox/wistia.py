"""Wistia's Data and Stats API v1, as its documentation and those who watched it describe."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from .facts import View
from .server import Call, Reply, html_reply, json_reply, text_reply
from .tenant import Tenant
from .vendor import Handler, VendorServer
from .wistia_rows import event_row, heat_map, media_row, project_row, visitor_row
from .world import World

DEFAULT_PAGE = 10
LARGEST_PAGE = 100
SCOPES = {
    "events": "stats:read",
    "event": "stats:read",
    "visitors": "stats:read",
    "visitor": "stats:read",
    "medias": "media:read",
    "media": "media:read",
    "projects": "media:read",
    "project": "media:read",
}


class Wistia(VendorServer):
    """The server at api.wistia.com."""

    name = "wistia"

    def handlers(self) -> dict[str, tuple[str, str, Handler]]:
        routes: dict[str, tuple[str, Handler]] = {
            "events": ("/v1/stats/events", self._events),
            "event": ("/v1/stats/events/<key>", self._event),
            "heatmap": ("/v1/stats/events/<key>/iframe.html", self._heat_map),
            "visitors": ("/v1/stats/visitors", self._visitors),
            "visitor": ("/v1/stats/visitors/<key>", self._visitor),
            "medias": ("/v1/medias", self._medias),
            "media": ("/v1/medias/<key>", self._media),
            "projects": ("/v1/projects", self._projects),
            "project": ("/v1/projects/<key>", self._project),
            "account": ("/v1/account", self._account),
            "token": ("/modern/token", self._token),
        }
        return {name: ("GET", path, handler) for name, (path, handler) in routes.items()}

    def answer(self, call: Call) -> Reply:
        # v1 answers with and without the extension.
        bare = call.path.removesuffix(".json") if call.path.startswith("/v1/") else call.path
        return super().answer(
            Call(call.method, bare, call.query, call.headers, call.body, call.base_url)
        )

    def token_of(self, call: Call) -> str:
        scheme, _, token = call.headers.get("authorization", "").partition(" ")
        return token.strip() if scheme.lower() == "bearer" else ""

    def is_public(self, operation: str) -> bool:
        return operation == "heatmap"

    def public_tenant(self, call: Call) -> Tenant | None:
        wanted = call.first("public_token")
        return next((t for t in self.tenants.values() if t.public_token == wanted), None)

    def refusal(self, tenant: Tenant | None, call: Call, operation: str) -> Reply | None:
        if tenant is None or tenant.switches.revoked:
            return self.unauthorized("unauthorized_credentials", tenant)
        needed = SCOPES.get(operation)
        if needed and not {needed, "all:read", "all:all"} & set(tenant.switches.wistia_scopes):
            return self.unauthorized("unauthorized_scope", tenant)
        return None

    def unauthorized(self, code: str, tenant: Tenant | None) -> Reply:
        body = {"code": code, "error": "Invalid credentials."}
        if tenant is not None and not tenant.switches.code_in_401:
            del body["code"]
        return json_reply(body, 401)

    def failure(self, status: int, message: str = "") -> Reply:
        if status in (502, 503, 504):
            return html_reply("upstream connect error", status)
        if status == 404:
            return Reply(404)
        return json_reply({"error": message or "Internal server error"}, status)

    def too_many(self, wait: float) -> Reply:
        return text_reply("Rate limit exceeded", 429, {"Retry-After": str(max(1, round(wait)))})

    def _events(
        self, tenant: Tenant, call: Call, values: Mapping[str, Any], faults: frozenset[str]
    ) -> Reply:
        if "insert" in faults:
            tenant.world.insert_one()
        try:
            start, end = _day(call.first("start_date")), _day(call.first("end_date"))
        except ValueError:
            return json_reply({"error": "Invalid date"}, 422)
        future = end is not None and end > tenant.world.now.date()
        if future and tenant.switches.future_end_refused:
            return json_reply({"error": "end_date can not be in the future"}, 422)
        views: Sequence[View] = tenant.world.listing(
            start=start,
            end=end,
            media_id=call.first("media_id") if "ignore_filter" not in faults else "",
            visitor_key=call.first("visitor_key") if "ignore_filter" not in faults else "",
        )
        if "duplicate" in faults:
            views = [*views[:1], *views]
        page = [] if "finds_nothing" in faults else _page(views, call)
        return json_reply([self._row(tenant, call, view) for view in page])

    def _event(
        self, tenant: Tenant, call: Call, values: Mapping[str, Any], faults: frozenset[str]
    ) -> Reply:
        view = tenant.world.view(values["key"])
        return json_reply(self._row(tenant, call, view)) if view else Reply(404)

    def _heat_map(
        self, tenant: Tenant, call: Call, values: Mapping[str, Any], faults: frozenset[str]
    ) -> Reply:
        view = tenant.world.view(values["key"])
        if view is None:
            return html_reply("Not found", 404)
        return Reply(200, heat_map(view).encode(), "text/html; charset=utf-8")

    def _visitors(
        self, tenant: Tenant, call: Call, values: Mapping[str, Any], faults: frozenset[str]
    ) -> Reply:
        by_visitor: dict[str, list[View]] = {}
        for view in tenant.world.listing():
            by_visitor.setdefault(view.visitor_key, []).append(view)
        rows = [visitor_row(key, views, listed=True) for key, views in by_visitor.items()]
        if call.first("filter") in ("has_email", "identified_by_email_gate"):
            rows = [row for row in rows if row["visitor_identity"]["email"]]
        if search := call.first("search"):
            rows = [row for row in rows if search in str(row["visitor_identity"])]
        return json_reply(list(_page(rows, call)))

    def _visitor(
        self, tenant: Tenant, call: Call, values: Mapping[str, Any], faults: frozenset[str]
    ) -> Reply:
        views = tenant.world.listing(visitor_key=values["key"])
        if not views:
            return Reply(404)
        return json_reply(visitor_row(values["key"], views, listed=False))

    def _medias(
        self, tenant: Tenant, call: Call, values: Mapping[str, Any], faults: frozenset[str]
    ) -> Reply:
        world = tenant.world
        wanted = set(call.every("hashed_ids[]")) | set(call.every("hashed_id"))
        medias = [
            media
            for media in world.medias
            if not media.deleted
            and (not wanted or media.hashed_id in wanted or "ignore_filter" in faults)
            and call.first("project_id") in ("", media.project)
            and call.first("name") in ("", media.name)
        ]
        page = _page(medias, call)
        return json_reply([media_row(media, world.project(media.project)) for media in page])

    def _media(
        self, tenant: Tenant, call: Call, values: Mapping[str, Any], faults: frozenset[str]
    ) -> Reply:
        media = tenant.world.media(values["key"])
        if media is None or media.deleted:
            return json_reply({"error": "Couldn't find Media"}, 404)
        return json_reply(media_row(media, tenant.world.project(media.project)))

    def _projects(
        self, tenant: Tenant, call: Call, values: Mapping[str, Any], faults: frozenset[str]
    ) -> Reply:
        wanted = set(call.every("hashed_ids[]"))
        world = tenant.world
        projects = [p for p in world.projects if not wanted or p.hashed_id in wanted]
        page = _page(projects, call)
        return json_reply([project_row(p, _media_count(world, p.hashed_id)) for p in page])

    def _project(
        self, tenant: Tenant, call: Call, values: Mapping[str, Any], faults: frozenset[str]
    ) -> Reply:
        world = tenant.world
        project = world.project(values["key"])
        if project is None:
            return json_reply({"error": "Couldn't find Project"}, 404)
        medias = [m for m in world.medias if m.project == project.hashed_id and not m.deleted]
        rows = [media_row(media, None) for media in medias]
        return json_reply({**project_row(project, len(medias)), "medias": rows})

    def _account(
        self, tenant: Tenant, call: Call, values: Mapping[str, Any], faults: frozenset[str]
    ) -> Reply:
        world = tenant.world
        counts = {"mediaCount": len(world.medias), "projectCount": len(world.projects)}
        name = {"id": 100_000 + tenant.id, "name": f"Sandbox {tenant.id}"}
        url = "https://sandbox.wistia.com"
        return json_reply({**name, "url": url, **counts, "videoLimit": 0, "channelCount": 0})

    def _token(
        self, tenant: Tenant, call: Call, values: Mapping[str, Any], faults: frozenset[str]
    ) -> Reply:
        # Absent from the 2026-01 release; without a header the newest one answers.
        if call.headers.get("x-wistia-api-version", "9999") < "2026-03":
            return json_reply({"error": "Not found"}, 404)
        scopes = list(tenant.switches.wistia_scopes)
        kind = {"type": "permanent", "application": None, "expires_at": None}
        return json_reply({**kind, "scopes": scopes, "name": "Upsales"})

    def _row(self, tenant: Tenant, call: Call, view: View) -> dict[str, Any]:
        return event_row(view, tenant.world, call.base_url, tenant.public_token)


def _page(rows: Sequence[Any], call: Call) -> Sequence[Any]:
    # 200 or 500 silently give 100; without the parameter stats lists gave 10.
    size = min(max(1, _number(call.first("per_page"), DEFAULT_PAGE)), LARGEST_PAGE)
    start = (max(1, _number(call.first("page"), 1)) - 1) * size
    return rows[start : start + size]


def _number(text: str, default: int) -> int:
    return int(text) if text.isdigit() else default


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _media_count(world: World, project: str) -> int:
    return sum(media.project == project and not media.deleted for media in world.medias)
