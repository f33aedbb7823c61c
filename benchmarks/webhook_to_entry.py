"""How long from a signed webhook that makes a view ready to the entry in Upsales.

    python benchmarks/webhook_to_entry.py [--count 200] [--latency 0.3] [--database postgresql://…]

The whole way over real HTTP on this machine: the sandbox's Wistia posts, the app ticks, asks
Wistia for the view, decides, writes, and the entry stands in the sandbox's Upsales. Half of the
views become ready by being watched to their end, half by an e-mail left in one that is over.
"""

from __future__ import annotations

import argparse
import logging
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from cryptography.fernet import Fernet
from werkzeug.serving import make_server

from upsales_wistia import customers, logs
from upsales_wistia.clients.limits import Limits
from upsales_wistia.config import Config
from upsales_wistia.sandbox import Company, Contact, Media, Project, Sandbox, Tenant, View, World
from upsales_wistia.sandbox import Limits as VendorLimits
from upsales_wistia.services import Services
from upsales_wistia.store import database, sieve
from upsales_wistia.web import create_app

CUSTOMER = 4711
SECRET = "a secret that Wistia knows too"  # noqa: S105  (of a simulated world)
EMAIL = "anna@acme.example"
GAP = 0.4
"""Seconds between two views: our own limit is three writes a second."""


def main() -> None:
    """Measure, and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--latency", type=float, default=0.0, help="seconds a vendor takes")
    parser.add_argument("--database", default="", help="an empty one; SQLite if not given")
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = wanted.database or f"sqlite:///{folder}/measured.db"
        with running(url, wanted.latency) as tenant:
            took = {"watched to the end": [], "e-mail left": []}
            for number in range(wanted.count):
                kind = list(took)[number % 2]
                took[kind].append(measured(tenant, f"view-{number}", kind))
                time.sleep(GAP)
    everything = sorted(seconds for some in took.values() for seconds in some)
    for name, some in {**took, "all": everything}.items():
        sys.stdout.write(figures(name, sorted(some)) + "\n")


def figures(name: str, seconds: list[float]) -> str:
    """One line: how many, median, 95th percentile, longest."""
    late = seconds[-(-95 * len(seconds) // 100) - 1]
    middle = statistics.median(seconds)
    return (
        f"{name:20} {len(seconds):4}   median {middle:.3f} s   p95 {late:.3f} s   "
        f"longest {seconds[-1]:.3f} s"
    )


@contextmanager
def running(url: str, latency: float) -> Iterator[Tenant]:
    """The sandbox and the app on loopback, one customer that has polled once."""
    logs.configure(level=logging.ERROR)
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    with Sandbox(limits=VendorLimits.off()) as sandbox:
        tenant = sandbox.add_customer(
            CUSTOMER, a_world(), config={"activitiesEnabled": True, "activityScore": 10}
        )
        database.migrate(url)
        database.connect(url)
        services = Services(Config.load(environment(sandbox, url)), limits=Limits())
        server = make_server("127.0.0.1", 0, create_app(services), threaded=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        tenant.webhook.address = f"http://127.0.0.1:{server.port}/webhooks/wistia/{CUSTOMER}"
        tenant.webhook.secret = SECRET
        config = tenant.config | {"wistiaWebhookSecret": SECRET}
        with database.session():
            given = {"apiKey": tenant.upsales_key, "config": config}
            customers.add(services, CUSTOMER, "Measured AB", given)
            services.run(CUSTOMER, asked=True)
        sandbox.latency.update(wistia=latency, upsales=latency)
        services.start_tick()
        try:
            yield tenant
        finally:
            services.stop()
            server.shutdown()
            with database.session():
                customers.remove(services, CUSTOMER)
            database.close()


def held(key: str) -> bool:
    """Whether the view was read and waits for its viewing to be over."""
    with database.session():
        return bool(sieve.settling(CUSTOMER, [key], datetime.now(UTC)))


def a_world() -> World:
    """One video of a minute, one contact."""
    return World(
        datetime.now(UTC),
        projects=[Project(1, "proj1", "Demos")],
        medias=[Media(11, "media00001", "Product tour", "proj1", 60.0)],
        companies=[Company(1, "Acme AB")],
        contacts=[Contact(101, "Anna Berg", EMAIL, 1)],
    )


def environment(sandbox: Sandbox, url: str) -> dict[str, str]:
    """A deployment that talks to the sandbox."""
    return {
        "DATABASE_URL": url,
        "SECRET_KEY": "a secret of the benchmark",
        "ENCRYPTION_KEYS": Fernet.generate_key().decode(),
        "TOMBSTONES_FILE": "",
        "WISTIA_API_URL": sandbox.wistia_url,
        "UPSALES_API_URL": sandbox.upsales_url,
        "UPSALES_EXTERNAL_URL": sandbox.external_url,
    }


def measured(tenant: Tenant, key: str, kind: str) -> float:
    """Seconds from posting the webhook until one more entry stands in Upsales."""
    world, webhook = tenant.world, tenant.webhook
    world.move_to(datetime.now(UTC))
    whole = kind == "watched to the end"
    received = world.now - (timedelta(seconds=50) if whole else timedelta(hours=1))
    left = {"conversion_type": 1, "conversion": {"email": EMAIL}, "email": EMAIL}
    view = world.add(View(key, f"visitor-{key}", received, 0.83, "media00001"))
    if whole:
        webhook.happened(None, world.change(key, **left))
        webhook.post()
        while not held(key):  # It is known, and held until the viewing is over.
            time.sleep(0.02)
        view = world.change(key)
    entries = len(tenant.crm.events)
    ready = world.change(key, fraction=1.0) if whole else world.change(key, **left)
    webhook.happened(view, ready)
    started = time.monotonic()
    webhook.post()
    while len(tenant.crm.events) == entries:
        if time.monotonic() - started > 60:
            raise SystemExit(f"{key} was not written within a minute")
        time.sleep(0.002)
    return time.monotonic() - started


if __name__ == "__main__":
    main()
