"""``backfill`` on the command line."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from tests.cli.conftest import Run
from tests.sync.house import NOW, view
from upsales_wistia.sandbox import Tenant

DAYS = ("backfill", "--customer", "4711", "--since", "2026-10-01", "--until", "2026-10-31")


@pytest.fixture
def older(added: Tenant) -> Tenant:
    """Two views of October: one of a contact, one of nobody."""
    received = NOW - timedelta(days=30)
    added.world.add(view("old1", "anna@acme.example", received_at=received))
    added.world.add(view("old2", received_at=received))
    return added


def test_first_a_preview_then_the_same_with_commit(upsales_wistia: Run, older: Tenant) -> None:
    seen = upsales_wistia(*DAYS, "--json")
    assert (seen.status, seen.err) == (0, "")
    assert seen.document["window"] == {
        "from": "2026-10-01T00:00:00.000Z",
        "to": "2026-11-01T00:00:00.000Z",
    }
    assert seen.document["written"]["activities"] == 1
    assert seen.document["points"] == [
        {"company": 1, "name": "Acme AB", "points": 1, "activities": 1, "forms": 0}
    ]
    assert not older.crm.events
    done = upsales_wistia(*DAYS, "--commit", "--json")
    assert done.status == 0
    assert done.document["balance"] == seen.document["balance"]
    (entry,) = older.crm.events.values()
    assert entry["date"].startswith("2026-10-21")


def test_people_read_one_line_a_target(upsales_wistia: Run, older: Tenant) -> None:
    seen = upsales_wistia(*DAYS)
    assert (
        "Activities: create 1 · already there 0 · settling 0 · waiting 0 · dropped 1 (no_email 1)"
        in seen.out
    )
    assert "  Acme AB: +1" in seen.out
    assert "2026-10-01 to 2026-10-31" in seen.out
    done = upsales_wistia(*DAYS, "--commit")
    assert "Activities: created 1 · already there 0" in done.out


@pytest.mark.parametrize(
    ("days", "said"),
    [
        (("--since", "2999-01-01"), "Choose a day in the past."),
        (("--since", "2026-11-02", "--until", "2026-11-01"), "From must be before to."),
        (("--since", "2001-01-01"), "Wistia keeps views for two years: from "),
        (("--since", "yesterday"), "“yesterday” is no day. Write for example 2026-10-12."),
    ],
)
def test_bad_days_are_wrong_use(
    upsales_wistia: Run, added: Tenant, days: tuple[str, ...], said: str
) -> None:
    ended = upsales_wistia("backfill", "--customer", "4711", *days, "--commit", "--json")
    assert ended.status == 2
    assert ended.document["error"].startswith(said)
    assert not added.crm.events


def test_without_a_key_a_person_must_act(upsales_wistia: Run, older: Tenant) -> None:
    upsales_wistia("customers", "remove", "4711")
    upsales_wistia(
        "customers",
        "add",
        "4711",
        "--name",
        "Acme",
        "--config",
        "-",
        stdin='{"config": ' + config_of(older) + "}",
    )
    ended = upsales_wistia(*DAYS, "--json")
    assert ended.status == 3
    assert ended.document["code"] == "no_upsales_key"
    assert ended.document["written"]["activities"] == 0


def config_of(tenant: Tenant) -> str:
    return json.dumps(tenant.config)
