"""Wistia's Data and Stats API v1, as its documentation and those who watched it describe."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from .facts import Media, View
from .server import Call, Reply, html_reply, json_reply, text_reply
from .tenant import Tenant
from .traffic import Allowance
from .vendor import Ask, Handler, VendorServer
from .wistia_rows import event_row, heat_map, media_row, project_row, visitor_row
from .world import World

_SWEDEN = ZoneInfo("Europe/Stockholm")
SCOPES = {
    "events": "stats:read",
    "event": "stats:read",
    "visitors": "stats:read",
    "visitor": "stats:read",
    "medias": "media:read",
    "media": "media:read",
    "media_stats": "stats:read",
    "engagement": "stats:read",
    "captions": "media:read",
    "customizations": "media:read",
    "projects": "media:read",
    "project": "media:read",
}


class Wistia(VendorServer):
    """The server at api.wistia.com."""

    name = "wistia"

    def handlers(self) -> dict[str, tuple[str, str, Handler]]:
        """The routes of this server."""
        routes: dict[str, tuple[str, Handler]] = {
            "events": ("/v1/stats/events", self._events),
            "event": ("/v1/stats/events/<key>", self._event),
            "heatmap": ("/v1/stats/events/<key>/iframe.html", self._heat_map),
            "visitors": ("/v1/stats/visitors", self._visitors),
            "visitor": ("/v1/stats/visitors/<key>", self._visitor),
            "medias": ("/v1/medias", self._medias),
            "media": ("/v1/medias/<key>", self._media),
            "media_stats": ("/v1/stats/medias/<key>", self._media_stats),
            "engagement": ("/v1/stats/medias/<key>/engagement", self._engagement),
            "captions": ("/v1/medias/<key>/captions", self._captions),
            "customizations": ("/v1/medias/<key>/customizations", self._customizations),
            "projects": ("/v1/projects", self._projects),
            "project": ("/v1/projects/<key>", self._project),
            "account": ("/v1/account", self._account),
            "token": ("/modern/token", self._token),
        }
        return {name: ("GET", path, handler) for name, (path, handler) in routes.items()}

    def answer(self, call: Call) -> Reply:
        """Answer one request; v1 takes paths with and without ``.json``."""
        bare = call.path.removesuffix(".json") if call.path.startswith("/v1/") else call.path
        return super().answer(
            Call(call.method, bare, call.query, call.headers, call.body, call.base_url)
        )

    def token_of(self, call: Call) -> str:
        """The Bearer token; nothing else is accepted any more."""
        scheme, _, token = call.headers.get("authorization", "").partition(" ")
        return token.strip() if scheme.lower() == "bearer" else ""

    def is_public(self, operation: str) -> bool:
        """The heat map is for anonymous browsers."""
        return operation == "heatmap"

    def public_tenant(self, call: Call) -> Tenant | None:
        """The customer of a public token."""
        wanted = call.first("public_token")
        return next((t for t in self.tenants.values() if t.public_token == wanted), None)

    def refusal(self, tenant: Tenant | None, _call: Call, operation: str) -> Reply | None:
        """401 without a good token, or without the permission."""
        if tenant is None or tenant.switches.revoked:
            return self.unauthorized("unauthorized_credentials", tenant)
        needed = SCOPES.get(operation)
        if needed and not {needed, "all:read", "all:all"} & set(tenant.switches.wistia_scopes):
            return self.unauthorized("unauthorized_scope", tenant)
        return None

    def unauthorized(self, code: str, tenant: Tenant | None) -> Reply:
        """401 in JSON; v1 leaves ``code`` out at times."""
        body = {"code": code, "error": "Invalid credentials."}
        if tenant is not None and not tenant.switches.code_in_401:
            del body["code"]
        return json_reply(body, 401)

    def failure(self, status: int, message: str = "") -> Reply:
        """JSON, but HTML from the proxy and nothing at all for 404."""
        if status in (502, 503, 504):
            return html_reply("upstream connect error", status)
        if status == 404:
            return Reply(404)
        return json_reply({"error": message or "Internal server error"}, status)

    def too_many(self, wait: float) -> Reply:
        """429 in plain text, with ``Retry-After``."""
        return text_reply("Rate limit exceeded", 429, {"Retry-After": str(max(1, round(wait)))})

    def allowed_headers(self, _operation: str, _allowance: Allowance) -> dict[str, str]:
        """None: Wistia sends no such headers."""
        return {}

    def _events(self, ask: Ask) -> Reply:
        if "insert" in ask.faults:
            ask.tenant.world.insert_one()
        try:
            end = _day(ask.call.first("end_date"))
            filtered = "ignore_filter" not in ask.faults
            views = _listing(ask.tenant, ask.call, filtered=filtered)
        except ValueError:
            return json_reply({"error": "Invalid date"}, 422)
        future = end is not None and end > ask.tenant.world.now.date()
        if future and ask.tenant.switches.future_end_refused:
            return json_reply({"error": "end_date can not be in the future"}, 422)
        if "duplicate" in ask.faults:
            views = [*views[:1], *views]
        page = [] if "finds_nothing" in ask.faults else _page(views, ask)
        return json_reply([self._row(ask.tenant, ask.call, view) for view in page])

    def _event(self, ask: Ask) -> Reply:
        view = ask.tenant.world.view(ask.values["key"])
        return json_reply(self._row(ask.tenant, ask.call, view)) if view else Reply(404)

    def _heat_map(self, ask: Ask) -> Reply:
        view = ask.tenant.world.view(ask.values["key"])
        if view is None:
            return html_reply("Not found", 404)
        return Reply(200, heat_map(view).encode(), "text/html; charset=utf-8")

    def _visitors(self, ask: Ask) -> Reply:
        by_visitor: dict[str, list[View]] = {}
        for view in ask.tenant.world.listing():
            by_visitor.setdefault(view.visitor_key, []).append(view)
        rows = [visitor_row(key, views, listed=True) for key, views in by_visitor.items()]
        if ask.call.first("filter") in ("has_email", "identified_by_email_gate"):
            rows = [row for row in rows if row["visitor_identity"]["email"]]
        if search := ask.call.first("search"):
            rows = [row for row in rows if search in str(row["visitor_identity"])]
        return json_reply(list(_page(rows, ask)))

    def _visitor(self, ask: Ask) -> Reply:
        views = ask.tenant.world.listing(visitor_key=ask.values["key"])
        if not views:
            return Reply(404)
        return json_reply(visitor_row(ask.values["key"], views, listed=False))

    def _medias(self, ask: Ask) -> Reply:
        world = ask.tenant.world
        wanted = set(ask.call.every("hashed_ids[]")) | set(ask.call.every("hashed_id"))
        medias = [
            media
            for media in world.medias
            if not media.deleted
            and (not wanted or media.hashed_id in wanted or "ignore_filter" in ask.faults)
            and ask.call.first("project_id") in ("", media.project)
            and ask.call.first("name") in ("", media.name)
        ]
        page = _page(medias, ask)
        return json_reply([_media_row(world, media) for media in page])

    def _media(self, ask: Ask) -> Reply:
        media = ask.tenant.world.media(ask.values["key"])
        if media is None or media.deleted:
            return json_reply({"error": "Couldn't find Media"}, 404)
        return json_reply(_media_row(ask.tenant.world, media))

    def _media_stats(self, ask: Ask) -> Reply:
        world, media = ask.tenant.world, _shown_media(ask)
        texts = ask.tenant.switches.action_texts
        return json_reply(world.videos.stats(media.hashed_id, texts=texts)) if media else Reply(404)

    def _engagement(self, ask: Ask) -> Reply:
        world, media = ask.tenant.world, _shown_media(ask)
        return json_reply(world.videos.engagement(media.hashed_id)) if media else Reply(404)

    def _captions(self, ask: Ask) -> Reply:
        world, media = ask.tenant.world, _shown_media(ask)
        return json_reply(world.videos.captions(media.hashed_id)) if media else Reply(404)

    def _customizations(self, ask: Ask) -> Reply:
        world, media = ask.tenant.world, _shown_media(ask)
        if media is None:
            return json_reply({"error": "Couldn't find Media"}, 404)
        return json_reply(world.videos.customizations(media.hashed_id))

    def _projects(self, ask: Ask) -> Reply:
        wanted = set(ask.call.every("hashed_ids[]"))
        world = ask.tenant.world
        projects = [p for p in world.projects if not wanted or p.hashed_id in wanted]
        page = _page(projects, ask)
        return json_reply([project_row(p, _media_count(world, p.hashed_id)) for p in page])

    def _project(self, ask: Ask) -> Reply:
        world = ask.tenant.world
        project = world.project(ask.values["key"])
        if project is None:
            return json_reply({"error": "Couldn't find Project"}, 404)
        medias = [m for m in world.medias if m.project == project.hashed_id and not m.deleted]
        rows = [media_row(media, None, world.videos[media.hashed_id]) for media in medias]
        return json_reply({**project_row(project, len(medias)), "medias": rows})

    def _account(self, ask: Ask) -> Reply:
        world = ask.tenant.world
        counts = {"mediaCount": len(world.medias), "projectCount": len(world.projects)}
        name = {"id": 100_000 + ask.tenant.id, "name": f"Sandbox {ask.tenant.id}"}
        url = "https://sandbox.wistia.com"
        return json_reply({**name, "url": url, **counts, "videoLimit": 0, "channelCount": 0})

    def _token(self, ask: Ask) -> Reply:
        # Absent from the 2026-01 release; without a header the newest one answers.
        if ask.call.headers.get("x-wistia-api-version", "9999") < "2026-03":
            return json_reply({"error": "Not found"}, 404)
        scopes = list(ask.tenant.switches.wistia_scopes)
        kind = {"type": "permanent", "application": None, "expires_at": None}
        return json_reply({**kind, "scopes": scopes, "name": "Upsales"})

    def _row(self, tenant: Tenant, call: Call, view: View) -> dict[str, Any]:
        row = event_row(view, tenant.world, call.base_url, _heat_map_token(tenant))
        if tenant.switches.wistia_times != "utc":
            row["received_at"] = _local_time(view.received_at, tenant)
        return row


def _page(rows: Sequence[Any], ask: Ask) -> Sequence[Any]:
    # 200 or 500 silently give 100; without the parameter stats lists gave 10.
    call, switches = ask.call, ask.tenant.switches
    wanted = max(1, _number(call.first("per_page"), switches.default_page))
    size = min(wanted, switches.largest_page)
    start = (max(1, _number(call.first("page"), 1)) - 1) * size
    return rows[start : start + size]


def _listing(tenant: Tenant, call: Call, *, filtered: bool) -> Sequence[View]:
    """The views the query asks for. Raises ValueError for a day that is none."""
    start, end = _day(call.first("start_date")), _day(call.first("end_date"))
    media_id = call.first("media_id") if filtered else ""
    visitor_key = call.first("visitor_key") if filtered else ""
    zone = tenant.switches.day_zone
    if zone == "UTC":
        return tenant.world.listing(
            start=start, end=end, media_id=media_id, visitor_key=visitor_key
        )
    first, last = start or date.min, end or date.max
    views = tenant.world.listing(media_id=media_id, visitor_key=visitor_key)
    return [v for v in views if first <= v.received_at.astimezone(ZoneInfo(zone)).date() <= last]


def _shown_media(ask: Ask) -> Media | None:
    """The video of the path, by its hashed or its numeric id; None for a deleted one."""
    key = ask.values["key"]
    shown = (media for media in ask.tenant.world.medias if not media.deleted)
    return next((m for m in shown if key in (m.hashed_id, str(m.id))), None)


def _media_row(world: World, media: Media) -> dict[str, Any]:
    return media_row(media, world.project(media.project), world.videos[media.hashed_id])


def _heat_map_token(tenant: Tenant) -> str:
    tokens = {"own": tenant.public_token, "other": "0therp1bl1c", "bare": ""}
    return tokens[tenant.switches.heat_maps]


def _local_time(moment: datetime, tenant: Tenant) -> str:
    local = moment.astimezone(_SWEDEN)
    bare = tenant.switches.wistia_times == "bare"
    return (local.replace(tzinfo=None) if bare else local).isoformat(timespec="milliseconds")


def _number(text: str, default: int) -> int:
    return int(text) if text.isdigit() else default


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _media_count(world: World, project: str) -> int:
    return sum(media.project == project and not media.deleted for media in world.medias)
