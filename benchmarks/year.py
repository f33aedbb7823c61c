"""A year of stored views: filled through the store's own functions, decided by the funnel itself.

The last days come in by real runs against the sandbox, so that what the pages show is true.
"""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from cryptography.fernet import Fernet

from upsales_wistia import customers, logs
from upsales_wistia.clients.limits import Limits
from upsales_wistia.config import Config
from upsales_wistia.funnel.decide import Decision, decide_all
from upsales_wistia.funnel.domains import domain_of, registrable
from upsales_wistia.funnel.view import Contact, Conversion, Target
from upsales_wistia.sandbox import Limits as VendorLimits
from upsales_wistia.sandbox import Project, Sandbox, View
from upsales_wistia.sandbox.big import BigWorld, Shape
from upsales_wistia.services import Services
from upsales_wistia.settings import typed
from upsales_wistia.store import (
    database,
    ledger,
    media,
    outbox,
    people,
    runs,
    sieve,
    versions,
    visitors,
)
from upsales_wistia.store.sieve import Sieved
from upsales_wistia.store.sql import batches, execute
from upsales_wistia.sync.knowledge import known_for

CUSTOMER = 4711
DAYS = 365.0
PROJECTS = 5
CONFIG = {"activitiesEnabled": True, "activityScore": 10, "activityMinPercent": 25}


