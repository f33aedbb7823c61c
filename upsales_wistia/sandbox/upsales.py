"""Upsales' REST API v2 and its public form endpoint (https://api.upsales.com)."""

from __future__ import annotations

from http.cookies import SimpleCookie

from .crm import Row
from .server import Call, Reply, json_reply, text_reply
from .tenant import Tenant
from .traffic import Allowance
from .upsales_events import RefusedError, found_events, new_event
from .upsales_forms import changed_form, new_form, process_due, submit
from .upsales_lists import (
    Filter,
    NoSuchAttributeError,
    listed,
    matching,
    plain_filters,
    query_filters,
)
from .upsales_todos import new_todo
from .vendor import Ask, Handler, VendorServer

API = "/api/v2"
WITHOUT_HEADERS = frozenset({"events", "create_event", "delete_event", "form_submit"})
"""About a third of the recorded answers, all of /events among them, tell no limits."""


class Upsales(VendorServer):
    """The server at integration.upsales.com and power.upsales.com."""

    name = "upsales"

    def handlers(self) -> dict[str, tuple[str, str, Handler]]:
        """The routes of this server."""
        return {
            "self": ("GET", f"{API}/self", self._self),
            "todo_types": ("GET", f"{API}/todoTypes", self._todo_types),
            "contacts": ("GET", f"{API}/contacts", self._contacts),
            "accounts": ("GET", f"{API}/accounts", self._accounts),
            "users": ("GET", f"{API}/users", self._users),
            "events": ("GET", f"{API}/events", self._events),
            "create_event": ("POST", f"{API}/events", self._create_event),
            "delete_event": ("DELETE", f"{API}/events/<int:number>", self._delete_event),
            "create_todo": ("POST", f"{API}/activities", self._create_todo),
            "forms": ("GET", f"{API}/forms", self._forms),
            "create_form": ("POST", f"{API}/forms", self._create_form),
            "form": ("GET", f"{API}/forms/<int:number>", self._form),
            "update_form": ("PUT", f"{API}/forms/<int:number>", self._update_form),
            "form_submits": ("GET", f"{API}/formSubmits", self._form_submits),
            "form_submit": ("POST", "/api/external/formSubmit", self._form_submit),
            "app_hook": ("POST", "/api/external/appHook", self._app_hook),
            "callback": ("POST", "/api/external/callback/<int:customer>", self._callback),
        }

    def token_of(self, call: Call) -> str:
        """The key of the cookie, or of the query."""
        return _cookie(call) or call.first("token")

    def is_public(self, operation: str) -> bool:
        """The form endpoint is for visitors of web pages, the others prove themselves otherwise."""
        return operation in ("form_submit", "app_hook", "callback")

    def public_tenant(self, call: Call) -> Tenant | None:
        """The customer a form, a hook or a callback says it is of."""
        wanted = call.first("customerId") or call.form().get("formCid", "")
        wanted = wanted or call.path.rpartition("/callback/")[2]
        return next((t for t in self.tenants.values() if str(t.id) == wanted), None)

    def refusal(self, tenant: Tenant | None, call: Call, _operation: str) -> Reply | None:
        """401 without a good key, or with one sent another way than accepted."""
        if tenant is None or tenant.switches.key_refused:
            return self.unauthorized("", tenant)
        used = "cookie" if _cookie(call) else "query"
        accepted = tenant.switches.upsales_auth in ("both", used)
        return None if accepted else self.unauthorized("", tenant)

    def unauthorized(self, _code: str, _tenant: Tenant | None) -> Reply:
        """401 in plain text."""
        return text_reply("Unauthorized", 401)

    def failure(self, status: int, message: str = "") -> Reply:
        """The error envelope, but HTML from the proxy."""
        if status in (502, 503, 504):
            return Reply(status, b"<html><body>Bad Gateway</body></html>", "text/html")
        names = {400: ("FailedValidation", 26), 500: ("ServerError", 3), 404: ("NotFound", 5)}
        key, number = names.get(status, ("Forbidden", 100))
        error = {"key": key, "code": status, "errorCode": number, "msg": message or "Server error"}
        return json_reply({"error": error, "metadata": None}, status)

    def too_many(self, wait: float) -> Reply:
        """429 in the error envelope, with rate headers and no ``Retry-After``."""
        error = {"key": "ThrottleLimit", "code": 429, "errorCode": 4, "msg": "Too many requests"}
        reset = str(max(1, round(wait)))
        limits = {"X-RateLimit-Limit": "200", "X-RateLimit-Remaining": "0"}
        headers = {**limits, "X-RateLimit-Reset": reset}
        return json_reply({"error": error, "metadata": None}, 429, headers)

    def allowed_headers(self, operation: str, allowance: Allowance) -> dict[str, str]:
        """Hints that are missing on some answers and odd on others."""
        if operation in WITHOUT_HEADERS or not allowance.limit:
            return {}
        # Seen live: the window is over and the header says so, in negative seconds.
        reset = -2 if allowance.remaining % 3 == 0 else round(allowance.reset)
        return {
            "X-RateLimit-Limit": str(allowance.limit),
            "X-RateLimit-Remaining": str(allowance.remaining),
            "X-RateLimit-Reset": str(reset),
        }

    def _self(self, ask: Ask) -> Reply:
        key = ask.tenant.crm.api_user()
        forms = ask.tenant.switches.forms_feature
        client = {"id": ask.tenant.id, "name": f"Sandbox {ask.tenant.id}", "userId": key["id"]}
        data = {
            "id": 70_000 + ask.tenant.id,  # a master id: valid nowhere inside the account
            "name": key["name"],
            "email": key["email"],
            "language": "sv-SE",
            "version": "Enterprise",
            "client": client,
            "clients": [client],
            "products": {"ma": True, "crm": True},
            "features": {} if forms is None else {"forms": forms},
        }
        return json_reply({"errors": None, "data": data})

    def _todo_types(self, _ask: Ask) -> Reply:
        todo = {"id": 10, "name": "Todo", "todoType": 1, "hasOutcome": False}
        phone = {"id": 11, "name": "Phone call", "todoType": 2, "hasOutcome": True}
        return json_reply({"TODO": todo, "PHONE_CALL": phone})

    def _contacts(self, ask: Ask) -> Reply:
        process_due(ask.tenant)
        rows = list(ask.tenant.crm.contacts.values())
        filters = plain_filters(ask.call)
        contains = [f for f in filters if f.comparator == "src"]
        several = [f for f in filters if f.attribute == "email" and len(f.values) > 1]
        switches = ask.tenant.switches
        if contains and switches.contains_search == "refused":
            return self.failure(400, "Unknown comparator: src")
        if several and switches.several_emails == "refused":
            return self.failure(400, "Too many values: email")
        if contains and switches.contains_search == "ignored":
            filters = [f for f in filters if f not in contains]
        if several and switches.several_emails == "ignored":
            filters = [f for f in filters if f not in several]
        nothing = contains and switches.contains_search == "nothing"
        nothing = nothing or (several and switches.several_emails == "literal")
        if nothing or "finds_nothing" in ask.faults:
            rows = []
        if "ignore_filter" in ask.faults:
            filters = []
        return self._list(rows, ask.call, filters)

    def _accounts(self, ask: Ask) -> Reply:
        return self._list(
            list(ask.tenant.crm.companies.values()), ask.call, plain_filters(ask.call)
        )

    def _users(self, ask: Ask) -> Reply:
        return self._list(list(ask.tenant.crm.users.values()), ask.call, plain_filters(ask.call))

    def _events(self, ask: Ask) -> Reply:
        try:
            rows = found_events(ask.tenant, query_filters(ask.call), ask.faults)
        except LookupError:
            return self.failure(500)
        return json_reply(listed(rows, ask.call))

    def _create_event(self, ask: Ask) -> Reply:
        try:
            return _single(new_event(ask.tenant, ask.call.json()))
        except ValueError as error:
            return self.failure(400, str(error))

    def _delete_event(self, ask: Ask) -> Reply:
        if ask.tenant.crm.events.pop(ask.values["number"], None) is None:
            return self.failure(404, "Not found")
        return json_reply({"error": None})

    def _create_todo(self, ask: Ask) -> Reply:
        try:
            return _single(new_todo(ask.tenant, ask.call.json()))
        except ValueError as error:
            return self.failure(400, str(error))

    def _forms(self, ask: Ask) -> Reply:
        return self._list(list(ask.tenant.crm.forms.values()), ask.call, plain_filters(ask.call))

    def _form(self, ask: Ask) -> Reply:
        form = ask.tenant.crm.forms.get(ask.values["number"])
        return _single(form) if form else self.failure(404, "Not found")

    def _create_form(self, ask: Ask) -> Reply:
        try:
            return _single(new_form(ask.tenant, ask.call.json()))
        except ValueError as error:
            return self.failure(400, str(error))

    def _update_form(self, ask: Ask) -> Reply:
        form = ask.tenant.crm.forms.get(ask.values["number"])
        if form is None:
            return self.failure(404, "Not found")
        try:
            return _single(changed_form(ask.tenant, form, ask.call.json()))
        except ValueError as error:
            return self.failure(400, str(error))

    def _form_submits(self, ask: Ask) -> Reply:
        if not ask.tenant.switches.may_read_submits:
            return self.failure(403, "Not allowed")
        process_due(ask.tenant)
        rows = list(ask.tenant.crm.submits.values()) if "finds_nothing" not in ask.faults else []
        filters = plain_filters(ask.call) if "ignore_filter" not in ask.faults else []
        return self._list(rows, ask.call, filters)

    def _form_submit(self, ask: Ask) -> Reply:
        fields = ask.call.form()
        form = ask.tenant.crm.form_by_uuid(fields.get("formId", ""))
        if form is None:
            return text_reply("Bad Request", 400)
        try:
            token = submit(ask.tenant, form, fields)
        except RefusedError:
            return text_reply("Bad Request", 400)
        if fields.get("isAjax") != "true":
            return Reply(302, headers={"Location": "/thank-you?valid=true"})
        return text_reply(token, 200)

    def _app_hook(self, ask: Ask) -> Reply:
        platform, call = self.around.platform, ask.call
        proved = call.first("authenticationKey") == platform.app_key
        if not proved or call.first("appId") != str(platform.app_id):
            return text_reply("Unauthorized", 401)
        active = platform.hooked(ask.tenant, call.json() or {})
        return json_reply({}) if active else text_reply("Bad Request", 400)

    def _callback(self, ask: Ask) -> Reply:
        self.around.platform.called_back(ask.tenant.id, ask.call.json() or {})
        return json_reply({})

    def _list(self, rows: list[Row], call: Call, filters: list[Filter]) -> Reply:
        try:
            return json_reply(listed(matching(rows, filters), call))
        except NoSuchAttributeError as error:
            return self.failure(400, str(error))


def _single(row: Row) -> Reply:
    return json_reply({"error": None, "data": row})


def _cookie(call: Call) -> str:
    jar: SimpleCookie = SimpleCookie(call.headers.get("cookie", ""))
    return jar["token"].value if "token" in jar else ""
