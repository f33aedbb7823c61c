"""``enrich``: the price before, the cost after, and one document whatever happens."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Run
from tests.sync.house import NOW, view
from upsales_wistia.enrichment.rules import JOBS
from upsales_wistia.sandbox import Sandbox, Tenant
from upsales_wistia.services import DEMO_CLOCK
from upsales_wistia.store import database, instance

# What depends on the database is in tests/enrichment/test_resume.py.
pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)

KEYS = [
    "customer", "job", "run", "media", "status", "code", "reason", "credits", "steps", "result",
    "requests", "exit_status",
]  # fmt: skip


@pytest.fixture
def asked(upsales_wistia: Run, tenant: Tenant, database_url: str) -> Tenant:
    """A customer with a Mavera key, whose videos have something to find for every job."""
    database.connect(database_url)
    with database.session():
        instance.write(DEMO_CLOCK, NOW.isoformat())
    for number in range(6):
        watched = view(
            f"deep{number}",
            f"p{number}@deep{number}.example",
            fraction=0.9,
            received_at=NOW - timedelta(hours=5, minutes=number),
        )
        tenant.world.add(watched)
    tenant.desk.polls = 0  # a voice is ready at once, so that nothing sleeps
    videos = tenant.world.videos
    videos.drop("media00002", 100, 0.2)
    videos.offer("media00001", "Book a demo", 200, 40)
    videos.repeat("media00001", "Start with the number")
    add(upsales_wistia, tenant, maveraApiKey=tenant.mavera_key)
    assert upsales_wistia("sync", "--customer", "4711").status == 0
    return tenant


def add(run: Run, tenant: Tenant, **config: Any) -> None:
    given = {"apiKey": tenant.upsales_key, "config": tenant.config | config}
    ended = run(
        "customers", "add", "4711", "--name", "Acme", "--config", "-", stdin=json.dumps(given)
    )
    assert ended.status == 0, ended


def enrich(job: str, *more: str) -> list[str]:
    media = ["--media", "media00002"] if job == "dropoff" else []
    return ["enrich", job, "--customer", "4711", *media, *more]


@pytest.mark.parametrize("job", JOBS)
def test_each_job_prints_one_document(upsales_wistia: Run, asked: Tenant, job: str) -> None:
    ended = upsales_wistia(*enrich(job, "--consent", "--json"))
    document = ended.document
    assert (ended.status, document["status"], document["exit_status"]) == (0, "done", 0)
    assert list(document) == KEYS
    credits = document["credits"]
    assert 0 < credits["spent"] == asked.desk.used <= credits["most"] <= credits["cap"]
    assert credits["left"] == asked.desk.remaining
    assert f"About {credits['about']} credits, at most {credits['most']}. You have" in ended.err


@pytest.mark.parametrize("job", JOBS)
def test_a_dry_run_of_each_job_is_one_document_too(
    upsales_wistia: Run, asked: Tenant, job: str
) -> None:
    document = upsales_wistia(*enrich(job, "--dry-run", "--json")).document
    assert (document["dry_run"], document["reason"]) == (True, None)
    assert document["bodies"]
    assert asked.desk.asked == []


def test_people_read_the_price_before_and_the_cost_after(
    upsales_wistia: Run, asked: Tenant
) -> None:
    ended = upsales_wistia(*enrich("cta"))
    assert "About 12 credits, at most 15. You have 5000." in ended.err
    assert ended.out.startswith("cta: done. 9 credits spent, 4991 left.")
    assert "The panel is synthetic" in ended.out


def no_key(run: Run, asked: Tenant) -> None:
    run("customers", "remove", "4711")
    add(run, asked)


def wrong_key(run: Run, asked: Tenant) -> None:
    asked.switches.mavera_refused = True


def no_credits(run: Run, asked: Tenant) -> None:
    asked.desk.included = 2


def capped(run: Run, asked: Tenant) -> None:
    add(run, asked, maveraApiKey=asked.mavera_key, maveraMaxCredits=3)


def fresh(run: Run, asked: Tenant) -> None:
    asked.world.videos.publish("media00002", NOW - timedelta(hours=30))


def refused_by_wistia(run: Run, asked: Tenant) -> None:
    add(run, asked, maveraApiKey=asked.mavera_key, wistiaApiPassword="not a token of Wistia's")


def as_it_is(run: Run, asked: Tenant) -> None:
    """Nothing is wrong yet."""


CANNOT_BEGIN = {
    "no key": ("cta", no_key, "not_configured", "There is no Mavera key."),
    "a wrong key": ("cta", wrong_key, "mavera_key_refused", ""),
    "no credits": ("cta", no_credits, "no_credits", "Mavera has 2 left for you"),
    "the cap": ("cta", capped, "cap_reached", "may cost 5 credits, and 3 of the 3"),
    "too early": ("dropoff", fresh, "too_early", "Published 30 hours ago"),
    "no consent": ("brand-voice", as_it_is, "no_consent", "needs your consent (--consent)"),
    "Wistia refuses": ("cta", refused_by_wistia, "unauthorized_credentials", ""),
}


@pytest.mark.parametrize("name", CANNOT_BEGIN)
def test_what_cannot_begin_is_the_whole_document_with_3(
    upsales_wistia: Run, asked: Tenant, name: str
) -> None:
    job, spoil, code, reason = CANNOT_BEGIN[name]
    spoil(upsales_wistia, asked)
    ended = upsales_wistia(*enrich(job, "--json"))
    document = ended.document
    assert (ended.status, document["exit_status"], document["code"]) == (3, 3, code)
    assert list(document) == KEYS
    assert reason in document["reason"]
    assert (document["credits"]["spent"], asked.desk.charges) == (0, [])
    assert "Go on?" not in ended.err
    told = upsales_wistia(*enrich(job))
    assert told.status == 3
    assert document["reason"] in told.out + told.err
    assert "Traceback" not in told.err


@pytest.mark.parametrize("name", ["no key", "too early", "Wistia refuses"])
def test_a_dry_run_that_cannot_begin_says_why(
    upsales_wistia: Run, asked: Tenant, name: str
) -> None:
    job, spoil, code, _ = CANNOT_BEGIN[name]
    spoil(upsales_wistia, asked)
    ended = upsales_wistia(*enrich(job, "--dry-run", "--json"))
    assert (ended.status, ended.document["code"]) == (3, code)
    assert (ended.document["dry_run"], ended.document["bodies"]) == (True, [])


def test_mavera_away_is_the_whole_document_with_4(
    upsales_wistia: Run, asked: Tenant, sandbox: Sandbox
) -> None:
    sandbox.faults.add("mavera.personas", "html_404", times=None)
    ended = upsales_wistia(*enrich("cta", "--json"))
    assert (ended.status, ended.document["status"]) == (4, "failed")
    assert list(ended.document) == KEYS


@pytest.mark.parametrize(
    "arguments",
    [
        ("enrich", "dropoff", "--customer", "4711", "--media", "nosuchvide"),
        ("enrich", "dropoff", "--customer", "4711", "--media", "nosuchvide", "--dry-run"),
        ("enrich", "cta", "--customer", "12"),
        ("enrich", "cta", "--customer", "12", "--dry-run"),
        ("enrich", "cta"),
        ("enrich", "horoscope", "--customer", "4711"),
        ("enrich", "cta", "--customer", "4711", "--max-credits", "-1"),
    ],
)
def test_wrong_use_is_a_sentence_with_2(
    upsales_wistia: Run, asked: Tenant, arguments: list[str]
) -> None:
    ended = upsales_wistia(*arguments, "--json")
    assert (ended.status, list(ended.document)) == (2, ["error"])
    told = upsales_wistia(*arguments)
    assert (told.status, told.out) == (2, "")
    assert ended.document["error"] in told.err
    assert asked.desk.charges == []


@pytest.mark.parametrize(
    ("said", "status", "charges"), [("n\n", 3, 0), ("\x04", 3, 0), ("y\n", 0, 3)]
)
def test_at_a_terminal_a_person_decides(
    asked: Tenant, tmp_path: Path, said: str, status: int, charges: int
) -> None:
    """Ctrl-D is a no, and so is Ctrl-C, which needs a terminal of one's own."""
    mine, its = pty.openpty()
    running = subprocess.Popen(
        [sys.executable, "-m", "upsales_wistia", *enrich("cta")],
        env={**os.environ, "TERM": "xterm-256color", "LANG": "C.UTF-8"},
        cwd=tmp_path,
        stdin=its,
        stdout=its,
        stderr=its,
    )
    os.close(its)
    shown = read_until(mine, "Go on?")
    assert "About 12 credits, at most 15. You have 5000." in shown
    assert asked.desk.charges == []
    os.write(mine, said.encode())
    shown = read_until(mine, None)
    assert running.wait(timeout=60) == status
    assert len(asked.desk.charges) == charges
    assert ("Nothing was asked, and nothing was paid." in shown) is (not charges)


def read_until(terminal_end: int, word: str | None) -> str:
    """What is shown up to a word, or to the end."""
    sent = b""
    while word is None or word.encode() not in sent:
        try:
            some = os.read(terminal_end, 65536)
        except OSError:  # What Linux answers once the other end is closed.
            some = b""
        if not some:
            break
        sent += some
    return sent.decode()
