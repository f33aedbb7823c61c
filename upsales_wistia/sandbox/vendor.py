"""What the vendors' servers share: routing, counting, limits, latency, faults."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import unquote

from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule

from .faults import AROUND, INSTEAD, Fault, Faults, one_of
from .platform import Platform
from .server import Call, DroppedError, Reply, html_reply, json_reply, text_reply
from .tenant import Tenant
from .traffic import Allowance, Counters, Limits, Recorded, Throttle

SECRET_PARAMETERS = frozenset({"token", "public_token", "authenticationKey"})
"""Left out of what is recorded of a request."""


@dataclass(frozen=True, slots=True)
class Ask:
    """A request that may be answered: whose, which values of the route, which misbehaviours."""

    tenant: Tenant
    call: Call
    values: Mapping[str, Any]
    faults: frozenset[str]


Handler = Callable[[Ask], Reply]


@dataclass
class Surroundings:
    """What one sandbox' servers have in common."""

    faults: Faults = field(default_factory=Faults)
    counters: Counters = field(default_factory=Counters)
    limits: Limits = field(default_factory=Limits)
    throttle: Throttle = field(default_factory=Throttle)
    latency: dict[str, float] = field(
        default_factory=lambda: {"wistia": 0.0, "upsales": 0.0, "mavera": 0.0}
    )
    platform: Platform = field(default_factory=Platform)
    stopping: threading.Event = field(default_factory=threading.Event)


