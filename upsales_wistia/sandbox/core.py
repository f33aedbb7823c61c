"""The sandbox: the three vendors on loopback, with as many customers as wanted."""

from __future__ import annotations

import hashlib
from types import TracebackType
from typing import Any

from .control import PREFIX, Control
from .example import EXAMPLE_CONFIG
from .faults import Faults
from .mavera import Mavera
from .mavera_store import Store
from .platform import Platform
from .server import Call, LoopbackServer, Reply
from .tenant import Switches, Tenant
from .traffic import Counters, Limits, Recorded
from .upsales import Upsales
from .vendor import Surroundings, VendorServer
from .wistia import Wistia
from .world import World


class Sandbox:
    """Wistia, Upsales and Mavera on 127.0.0.1. A context manager; port 0 takes a free one."""

    def __init__(
        self,
        *,
        port_wistia: int = 0,
        port_upsales: int = 0,
        port_mavera: int = 0,
        limits: Limits | None = None,
    ) -> None:
        self._around = Surroundings(limits=limits or Limits())
        self._wistia = Wistia(self._around)
        self._upsales = Upsales(self._around)
        self._store = Store()
        self._mavera = Mavera(self._around, self._store)
        self._control = Control(self)
        self._tenants: dict[int, Tenant] = {}
        self._servers = [
            LoopbackServer(port_wistia, self._through(self._wistia)),
            LoopbackServer(port_upsales, self._through(self._upsales)),
            LoopbackServer(port_mavera, self._through(self._mavera)),
            self._store.server,
        ]

    def __enter__(self) -> Sandbox:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Answer from now on."""
        for server in self._servers:
            server.start()
        self._around.platform.callback_base = self.external_url

    def stop(self) -> None:
        """Close the ports; calls that hang are let go."""
        self._around.stopping.set()
        for server in self._servers:
            server.stop()

    @property
    def wistia_url(self) -> str:
        """What ``WISTIA_API_URL`` is to be."""
        return self._servers[0].url

    @property
    def upsales_url(self) -> str:
        """What ``UPSALES_API_URL`` is to be."""
        return f"{self._servers[1].url}/api/v2"

    @property
    def external_url(self) -> str:
        """What ``UPSALES_EXTERNAL_URL`` is to be."""
        return f"{self._servers[1].url}/api/external"

    @property
    def mavera_url(self) -> str:
        """What ``MAVERA_API_URL`` is to be."""
        return f"{self._servers[2].url}/api/v1"

    @property
    def faults(self) -> Faults:
        """The faults that are switched on."""
        return self._around.faults

    @property
    def counters(self) -> Counters:
        """Calls by customer and operation."""
        return self._around.counters

    @property
    def platform(self) -> Platform:
        """Upsales as a platform for apps; set its ``address`` to where the app listens."""
        return self._around.platform

    @property
    def requests(self) -> list[Recorded]:
        """The requests so far, oldest first, without tokens."""
        return self._around.counters.recorded()

    @property
    def latency(self) -> dict[str, float]:
        """Seconds of real time each vendor takes before it answers; change the values."""
        return self._around.latency

    @property
    def limits(self) -> Limits:
        """The vendors' rate limits, counted per token."""
        return self._around.limits

    @limits.setter
    def limits(self, limits: Limits) -> None:
        self._around.limits = limits

    def add_customer(
        self,
        customer: int,
        world: World,
        *,
        wistia_token: str | None = None,
        upsales_key: str | None = None,
        mavera_key: str | None = None,
        config: dict[str, Any] | None = None,
        switches: Switches | None = None,
    ) -> Tenant:
        """A customer with this world. Tokens not given are made of the id, the same each time."""
        tenant = Tenant(
            id=customer,
            world=world,
            wistia_token=wistia_token or _token("wistia", customer),
            upsales_key=upsales_key or _token("upsales", customer),
            base_config=dict(EXAMPLE_CONFIG if config is None else config),
            public_token=_token("public", customer)[:10],
            mavera_key=mavera_key or f"mvra_live_{_token('mavera', customer)[:32]}",
            switches=switches or Switches(),
        )
        self._tenants[customer] = tenant
        self._wistia.tenants[tenant.wistia_token] = tenant
        self._upsales.tenants[tenant.upsales_key] = tenant
        self._mavera.tenants[tenant.mavera_key] = tenant
        return tenant

    def replace_wistia_token(self, customer: int, token: str) -> None:
        """Let the customer make a new Wistia token; the old one is refused from now on."""
        tenant = self._tenants[customer]
        del self._wistia.tenants[tenant.wistia_token]
        tenant.wistia_token = token
        self._wistia.tenants[token] = tenant

    def tenant(self, customer: int) -> Tenant:
        """One customer. Raises KeyError."""
        return self._tenants[customer]

    def tenants(self) -> list[Tenant]:
        """All customers."""
        return list(self._tenants.values())

    def overview(self) -> dict[str, Any]:
        """Addresses and customers as plain data: what the process prints when it starts."""
        return {
            "wistia_url": self.wistia_url,
            "upsales_url": self.upsales_url,
            "external_url": self.external_url,
            "app_id": self.platform.app_id,
            "app_key": self.platform.app_key,
            "mavera_url": self.mavera_url,
            "customers": [self.introduce(tenant) for tenant in self.tenants()],
        }

    def introduce(self, tenant: Tenant) -> dict[str, Any]:
        """One customer as plain data, with the tokens and keys of this simulated world."""
        world = tenant.world
        return {
            "id": tenant.id,
            "wistia_token": tenant.wistia_token,
            "upsales_key": tenant.upsales_key,
            "mavera_key": tenant.mavera_key,
            "config": tenant.config,
            "now": world.now.isoformat(),
            "yesterday": world.yesterday.isoformat(),
            "today": world.today.isoformat(),
        }

    def _through(self, vendor: VendorServer) -> Any:
        def answer(call: Call) -> Reply:
            controlled = call.path.startswith(PREFIX)
            return self._control.answer(call) if controlled else vendor.answer(call)

        return answer


def _token(vendor: str, customer: int) -> str:
    return hashlib.sha256(f"sandbox {vendor} {customer}".encode()).hexdigest()
