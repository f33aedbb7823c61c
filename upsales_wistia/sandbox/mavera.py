"""Mavera's API as its reference describes it, and as its guides and older pages do on request.

https://docs.mavera.io/api-reference/introduction
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from .mavera_desk import Asked, Desk
from .mavera_store import Store
from .mavera_work import COSTS, WORK, Job, RefusedError, in_older_shape, label_of
from .server import Call, Reply, html_reply, json_reply
from .tenant import Tenant
from .traffic import Allowance
from .vendor import Ask, Handler, Surroundings, VendorServer

PREFIX = "/api/v1"
_TYPES = {401: "authentication_error", 402: "insufficient_credits", 429: "rate_limit_error"}
_CODES = {
    401: "invalid_api_key",
    402: "credits_exhausted",
    403: "forbidden",
    404: "resource_not_found",
    429: "rate_limit_exceeded",
    503: "service_unavailable",
}


class Mavera(VendorServer):
    """The server at app.mavera.io. ``store`` is where uploads go."""

    name = "mavera"

    def __init__(self, surroundings: Surroundings, store: Store) -> None:
        self._store = store
        super().__init__(surroundings)

    def handlers(self) -> dict[str, tuple[str, str, Handler]]:
        """The routes of this server."""
        return {
            "usage": ("GET", "/usage", self._usage),
            "workspaces": ("GET", "/workspaces", self._listing),
            "personas": ("GET", "/personas", self._listing),
            "generation_apps": ("GET", "/generation-apps", self._listing),
            "threads": ("GET", "/mave/threads", self._listing),
            "thread": ("GET", "/mave/threads/<key>", self._thread),
            "delete_thread": ("DELETE", "/mave/threads/<key>", self._delete),
            "groups": ("GET", "/focus-groups", self._listing),
            "group": ("GET", "/focus-groups/<key>", self._group),
            "voices": ("GET", "/brand-voices", self._listing),
            "voice": ("GET", "/brand-voices/<key>", self._voice),
            "generations": ("GET", "/generations", self._listing),
            "generation": ("GET", "/generations/<key>", self._generation),
            "delete_generation": ("DELETE", "/generations/<key>", self._delete),
            "upload_url": ("POST", "/files/upload-url", self._upload_url),
            "files": ("GET", "/files", self._listing),
            "create_file": ("POST", "/files", self._create_file),
            "delete_file": ("DELETE", "/files/<key>", self._delete),
            "respond": ("POST", "/responses", self._paid),
            "complete": ("POST", "/chat/completions", self._paid),
            "ask_mave": ("POST", "/mave/chat", self._paid),
            "create_persona": ("POST", "/personas", self._paid),
            "create_group": ("POST", "/focus-groups", self._paid),
            "create_voice": ("POST", "/brand-voices", self._paid),
            "generate": ("POST", "/generations", self._paid),
        }

    def answer(self, call: Call) -> Reply:
        """Answer one request below ``/api/v1``."""
        if not call.path.startswith(f"{PREFIX}/"):
            return html_reply("Cannot find that", 404)
        path = call.path.removeprefix(PREFIX)
        tenant = self.tenants.get(self.token_of(call))
        if tenant is not None and call.body:
            with tenant.lock:
                tenant.desk.asked.append(Asked(f"{call.method} {path}", _read(call)))
        bare = Call(call.method, path, call.query, call.headers, call.body, call.base_url)
        return super().answer(bare)

    def token_of(self, call: Call) -> str:
        """The Bearer key."""
        scheme, _, key = call.headers.get("authorization", "").partition(" ")
        return key.strip() if scheme.lower() == "bearer" else ""

    def is_public(self, operation: str) -> bool:
        """Nothing is."""
        return False

    def public_tenant(self, call: Call) -> Tenant | None:
        """Nobody."""
        return None

    def refusal(self, tenant: Tenant | None, _call: Call, _operation: str) -> Reply | None:
        """401 without a good key."""
        if tenant is None or tenant.switches.mavera_refused:
            return self.unauthorized("", tenant)
        return None

    def unauthorized(self, code: str, tenant: Tenant | None) -> Reply:
        """401 in JSON."""
        revoked = "revoked_api_key" if code else "invalid_api_key"
        return _error(401, revoked, "The API key is not valid.")

    def failure(self, status: int, message: str = "") -> Reply:
        """JSON; HTML from the gateway."""
        if status in (502, 504):
            return html_reply("Bad gateway", status)
        code = _CODES.get(status, "internal_error" if status >= 500 else "invalid_field")
        return _error(status, message or code, "Something is wrong.")

    def too_many(self, wait: float) -> Reply:
        """429 with ``Retry-After`` in seconds."""
        told = {"Retry-After": str(max(1, round(wait)))}
        return _error(429, _CODES[429], "Too many requests.", headers=told)

    def allowed_headers(self, _operation: str, allowance: Allowance) -> dict[str, str]:
        """What is left of this minute; the reset is a Unix time."""
        if not allowance.limit:
            return {}
        return {
            "X-RateLimit-Limit": str(allowance.limit),
            "X-RateLimit-Remaining": str(allowance.remaining),
            "X-RateLimit-Reset": str(round(time.time() + allowance.reset)),
        }

    def _usage(self, ask: Ask) -> Reply:
        desk = ask.tenant.desk
        spent = {"used": desk.used, "included": desk.included, "remaining": desk.remaining}
        share = round(100 * desk.used / desk.included, 1) if desk.included else 100.0
        limit = self.around.limits.mavera_per_minute or 600
        document = {
            "object": "usage",
            "billing_period": {"start": "2026-11-01T00:00:00Z", "end": "2026-12-01T00:00:00Z"},
            "credits": {**spent, "percentage_used": share},
            "rate_limit": {"requests_per_minute": limit},
            "auto_recharge": {"enabled": desk.auto_recharge},
            "limits": {"budget_alert": None, "usage_limit": desk.usage_limit},
        }
        return json_reply(document)

    def _listing(self, ask: Ask) -> Reply:
        """A list, newest first where things are made; in one of the two ways of paging."""
        desk, older = ask.tenant.desk, ask.tenant.switches.mavera_dialect == "older"
        path = ask.call.path
        made: dict[str, list[dict[str, Any]]] = {
            "/workspaces": desk.workspaces,
            "/personas": desk.personas,
            "/generation-apps": desk.apps,
            "/mave/threads": [_without(t, "messages") for t in desk.threads.values()][::-1],
            "/focus-groups": [_without(g, "results") for g in desk.groups.values()][::-1],
            "/brand-voices": [_told(v) for v in desk.voices.values()][::-1],
            "/generations": list(desk.generations.values())[::-1],
            "/files": list(desk.files.values())[::-1],
        }
        rows = made[path]
        size = min(_number(ask.call.first("limit"), 20 if older else 50), 100)
        start = _number(ask.call.first("offset" if older else "cursor"), 0)
        page, more = rows[start : start + size], len(rows) > start + size
        if older:
            told = {"total": len(rows), "limit": size, "offset": start, "has_more": more}
            return json_reply({"data": page, **told})
        cursor = str(start + size) if more else None
        return json_reply({"object": "list", "data": page, "has_more": more, "next_cursor": cursor})

    def _thread(self, ask: Ask) -> Reply:
        thread = ask.tenant.desk.threads.get(ask.values["key"])
        return json_reply(thread) if thread else self.failure(404)

    def _generation(self, ask: Ask) -> Reply:
        made = ask.tenant.desk.generations.get(ask.values["key"])
        return json_reply(made) if made else self.failure(404)

    def _group(self, ask: Ask) -> Reply:
        group = ask.tenant.desk.groups.get(ask.values["key"])
        if group is None:
            return self.failure(404)
        if self._runs_on(ask):
            return json_reply(_without({**group, "status": "PROCESSING"}, "results"))
        if "fails" in ask.faults:
            failed = {**group, "status": "failed", "error": "Nobody came."}
            return json_reply(_without(failed, "results"))
        done = "COMPLETED" if ask.tenant.switches.mavera_dialect == "older" else "completed"
        group["status"] = done
        return json_reply(group)

    def _voice(self, ask: Ask) -> Reply:
        voice = ask.tenant.desk.voices.get(ask.values["key"])
        if voice is None:
            return self.failure(404)
        if self._runs_on(ask):
            return json_reply(_told({**voice, "status": "generating"}))
        if "fails" in ask.faults:
            return json_reply(_told({**voice, "status": "failed", "error": "Unreadable."}))
        voice |= voice.get("done", {})
        if ask.tenant.switches.mavera_dialect == "older" and voice["status"] == "completed":
            return json_reply(_flat({**_told(voice), "status": "READY"}))
        return json_reply(_told(voice))

    def _runs_on(self, ask: Ask) -> bool:
        return "never_done" in ask.faults or ask.tenant.desk.still_running(ask.values["key"])

    def _upload_url(self, ask: Ask) -> Reply:
        body = _read(ask.call)
        wanted = ("file_name", "file_type", "file_size", "workspace_id")
        lacking = next((name for name in wanted if not _has(body, name)), None)
        if lacking:
            return _error(400, "missing_field", f"{lacking} is missing", param=lacking)
        return json_reply(self._store.place(ask.tenant.desk, body["file_name"], body["file_type"]))

    def _create_file(self, ask: Ask) -> Reply:
        body, desk = _read(ask.call), ask.tenant.desk
        wanted = ("name", "type", "url", "workspace_id", "file_size")
        lacking = next((name for name in wanted if not _has(body, name)), None)
        if lacking or self._store.key_of(str(body["url"])) not in desk.stored:
            return _error(400, "invalid_field", "No such upload", param=lacking or "url")
        told = {name: body[name] for name in ("name", "url", "type", "workspace_id")}
        made = {"id": desk.number("file"), "object": "file", **told, "size": body["file_size"]}
        desk.files[made["id"]] = made
        return json_reply(made, 201)

    def _delete(self, ask: Ask) -> Reply:
        desk = ask.tenant.desk
        if not ask.tenant.switches.mavera_deletes:
            return self.failure(405)
        kept = {"files": desk.files, "mave": desk.threads, "generations": desk.generations}
        gone = kept[ask.call.path.split("/")[1]].pop(ask.values["key"], None)
        if gone is None:
            return self.failure(404)
        desk.stored.pop(self._store.key_of(str(gone.get("url"))), None)
        return Reply(204)

    def _paid(self, ask: Ask) -> Reply:
        """Work for credits: refused, or charged once and done."""
        operation = self._operation_of(ask.call)
        desk, body = ask.tenant.desk, _read(ask.call)
        if not isinstance(body, dict):
            return _error(400, "invalid_field", "The body is no object.")
        short = desk.can_pay(COSTS[operation])
        if short:
            return _error(402, short, "No credits are left.")
        job = Job(desk, body, *_now(ask.tenant), ask.faults, self._stored(desk))
        try:
            document = WORK[operation](job)
        except RefusedError as refused:
            said = f"{refused.param or 'The body'} is not right."
            return _error(refused.status, refused.code, said, param=refused.param or None)
        desk.charge(operation, label_of(operation, body), COSTS[operation])
        if operation == "respond" and ask.tenant.switches.mavera_dialect == "older":
            document = in_older_shape(document["output"][0]["content"][0]["text"], job)
        return json_reply(document, 201 if operation.startswith("create") else 200)

    def _operation_of(self, call: Call) -> str:
        return next(
            operation
            for operation, (method, path, _) in self.handlers().items()
            if (method, path) == (call.method, call.path)
        )

    def _stored(self, desk: Desk) -> Any:
        return lambda url: desk.stored.get(self._store.key_of(url))


def _read(call: Call) -> Any:
    try:
        return call.json()
    except ValueError:
        return call.body.decode("utf-8", "replace")


def _has(body: Any, name: str) -> bool:
    return isinstance(body, dict) and bool(body.get(name))


def _error(
    status: int,
    code: str,
    message: str,
    *,
    param: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> Reply:
    kind = _TYPES.get(status, "invalid_request_error" if status < 500 else "api_error")
    error = {"message": message, "type": kind, "code": code, "param": param}
    return json_reply({"error": error}, status, headers)


def _now(tenant: Tenant) -> tuple[str, int]:
    now = tenant.world.now
    return now.isoformat(), int(now.timestamp())


def _without(row: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {key: value for key, value in row.items() if key not in names}


def _told(voice: Mapping[str, Any]) -> dict[str, Any]:
    return _without(voice, "done")


def _flat(voice: Mapping[str, Any]) -> dict[str, Any]:
    """A voice as an older summary names its parts."""
    flat = _without(voice, "tone", "writing_style", "vocabulary")
    flat |= {f"tone_{key}": value for key, value in voice["tone"].items()}
    return {**flat, **voice["writing_style"], **voice["vocabulary"]}


def _number(text: str, default: int) -> int:
    return int(text) if text.isdigit() else default
