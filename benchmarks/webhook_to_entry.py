"""How long from a signed webhook that makes a view ready to the entry in Upsales.

    python benchmarks/webhook_to_entry.py [--count 200] [--latency 0.3] [--keyless]
                                          [--database postgresql://…]

The whole way over real HTTP on this machine: the sandbox's Wistia posts, the app (``serve``, in a
process of its own) asks Wistia for the view, decides, writes, and the entry stands in the
sandbox's Upsales. Half of the views become ready by being watched to their end, half by an e-mail
left in one that is over. With ``--keyless`` no key is stored: Upsales is asked for it each time.
"""

from __future__ import annotations

import argparse
import logging
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from cryptography.fernet import Fernet

from upsales_wistia import customers, logs
from upsales_wistia.clients.limits import Limits
from upsales_wistia.config import Config
from upsales_wistia.sandbox import Company, Contact, Media, Project, Sandbox, Tenant, View, World
from upsales_wistia.sandbox import Limits as VendorLimits
from upsales_wistia.services import Services
from upsales_wistia.store import database, sieve

CUSTOMER = 4711
SECRET = "a secret that Wistia knows too"  # noqa: S105  (of a simulated world)
EMAIL = "anna@acme.example"
GAP = 0.4
"""Seconds between two views: our own limit is three writes a second."""

KEYLESS_GAP = 5.5
"""Seconds between two views for which Upsales is asked: it is not asked more often."""


def main() -> None:
    """Measure, and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--latency", type=float, default=0.0, help="seconds a vendor takes")
    parser.add_argument("--keyless", action="store_true", help="store no key to Upsales")
    parser.add_argument("--database", default="", help="an empty one; SQLite if not given")
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = wanted.database or f"sqlite:///{folder}/measured.db"
        with running(url, wanted.latency, keyless=wanted.keyless) as tenant:
            took = {"watched to the end": [], "e-mail left": []}
            for number in range(wanted.count):
                kind = list(took)[number % 2]
                took[kind].append(measured(tenant, f"view-{number}", kind))
                time.sleep(KEYLESS_GAP if wanted.keyless else GAP)
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
def running(url: str, latency: float, *, keyless: bool) -> Iterator[Tenant]:
    """The sandbox here and the app beside it, one customer that has polled once."""
    logs.configure(level=logging.ERROR)
    with Sandbox(limits=VendorLimits.off()) as sandbox:
        tenant = sandbox.add_customer(
            CUSTOMER, a_world(), config={"activitiesEnabled": True, "activityScore": 10}
        )
        environ = environment(sandbox, url)
        services = set_up(environ, tenant, keyless=keyless)
        sandbox.latency.update(wistia=latency, upsales=latency)
        address = f"http://127.0.0.1:{free_port()}"
        tenant.webhook.address = f"{address}/webhooks/wistia/{CUSTOMER}"
        tenant.webhook.secret = SECRET
        sandbox.platform.address = address
        with serving(environ, address):
            yield tenant
        with database.session():
            customers.remove(services, CUSTOMER)
        database.close()


def set_up(environ: dict[str, str], tenant: Tenant, *, keyless: bool) -> Services:
    """A customer that has polled once."""
    url = environ["DATABASE_URL"]
    database.migrate(url)
    database.connect(url)
    services = Services(Config.load(environ), limits=Limits())
    key = {} if keyless else {"apiKey": tenant.upsales_key}
    config = tenant.config | {"wistiaWebhookSecret": SECRET}
    with database.session():
        customers.add(services, CUSTOMER, "Measured AB", key | {"config": config})
        services.run(CUSTOMER, asked=True)
    return services


@contextmanager
def serving(environ: dict[str, str], address: str) -> Iterator[None]:
    """The app, listening at ``address``."""
    port = address.rpartition(":")[2]
    app = subprocess.Popen(
        [sys.executable, "-m", "upsales_wistia", "serve", "--port", port],
        env={**os.environ, **environ},
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for(f"{address}/health")
        yield
    finally:
        app.terminate()
        app.wait(60)


def wait_for(url: str) -> None:
    """Until it answers."""
    for _ in range(300):
        try:
            urllib.request.urlopen(url, timeout=1).close()  # noqa: S310  (loopback)
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
        else:
            return
    raise SystemExit("the app does not answer")


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


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
        "TOMBSTONES_FILE": f"{tempfile.gettempdir()}/measured-{os.getpid()}.tombstones",
        "UPSALES_APP_ID": str(sandbox.platform.app_id),
        "UPSALES_APP_KEY": sandbox.platform.app_key,
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
