"""``/_control/…``: drive a sandbox that runs in another process. JSON in, JSON out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, fields, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from .big import BigWorld, Shape
from .example import example_world
from .facts import View
from .server import Call, Reply, json_reply
from .tenant import Switches, Tenant
from .traffic import Limits
from .world import World

if TYPE_CHECKING:
    from .core import Sandbox

PREFIX = "/_control"
WEBHOOK_SWITCHES = frozenset(
    {"address", "secret", "loses", "doubles", "reverses", "batch", "whole"}
)


class Control:
    """The control endpoint of one sandbox, answered by all of its vendors' servers."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._routes: dict[tuple[str, str], Callable[[Call, str], Any]] = {
            ("GET", ""): self._overview,
            ("GET", "counters"): self._counters,
            ("DELETE", "counters"): self._reset_counters,
            ("GET", "requests"): self._requests,
            ("GET", "faults"): self._faults,
            ("POST", "faults"): self._add_fault,
            ("DELETE", "faults"): self._remove_faults,
            ("GET", "time"): self._time,
            ("POST", "time"): self._move,
            ("GET", "upsales"): self._contents,
            ("GET", "mavera"): self._desk,
            ("POST", "mavera"): self._change_desk,
            ("POST", "switches"): self._switch,
            ("POST", "limits"): self._limit,
            ("POST", "latency"): self._delay,
            ("POST", "settle"): self._settle,
            ("POST", "contacts"): self._add_contact,
            ("DELETE", "contacts"): self._remove_contact,
            ("POST", "views"): self._change_view,
            ("POST", "webhooks"): self._set_up_webhook,
            ("GET", "webhooks"): self._webhook,
            ("POST", "videos"): self._plant,
            ("POST", "customers"): self._add_customer,
            ("GET", "platform"): self._told,
            ("POST", "platform"): self._introduce_app,
            ("POST", "ask"): self._ask,
        }

    def answer(self, call: Call) -> Reply:
        """Answer one control request: 404 for an unknown one, 400 with ``error`` for a bad one."""
        name, _, rest = call.path.removeprefix(PREFIX).strip("/").partition("/")
        route = self._routes.get((call.method, name))
        if route is None:
            return json_reply({"error": f"no such control: {call.method} {name}"}, 404)
        try:
            return json_reply(route(call, rest))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            return json_reply({"error": f"{type(error).__name__}: {error}"}, 400)

    def _overview(self, _call: Call, _rest: str) -> Any:
        return self._sandbox.overview()

    def _counters(self, call: Call, _rest: str) -> Any:
        return self._sandbox.counters.dump(_customer(call.first("customer")))

    def _reset_counters(self, _call: Call, _rest: str) -> Any:
        self._sandbox.counters.reset()
        return {}

    def _requests(self, _call: Call, _rest: str) -> Any:
        return [asdict(request) for request in self._sandbox.counters.recorded()]

    def _faults(self, _call: Call, _rest: str) -> Any:
        return self._sandbox.faults.listing()

    def _add_fault(self, call: Call, _rest: str) -> Any:
        return asdict(self._sandbox.faults.add(**call.json()))

    def _remove_faults(self, _call: Call, rest: str) -> Any:
        if rest:
            self._sandbox.faults.remove(int(rest))
        else:
            self._sandbox.faults.clear()
        return {}

    def _time(self, _call: Call, _rest: str) -> Any:
        return {t.id: t.world.now.isoformat() for t in self._sandbox.tenants()}

    def _move(self, call: Call, _rest: str) -> Any:
        moment = datetime.fromisoformat(call.json()["now"])
        for tenant in self._chosen(call.json().get("customer")):
            tenant.world.move_to(moment)
        return {"now": moment.isoformat()}

    def _contents(self, _call: Call, rest: str) -> Any:
        tenant = self._sandbox.tenant(int(rest))
        with tenant.lock:
            crm = tenant.crm
            names = ("events", "submits", "forms", "contacts", "companies", "users")
            contents = {name: list(getattr(crm, name).values()) for name in names}
            return {**contents, "unprocessed": list(crm.unprocessed)}

    def _desk(self, _call: Call, rest: str) -> Any:
        tenant = self._sandbox.tenant(int(rest))
        with tenant.lock:
            return tenant.desk.overview()

    def _change_desk(self, call: Call, rest: str) -> Any:
        tenant = self._sandbox.tenant(int(rest))
        known = {"included", "used", "usage_limit", "auto_recharge", "polls", "workspaces"}
        wanted = call.json()
        if not set(wanted) <= known:
            raise ValueError(f"a desk has {', '.join(sorted(known))}")
        with tenant.lock:
            for name, value in wanted.items():
                setattr(tenant.desk, name, value)
            return tenant.desk.overview()

    def _switch(self, call: Call, _rest: str) -> Any:
        wanted = call.json()
        tenants = self._chosen(wanted.pop("customer", None))
        unknown = set(wanted) - {switch.name for switch in fields(Switches)}
        if unknown:
            raise ValueError(f"no such switch: {', '.join(sorted(unknown))}")
        for tenant in tenants:
            for name, value in wanted.items():
                setattr(tenant.switches, name, value)
        return {tenant.id: asdict(tenant.switches) for tenant in tenants}

    def _limit(self, call: Call, _rest: str) -> Any:
        wanted = call.json()
        limits = Limits.off() if wanted == "off" else replace(self._sandbox.limits, **wanted)
        self._sandbox.limits = limits
        return asdict(limits)

    def _delay(self, call: Call, _rest: str) -> Any:
        latency = self._sandbox.latency
        latency.update(
            {vendor: float(call.json().get(vendor, latency[vendor])) for vendor in latency}
        )
        return latency

    def _settle(self, call: Call, _rest: str) -> Any:
        for tenant in self._chosen((call.json() or {}).get("customer")):
            tenant.settle()
        return {}

    def _add_contact(self, call: Call, _rest: str) -> Any:
        wanted = call.json()
        tenant = self._sandbox.tenant(wanted.pop("customer"))
        with tenant.lock:
            return tenant.crm.add_contact(**wanted)

    def _remove_contact(self, _call: Call, rest: str) -> Any:
        customer, _, number = rest.partition("/")
        tenant = self._sandbox.tenant(int(customer))
        with tenant.lock:
            tenant.crm.remove_contact(int(number))
        return {}

    def _change_view(self, call: Call, _rest: str) -> Any:
        wanted = call.json()
        tenant = self._sandbox.tenant(wanted.pop("customer"))
        world, webhook = tenant.world, tenant.webhook
        if "received_at" in wanted:
            wanted["received_at"] = datetime.fromisoformat(wanted["received_at"])
        known = world.view(wanted["event_key"])
        view = world.add(View(**wanted)) if known is None else world.change(**wanted)
        if webhook.address:
            webhook.happened(known, view)
            webhook.post()
        return {"event_key": view.event_key, "fraction": view.fraction, "email": view.email}

    def _plant(self, call: Call, _rest: str) -> Any:
        wanted = call.json()
        tenant = self._sandbox.tenant(wanted.pop("customer"))
        with tenant.lock:
            tenant.world.videos.plant(wanted.pop("verb"), wanted.pop("media"), **wanted)
        return {}

    def _set_up_webhook(self, call: Call, _rest: str) -> Any:
        wanted = call.json()
        webhook = self._sandbox.tenant(wanted.pop("customer")).webhook
        if unknown := set(wanted) - WEBHOOK_SWITCHES:
            raise ValueError(f"no such switch: {', '.join(sorted(unknown))}")
        for name, value in wanted.items():
            setattr(webhook, name, value)
        return {}

    def _webhook(self, _call: Call, rest: str) -> Any:
        webhook = self._sandbox.tenant(int(rest)).webhook
        return {"answers": webhook.answers, "waiting": len(webhook.waiting)}

    def _add_customer(self, call: Call, _rest: str) -> Any:
        wanted = call.json()
        world = _world(datetime.fromisoformat(wanted["now"]), wanted.get("world"))
        return self._sandbox.introduce(self._sandbox.add_customer(int(wanted["id"]), world))

    def _told(self, _call: Call, _rest: str) -> Any:
        """What the app told Upsales, and which customers it asked to be called for."""
        platform = self._sandbox.platform
        callbacks = [{"customer": who, **said} for who, said in platform.callbacks]
        return {"app": platform.address, "hooks": list(platform.hooks), "callbacks": callbacks}

    def _introduce_app(self, call: Call, _rest: str) -> Any:
        """Where the app listens, and the customers in which it is not active."""
        wanted, platform = call.json(), self._sandbox.platform
        platform.address = str(wanted.get("app", platform.address)).rstrip("/")
        platform.refuses = set(map(int, wanted.get("refuses", platform.refuses)))
        return self._told(call, "")

    def _ask(self, call: Call, _rest: str) -> Any:
        """Let Upsales post to the app: ``path`` and what ``Platform.body`` takes."""
        wanted, platform = call.json(), self._sandbox.platform
        tenant, path = self._sandbox.tenant(wanted.pop("customer", 4711)), wanted.pop("path")
        try:
            return asdict(platform.post(path, platform.body(tenant, **wanted)))
        except OSError as error:
            raise ValueError(f"the app does not answer at {platform.address!r}: {error}") from None

    def _chosen(self, customer: int | None) -> list[Tenant]:
        everyone = self._sandbox.tenants()
        return everyone if customer is None else [self._sandbox.tenant(customer)]


def _world(now: datetime, wanted: Any) -> World:
    """The example, an empty world, or one of any size: what ``Shape`` takes, as an object."""
    if isinstance(wanted, dict):
        return BigWorld(now, Shape(**wanted))
    return example_world(now) if wanted == "example" else World(now)


def _customer(text: str) -> int | None:
    return int(text) if text else None