def say(line: str) -> None:
    """Print it at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


@contextmanager
def filled(url: str, count: int) -> Iterator[Services]:
    """A customer with so many stored views, and runs of a month."""
    logs.configure(level=logging.ERROR)
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    world = a_world(count)
    with Sandbox(limits=VendorLimits.off()) as sandbox:
        tenant = sandbox.add_customer(CUSTOMER, world, config=CONFIG)
        database.migrate(url)
        database.connect(url)
        services = Services(Config.load(environment(sandbox, url)), limits=Limits().scaled(1000))
        try:
            with database.session():
                given = {"apiKey": tenant.upsales_key, "config": tenant.config}
                customers.add(services, CUSTOMER, "Measured AB", given)
                fill(world, count)
                document = services.run(CUSTOMER, asked=True)
                month_of_runs(world.now, dict(document or {}))
                services.run(CUSTOMER, asked=True)
                yield services
        finally:
            services.stop()
            with database.session():
                customers.remove(services, CUSTOMER)
            database.close()


def a_world(count: int) -> BigWorld:
    """A year of views of 1,000 people, a quarter of which left an e-mail; five projects."""
    world = BigWorld(datetime.now(UTC), Shape(views=count, days=DAYS))
    world.projects = [Project(n, f"bigproj{n:03d}", f"Project {n}") for n in range(PROJECTS)]
    world.medias = [
        replace(one, project=f"bigproj{n % PROJECTS:03d}") for n, one in enumerate(world.medias)
    ]
    return world


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


@dataclass(frozen=True, slots=True)
class Event:
    """An event as the client reads it."""

    event_key: str
    visitor_key: str
    received_at: datetime
    fraction: float
    email: str
    conversion_type: str
    conversion_email: str
    first_name: str
    last_name: str
    media_id: str
    media_name: str
    page: str = "https://www.example.com/videos"
    heatmap_url: str = ""
    country: str = "SE"
    device: str = "Firefox 132, Windows"


@dataclass(frozen=True, slots=True)
class Video:
    """A video as the client reads it."""

    media_id: str
    name: str
    project_id: str | None
    project_name: str | None
    duration: float | None


def fill(world: BigWorld, count: int) -> None:
    """Store and decide all that the runs will not read themselves."""
    started = time.perf_counter()
    now, until = world.now, world.now - timedelta(days=2.9)
    old = [view for view in map(world.number, range(count)) if view.received_at < until]
    names = {project.hashed_id: project.name for project in world.projects}
    videos = {one.hashed_id: one for one in world.medias}
    media.save_media(
        CUSTOMER,
        [
            Video(one.hashed_id, one.name, one.project, names[one.project or ""], one.duration)
            for one in world.medias
        ],
        [one.hashed_id for one in world.medias],
        now,
    )
    companies = {company.id: company.name for company in world.companies}
    people.save_contacts(
        CUSTOMER,
        {
            c.email: Contact(c.id, c.name, c.company_id, companies[c.company_id])
            for c in world.contacts
        }
        | {world.email(n): None for n in range(len(world.contacts), world.shape.people)},
        now,
    )
    domains = {domain_of(world.email(n)) for n in range(world.shape.people)}
    people.save_companies(CUSTOMER, dict.fromkeys(sorted(domains)), now)
    for some in batches(old):
        ledger.record(
            CUSTOMER,
            [(event(v, videos[v.media_id].name), v.event_key) for v in some],
            read_at=now,
        )
        left = [v for v in some if v.email]
        conversions = [
            (
                v.visitor_key,
                Conversion(v.received_at, v.event_key, v.email or "", "Person", last(v)),
            )
            for v in left
        ]
        visitors.add_conversions(CUSTOMER, conversions, now)
    decide_everything(now)
    say(f"{len(old):,} views stored in {time.perf_counter() - started:.0f} s")


def last(view: View) -> str:
    """The last name that was typed."""
    return str((view.conversion or {}).get("last_name", ""))


def event(view: View, title: str) -> Event:
    """The view as the client reads it."""
    kind = "pre-roll-email" if view.email else ""
    names = ("Person", last(view)) if view.email else ("", "")
    return Event(
        view.event_key, view.visitor_key, view.received_at, view.fraction,
        view.email or "", kind, view.email or "", *names, view.media_id, title,
    )  # fmt: skip


def decide_everything(now: datetime) -> None:
    """Let the funnel decide what is stored, and take what it lets through as written."""
    version = versions.current(CUSTOMER)
    assert version is not None  # noqa: S101  (it was saved with the customer)
    settings, after = typed(version.config), 0
    while batch := sieve.undecided(CUSTOMER, now, until=now, after_id=after):
        after, views = batch[-1][0], [view for _, view in batch]
        decided = decide_all(views, known_for(CUSTOMER, views, settings), settings, now)
        pairs = list(zip((number for number, _ in batch), decided, strict=True))
        with database.transaction():
            sieve.save_sieve(CUSTOMER, [sieved(number, d) for number, d in pairs])
            planned = [written(d) for _, d in pairs if d.activity.writes]
            outbox.plan(CUSTOMER, planned, run_id="0", settings_version=1, now=now)
    execute(
        "UPDATE outbox SET state = 'written', sent_at = (SELECT v.received_at FROM views v WHERE "
        "v.customer_id = outbox.customer_id AND v.event_key = outbox.event_key)"
    )
    execute("UPDATE outbox SET done_at = sent_at, upsales_id = id")
    unsure = "done_at = NULL, refusals = 8, needs_person = ?, state ="
    execute(f"UPDATE outbox SET {unsure} 'failed' WHERE id % 97 = 0", [False])  # noqa: S608
    execute(f"UPDATE outbox SET {unsure} 'uncertain' WHERE id % 101 = 0", [True])  # noqa: S608


def sieved(number: int, decision: Decision) -> Sieved:
    """The funnel's word as the run stores it."""
    person = decision.person.email if decision.person else ""
    domain = registrable(domain_of(person)) or domain_of(person)
    codes = (decision.activity.code, decision.form.code)
    return Sieved(number, person, domain, *codes, decision.needs, decision.again)


def written(decision: Decision) -> outbox.Planned:
    """The write of a view that passed."""
    key, match = decision.view.event_key, decision.activity.match
    payload = {"company": 1, "contact": 1000, "score": 10, "text": f"Watched {key}"}
    return outbox.Planned(key, Target.ACTIVITY, key, payload, match.company_name if match else "")


def month_of_runs(now: datetime, document: dict[str, object]) -> None:
    """One run each 20 minutes; now and then one that Wistia did not answer."""
    step, span = timedelta(minutes=20), timedelta(days=3)
    with database.transaction():
        for number in range(31 * 72, 0, -1):
            at = now - number * step
            run_id = runs.open_run(
                CUSTOMER, runs.POLL, now=at, window_from=at - span, window_to=at, settings_version=1
            )
            bad = number % 300 == 0
            runs.close_run(
                CUSTOMER,
                run_id,
                status="failed" if bad else "ok",
                now=at,
                complete=not bad,
                report=document,
                code="wistia_away" if bad else None,
            )