class VendorServer(ABC):
    """One vendor: a table of routes, and the way every request goes."""

    name: str

    def __init__(self, surroundings: Surroundings) -> None:
        self.around = surroundings
        self.tenants: dict[str, Tenant] = {}
        self._handlers = self.handlers()
        self._routes = Map(
            [
                Rule(path, endpoint=operation, methods=[method])
                for operation, (method, path, _) in self._handlers.items()
            ],
            redirect_defaults=False,
            merge_slashes=False,
        ).bind("sandbox")

    @abstractmethod
    def handlers(self) -> dict[str, tuple[str, str, Handler]]:
        """Method, path and handler by the operation's name."""

    @abstractmethod
    def token_of(self, call: Call, /) -> str:
        """The token a request carries, "" for none."""

    @abstractmethod
    def refusal(self, tenant: Tenant | None, call: Call, operation: str, /) -> Reply | None:
        """The 401 for a request that may not do this, or None."""

    @abstractmethod
    def unauthorized(self, code: str, tenant: Tenant | None, /) -> Reply:
        """A 401 as this vendor gives it."""

    @abstractmethod
    def failure(self, status: int, message: str = "") -> Reply:
        """An error as this vendor gives it."""

    @abstractmethod
    def too_many(self, wait: float) -> Reply:
        """A 429 as this vendor gives it; ``wait`` in seconds."""

    @abstractmethod
    def is_public(self, operation: str) -> bool:
        """Whether an operation needs no token."""

    @abstractmethod
    def public_tenant(self, call: Call, /) -> Tenant | None:
        """The customer a request without a token is about, if that can be told."""

    @abstractmethod
    def allowed_headers(self, operation: str, allowance: Allowance, /) -> dict[str, str]:
        """Headers that tell how much is left."""

    def answer(self, call: Call) -> Reply:
        """Answer one request, from the counting to the spoilt answer."""
        try:
            # Matched as sent, so that a key with an encoded slash stays one piece.
            operation, matched = self._routes.match(call.path, call.method)
        except HTTPException:
            return html_reply(f"Cannot {call.method} {_escaped(unquote(call.path))}", 404)
        values = {k: unquote(v) if isinstance(v, str) else v for k, v in matched.items()}
        name = f"{self.name}.{operation}"
        public = self.is_public(operation)
        tenant = self.public_tenant(call) if public else self.tenants.get(self.token_of(call))
        customer = tenant.id if tenant else None
        self.around.counters.add(customer, name)
        try:
            reply = self._passed(call, operation, values, tenant)
        except DroppedError:
            self._record(call, name, 0, customer)
            raise
        self._record(call, name, reply.status, customer)
        return reply

    def _passed(
        self, call: Call, operation: str, values: Mapping[str, Any], tenant: Tenant | None
    ) -> Reply:
        self._wait(self.around.latency[self.name])
        page = call.first("page", "1")
        faults = self.around.faults.take(
            f"{self.name}.{operation}",
            tenant.id if tenant else None,
            int(page) if page.isdigit() else None,
        )
        instead = one_of(faults, INSTEAD)
        if instead is not None:
            return self._instead(instead, tenant)
        allowance = self._count(call, operation, tenant)
        if not allowance.allowed:
            return self.too_many(allowance.reset)
        refused = None if self.is_public(operation) else self.refusal(tenant, call, operation)
        reply = refused or self._done(call, operation, values, tenant, faults)
        if not reply.half:
            headers = self.allowed_headers(operation, allowance)
            reply = replace(reply, headers={**headers, **reply.headers})
        return reply

    def _count(self, call: Call, operation: str, tenant: Tenant | None) -> Allowance:
        # The public form endpoint is not limited by key: it has none.
        token = f"{self.name}:{tenant.id}" if tenant else f"{self.name}:{self.token_of(call)}"
        public = self.is_public(operation)
        limits = Limits.off() if public else self.around.limits
        windows = limits.windows(self.name, write=call.method != "GET")
        return self.around.throttle.pass_one(token, windows)

    def _done(
        self,
        call: Call,
        operation: str,
        values: Mapping[str, Any],
        tenant: Tenant | None,
        faults: list[Fault],
    ) -> Reply:
        if tenant is None:
            return self.failure(400)
        misbehaviour = frozenset(fault.kind for fault in faults)
        handler = self._handlers[operation][2]

        def work() -> Reply:
            with tenant.lock:
                return handler(Ask(tenant, call, values, misbehaviour))

        around = one_of(faults, AROUND)
        if around is None:
            return work()
        if around.kind == "write_late":
            tenant.late.append(work)
            raise DroppedError
        return self._spoilt(around, work)

    def _spoilt(self, fault: Fault, work: Callable[[], Reply]) -> Reply:
        if fault.kind == "slow":
            self._wait(fault.seconds)
        reply = work()
        if fault.kind == "cut":
            return replace(reply, half=True)
        if fault.kind == "500_after_writing":
            return self.failure(500)
        if fault.kind == "odd_answer":
            return json_reply({})
        if fault.kind == "timeout_after_writing":
            self._wait(fault.seconds)
        if fault.kind in ("timeout_after_writing", "write_then_cut"):
            raise DroppedError
        return reply

    def _instead(self, fault: Fault, tenant: Tenant | None) -> Reply:
        kind = fault.kind
        if kind in ("timeout", "reset"):
            self._wait(fault.seconds if kind == "timeout" else 0.0)
            raise DroppedError
        if kind in ("revoked", "unauthorized_scope", "account_inactive"):
            code = "unauthorized_credentials" if kind == "revoked" else kind
            return self.unauthorized(code, tenant)
        if kind in ("refused_contact", "refused_client"):
            party = kind.removeprefix("refused_")
            return self.failure(400, f"No such {party}")
        if kind.isdigit() and kind != "429":
            return self.failure(int(kind))
        return self._odd(fault)

    def _odd(self, fault: Fault) -> Reply:
        limited = "Rate limit exceeded"
        odd = {
            "429": lambda: self.too_many(fault.seconds),
            "429_bare": lambda: text_reply(limited, 429),
            "429_negative": lambda: text_reply(limited, 429, {"X-RateLimit-Reset": "-2"}),
            "html": lambda: html_reply("Down for maintenance", 200),
            "html_404": lambda: html_reply("Cannot do that here", 404),
            "not_json": lambda: Reply(200, b'{"error":null,"data":[{"id":'),
            "redirect": lambda: Reply(302, headers={"Location": "http://127.0.0.1:9/elsewhere"}),
        }
        return odd[fault.kind]()

    def _wait(self, seconds: float) -> None:
        if seconds > 0:
            self.around.stopping.wait(seconds)

    def _record(self, call: Call, operation: str, status: int, customer: int | None) -> None:
        query = tuple(pair for pair in call.query if pair[0] not in SECRET_PARAMETERS)
        self.around.counters.record(
            Recorded(self.name, operation, call.method, call.path, query, status, customer)
        )


def _escaped(path: str) -> str:
    return path.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
