"""Upsales' REST API v2 and its public form endpoint: https://api.upsales.com"""

from __future__ import annotations

from collections.abc import Mapping
from http.cookies import SimpleCookie
from typing import Any

from .crm import Row
from .server import Call, Reply, json_reply, text_reply
from .tenant import Tenant
from .traffic import Allowance
from .upsales_events import Refused, found_events, new_event
from .upsales_forms import changed_form, new_form, process_due, submit
from .upsales_lists import Filter, NoSuchAttribute, listed, matching, plain_filters, query_filters
from .vendor import Handler, VendorServer

API = "/api/v2"
WITHOUT_HEADERS = frozenset({"events", "create_event", "delete_event", "form_submit"})
"""About a third of the recorded answers, all of /events among them, tell no limits."""


class Upsales(VendorServer):
    """The server at integration.upsales.com and power.upsales.com."""

    name = "upsales"

    def handlers(self) -> dict[str, tuple[str, str, Handler]]:
        return {
            "self": ("GET", f"{API}/self", self._self),
            "todo_types": ("GET", f"{API}/todoTypes", self._todo_types),
            "contacts": ("GET", f"{API}/contacts", self._contacts),
            "accounts": ("GET", f"{API}/accounts", self._accounts),
            "users": ("GET", f"{API}/users", self._users),
            "events": ("GET", f"{API}/events", self._events),
            "create_event": ("POST", f"{API}/events", self._create_event),
            "delete_event": ("DELETE", f"{API}/events/<int:number>", self._delete_event),
            "forms": ("GET", f"{API}/forms", self._forms),
            "create_form": ("POST", f"{API}/forms", self._create_form),
            "form": ("GET", f"{API}/forms/<int:number>", self._form),
            "update_form": ("PUT", f"{API}/forms/<int:number>", self._update_form),
            "form_submits": ("GET", f"{API}/formSubmits", self._form_submits),
            "form_submit": ("POST", "/api/external/formSubmit", self._form_submit),
        }

    def token_of(self, call: Call) -> str:
        return _cookie(call) or call.first("token")

    def is_public(self, operation: str) -> bool:
        return operation == "form_submit"

    def public_tenant(self, call: Call) -> Tenant | None:
        wanted = call.form().get("formCid", "")
        return next((t for t in self.tenants.values() if str(t.id) == wanted), None)

    def refusal(self, tenant: Tenant | None, call: Call, operation: str) -> Reply | None:
        if tenant is None or tenant.switches.key_refused:
            return self.unauthorized("", tenant)
        used = "cookie" if _cookie(call) else "query"
        accepted = tenant.switches.upsales_auth in ("both", used)
        return None if accepted else self.unauthorized("", tenant)

    def unauthorized(self, code: str, tenant: Tenant | None) -> Reply:
        return text_reply("Unauthorized", 401)

    def failure(self, status: int, message: str = "") -> Reply:
        if status in (502, 503, 504):
            return Reply(status, b"<html><body>Bad Gateway</body></html>", "text/html")
        names = {400: ("FailedValidation", 26), 500: ("ServerError", 3), 404: ("NotFound", 5)}
        key, number = names.get(status, ("Forbidden", 100))
        error = {"key": key, "code": status, "errorCode": number, "msg": message or "Server error"}
        return json_reply({"error": error, "metadata": None}, status)

    def too_many(self, wait: float) -> Reply:
        error = {"key": "ThrottleLimit", "code": 429, "errorCode": 4, "msg": "Too many requests"}
        reset = str(max(1, round(wait)))
        limits = {"X-RateLimit-Limit": "200", "X-RateLimit-Remaining": "0"}
        headers = {**limits, "X-RateLimit-Reset": reset}
        return json_reply({"error": error, "metadata": None}, 429, headers)

    def allowed_headers(self, operation: str, allowance: Allowance) -> dict[str, str]:
        if operation in WITHOUT_HEADERS or not allowance.limit:
            return {}
        # Seen live: the window is over and the header says so, in negative seconds.
        reset = -2 if allowance.remaining % 3 == 0 else round(allowance.reset)
        return {
            "X-RateLimit-Limit": str(allowance.limit),
            "X-RateLimit-Remaining": str(allowance.remaining),
            "X-RateLimit-Reset": str(reset),
        }

    def _self(
        self, tenant: Tenant, call: Call, values: Mapping[str, Any], faults: frozenset[str]
    ) -> Reply:
        key = tenant.crm.api_user()
        forms = tenant.switches.forms_feature
        client = {"id": tenant.id, "name": f"Sandbox {tenant.id}", "userId": key["id"]}
        data = {
            "id": 70_000 + tenant.id,  # a master id: valid nowhere inside the account
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

    def _todo_types(
        self, tenant: Tenant, call: Call, values: Mapping[str, Any], faults: frozenset[str]
    ) -> Reply:
        todo = {"id": 10, "name": "Todo", "todoType": 1, "hasOutcome": False}
        phone = {"id": 11, "name": "Phone call", "todoType": 2, "hasOutcome": True}
        return json_reply({"TODO": todo, "PHONE_CALL": phone})

    def _contacts(
        self, tenant: Tenant, call: Call, values: Mapping[str, Any], faults: frozenset[str]
    ) -> Reply:
        process_due(tenant)
        rows = list(tenant.crm.contacts.values())
        filters = plain_filters(call)
        contains = [f for f in filters if f.comparator == "src"]
        switch = tenant.switches.contains_search
        if contains and switch == "refused":
            return self.failure(400, "Unknown comparator: src")
        if contains and switch == "ignored":
            filters = [f for f in filters if f.comparator != "src"]
        if contains and switch == "nothing" or "finds_nothing" in faults:
            rows = []
        if "ignore_filter" in faults:
            filters = []
        return self._list(rows, call, filters)

    def _accounts(
        self, tenant: Tenant, call: Call, values: Mapping[str, Any], faults: frozenset[str]
    ) -> Reply:
        return self._list(list(tenant.crm.companies.values()), call, plain_filters(call))

    def _users(
        self, tenant: Tenant, call: Call, values: Mapping[str, Any], faults: frozenset[str]
    ) -> Reply:
        return self._list(list(tenant.crm.users.values()), call, plain_filters(call))

    def _events(
        self, tenant: Tenant, call: Call, values: Mapping[str, Any], faults: frozenset[str]
    ) -> Reply:
        try:
            rows = found_events(tenant, query_filters(call), faults)
        except LookupError:
            return self.failure(500)
        return json_reply(listed(rows, call))

    def _create_event(
        self, tenant: Tenant, call: Call, values: Mapping[str, Any], faults: frozenset[str]
    ) -> Reply:
        try:
            return _single(new_event(tenant, call.json()))
        except ValueError as error:
            return self.failure(400, str(error))

    def _delete_event(
        self, tenant: Tenant, call: Call, values: Mapping[str, Any], faults: frozenset[str]
    ) -> Reply:
        if tenant.crm.events.pop(values["number"], None) is None:
            return self.failure(404, "Not found")
        return json_reply({"error": None})

    def _forms(
        self, tenant: Tenant, call: Call, values: Mapping[str, Any], faults: frozenset[str]
    ) -> Reply:
        return self._list(list(tenant.crm.forms.values()), call, plain_filters(call))

    def _form(
        self, tenant: Tenant, call: Call, values: Mapping[str, Any], faults: frozenset[str]
    ) -> Reply:
        form = tenant.crm.forms.get(values["number"])
        return _single(form) if form else self.failure(404, "Not found")

    def _create_form(
        self, tenant: Tenant, call: Call, values: Mapping[str, Any], faults: frozenset[str]
    ) -> Reply:
        try:
            return _single(new_form(tenant, call.json()))
        except ValueError as error:
            return self.failure(400, str(error))

    def _update_form(
        self, tenant: Tenant, call: Call, values: Mapping[str, Any], faults: frozenset[str]
    ) -> Reply:
        form = tenant.crm.forms.get(values["number"])
        if form is None:
            return self.failure(404, "Not found")
        try:
            return _single(changed_form(tenant, form, call.json()))
        except ValueError as error:
            return self.failure(400, str(error))

    def _form_submits(
        self, tenant: Tenant, call: Call, values: Mapping[str, Any], faults: frozenset[str]
    ) -> Reply:
        if not tenant.switches.may_read_submits:
            return self.failure(403, "Not allowed")
        process_due(tenant)
        rows = list(tenant.crm.submits.values()) if "finds_nothing" not in faults else []
        filters = plain_filters(call) if "ignore_filter" not in faults else []
        return self._list(rows, call, filters)

    def _form_submit(
        self, tenant: Tenant, call: Call, values: Mapping[str, Any], faults: frozenset[str]
    ) -> Reply:
        fields = call.form()
        form = tenant.crm.form_by_uuid(fields.get("formId", ""))
        if form is None:
            return text_reply("Bad Request", 400)
        try:
            token = submit(tenant, form, fields)
        except Refused:
            return text_reply("Bad Request", 400)
        if fields.get("isAjax") != "true":
            return Reply(302, headers={"Location": "/thank-you?valid=true"})
        return text_reply(token, 200)

    def _list(self, rows: list[Row], call: Call, filters: list[Filter]) -> Reply:
        try:
            return json_reply(listed(matching(rows, filters), call))
        except NoSuchAttribute as error:
            return self.failure(400, str(error))


def _single(row: Row) -> Reply:
    return json_reply({"error": None, "data": row})


def _cookie(call: Call) -> str:
    jar: SimpleCookie = SimpleCookie(call.headers.get("cookie", ""))
    return jar["token"].value if "token" in jar else ""
