"""``doctor --customer``: each fact we rely on, asked of a vendor that may answer otherwise."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tests.cli.conftest import Run
from tests.sync.house import NOW, small_world, view
from upsales_wistia.sandbox import Sandbox, Tenant
from upsales_wistia.services import DEMO_CLOCK
from upsales_wistia.store import database, instance

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)

DOCTOR = ("doctor", "--customer", "4711", "--json")
WISTIA = [
    "Wistia account",
    "Wistia token's permissions",
    "Wistia views",
    "Wistia videos",
    "Views on a page, 100 asked for",
    "Views on a page, none asked for",
    "Times of views",
    "Midnight of start_date and end_date",
    "An end_date that lies ahead",
    "Kinds of conversion",
    "Public token in a heat map's address",
]
UPSALES = [
    "How the Upsales key is sent",
    "Whose the Upsales key is",
    "Forms in Upsales (features.forms)",
    "Form submits",
    "Contacts by several e-mails",
    "Contacts by a part of an e-mail (src)",
    "Entries by externalId",
    "Entries by integrationId",
    "Entries by subType",
    "Entries by date",
    "Zone of an entry's date",
]
MIDNIGHT = NOW.replace(hour=0, minute=0)


@pytest.fixture
def tenant(sandbox: Sandbox) -> Tenant:
    """A customer with views on both sides of a midnight, and more of them than a page holds."""
    world = small_world()
    world.add(view("e1", "anna@acme.example", fraction=0.405))
    world.add(view("late", "bo@birch.example", received_at=MIDNIGHT - timedelta(minutes=30)))
    world.add(view("early", received_at=MIDNIGHT + timedelta(minutes=30)))
    for number in range(110):
        world.add(view(f"n{number}", received_at=NOW - timedelta(hours=2, seconds=number)))
    chosen = {"activitiesEnabled": True, "formsEnabled": True}
    return sandbox.add_customer(4711, world, config=chosen)


@pytest.fixture
def customer(
    upsales_wistia: Run, tenant: Tenant, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> Tenant:
    """The customer, not yet synced; the clock stands where its world does."""
    monkeypatch.setenv("WINDOW_DAYS", "3")
    monkeypatch.setenv("UPSALES_APP_ID", "300")
    add(upsales_wistia, tenant)
    with database.session():
        instance.write(DEMO_CLOCK, NOW.isoformat())
    database.close()
    return tenant


@pytest.fixture
def synced(customer: Tenant, upsales_wistia: Run, sandbox: Sandbox) -> Tenant:
    """The customer, with entries and submits of ours in its Upsales."""
    assert upsales_wistia("sync", "--customer", "4711").status == 0
    assert len(customer.crm.events) == 2
    sandbox.counters.reset()
    return customer


def add(run: Run, tenant: Tenant, key: str | None = None, **config: Any) -> None:
    given = {"apiKey": tenant.upsales_key if key is None else key}
    ended = run(
        "customers", "add", "4711", "--name", "Acme", "--config", "-",
        stdin=json.dumps(given | {"config": tenant.config | config}),
    )  # fmt: skip
    assert ended.status == 0, ended


def rows(document: Any) -> dict[str, dict[str, Any]]:
    return {row["name"]: row for row in document["probes"]}


def test_all_is_as_expected(upsales_wistia: Run, synced: Tenant, sandbox: Sandbox) -> None:
    ended = upsales_wistia(*DOCTOR)
    found = rows(ended.document)
    assert list(found) == WISTIA + UPSALES
    assert {name: row["found"] for name, row in found.items() if row["ok"] is not True} == {}
    assert (ended.status, ended.document["ok"]) == (0, True)
    assert {row["setting"] for row in found.values()} == {None}
    assert set(found["Wistia account"]) == {
        "name", "expected", "found", "ok", "setting", "sentence",
    }  # fmt: skip
    assert ended.document["checks"]


def test_nothing_is_written_and_few_calls_are_made(
    upsales_wistia: Run, synced: Tenant, sandbox: Sandbox
) -> None:
    entries = dict(synced.crm.events)
    upsales_wistia(*DOCTOR)
    assert {request.method for request in sandbox.requests} == {"GET"}
    assert synced.crm.events == entries
    assert sandbox.counters.count("wistia.events") <= 6
    assert sandbox.counters.total("upsales") <= 20


SWITCHES: list[tuple[dict[str, Any], str, str, str | None]] = [
    ({"wistia_scopes": ("all:all",)}, "Wistia token's permissions", "all:all", "wistiaApiPassword"),
    ({"largest_page": 50}, "Views on a page, 100 asked for", "50", "activitiesEnabled"),
    ({"default_page": 25}, "Views on a page, none asked for", "25", None),
    ({"wistia_times": "offset"}, "Times of views", "+01:00", None),
    ({"wistia_times": "bare"}, "Times of views", "no zone", None),
    (
        {"day_zone": "America/New_York"},
        "Midnight of start_date and end_date",
        "behind UTC",
        None,
    ),
    (
        {"day_zone": "Europe/Stockholm"},
        "Midnight of start_date and end_date",
        "ahead of UTC",
        None,
    ),
    ({"future_end_refused": True}, "An end_date that lies ahead", "refused (422)", None),
    (
        {"heat_maps": "other"},
        "Public token in a heat map's address",
        "another",
        "wistiaPublicToken",
    ),
    ({"heat_maps": "bare"}, "Public token in a heat map's address", "none", "wistiaPublicToken"),
    ({"upsales_auth": "query"}, "How the Upsales key is sent", "query", "UPSALES_AUTH"),
    ({"forms_feature": False}, "Forms in Upsales (features.forms)", "off", "formsEnabled"),
    ({"may_read_submits": False}, "Form submits", "refused (403)", "apiKey"),
    (
        {"several_emails": "ignored"},
        "Contacts by several e-mails",
        "is ignored",
        "activitiesEnabled",
    ),
    (
        {"several_emails": "literal"},
        "Contacts by several e-mails",
        "does not find them",
        "activitiesEnabled",
    ),
    (
        {"several_emails": "refused"},
        "Contacts by several e-mails",
        "refused (400)",
        "activitiesEnabled",
    ),
    (
        {"contains_search": "ignored"},
        "Contacts by a part of an e-mail (src)",
        "is ignored",
        "domainMatching",
    ),
    (
        {"contains_search": "nothing"},
        "Contacts by a part of an e-mail (src)",
        "does not find them",
        "domainMatching",
    ),
    (
        {"contains_search": "refused"},
        "Contacts by a part of an e-mail (src)",
        "refused (400)",
        "domainMatching",
    ),
    *(
        ({"event_filters": {attribute: answer}}, name, found, setting)
        for attribute, name, setting in (
            ("externalId", "Entries by externalId", None),
            ("integrationId", "Entries by integrationId", "UPSALES_APP_ID"),
            ("subType", "Entries by subType", "UPSALES_APP_ID"),
            ("date", "Entries by date", None),
        )
        for answer, found in (
            ("ignored", "is ignored"),
            ("nothing", "does not find it"),
            ("refused", "refused (500)"),
        )
    ),
]


@pytest.mark.parametrize(
    ("switches", "name", "found", "setting"),
    SWITCHES,
    ids=["-".join(f"{n}={v}" for n, v in s[0].items()) for s in SWITCHES],
)
def test_each_row_tells_the_other_answer_and_names_the_setting(
    upsales_wistia: Run,
    synced: Tenant,
    switches: dict[str, Any],
    name: str,
    found: str,
    setting: str | None,
) -> None:
    for switch, value in switches.items():
        setattr(synced.switches, switch, value)
    ended = upsales_wistia(*DOCTOR)
    row = rows(ended.document)[name]
    assert (row["found"], row["ok"], row["setting"]) == (found, False, setting)
    assert row["sentence"].endswith(".")
    if setting is None:
        assert "Nothing to change" in row["sentence"] or "read rightly" in row["sentence"]
    assert (ended.status, ended.document["ok"]) == (1, False)


def test_a_page_of_100_by_default_is_as_good(upsales_wistia: Run, synced: Tenant) -> None:
    synced.switches.default_page = 100
    row = rows(upsales_wistia(*DOCTOR).document)["Views on a page, none asked for"]
    assert (row["found"], row["ok"]) == ("100", True)


def test_the_way_of_the_key_follows_the_setting(
    upsales_wistia: Run, synced: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UPSALES_AUTH", "query")
    row = rows(upsales_wistia(*DOCTOR).document)["How the Upsales key is sent"]
    assert (row["expected"], row["found"], row["ok"]) == ("query", "cookie and query", True)
    synced.switches.upsales_auth = "cookie"
    ended = upsales_wistia(*DOCTOR)
    row = rows(ended.document)["How the Upsales key is sent"]
    assert (row["found"], row["ok"], row["setting"]) == ("cookie", False, "UPSALES_AUTH")
    assert "UPSALES_AUTH=cookie" in row["sentence"]
    assert rows(ended.document)["Entries by externalId"]["ok"] is True


def test_a_kind_of_conversion_that_is_unknown_names_the_rule(
    upsales_wistia: Run, synced: Tenant
) -> None:
    synced.world.add(view("w1", conversion_type="wistia-form", email="x@y.example"))
    row = rows(upsales_wistia(*DOCTOR).document)["Kinds of conversion"]
    assert (row["found"], row["ok"], row["setting"]) == ("1, wistia-form", False, "identity")
    synced.world.change("w1", conversion={"email": "x@y.example"})
    assert rows(upsales_wistia(*DOCTOR).document)["Kinds of conversion"]["ok"] is True


def test_times_that_are_not_utc_lie_ahead_of_the_clock(upsales_wistia: Run, synced: Tenant) -> None:
    synced.world.add(view("now", received_at=NOW))
    synced.switches.wistia_times = "bare"
    row = rows(upsales_wistia(*DOCTOR).document)["Times of views"]
    assert (row["found"], row["ok"]) == ("ahead of the clock", False)


def test_a_public_token_that_is_not_configured_is_asked_for_and_never_shown(
    upsales_wistia: Run, synced: Tenant
) -> None:
    add(upsales_wistia, synced, wistiaPublicToken="")
    with database.session():
        database.database.execute_sql("DELETE FROM credentials WHERE name = 'wistiaPublicToken'")
    database.close()
    ended = upsales_wistia(*DOCTOR)
    row = rows(ended.document)["Public token in a heat map's address"]
    assert (row["ok"], row["setting"]) == (False, "wistiaPublicToken")
    for secret in (synced.public_token, synced.wistia_token, synced.upsales_key):
        assert secret not in ended.out + ended.err


def test_a_zone_that_was_set_wrongly_is_named(
    upsales_wistia: Run, customer: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    customer.switches.event_zone = "Europe/Stockholm"
    monkeypatch.setenv("UPSALES_EVENT_TZ", "UTC")
    upsales_wistia("sync", "--customer", "4711")
    ended = upsales_wistia(*DOCTOR)
    row = rows(ended.document)["Zone of an entry's date"]
    assert (row["expected"], row["found"]) == ("UTC", "Europe/Stockholm")
    assert (row["ok"], row["setting"]) == (False, "UPSALES_EVENT_TZ")
    assert row["sentence"] == "Set UPSALES_EVENT_TZ=Europe/Stockholm."
    assert ended.status == 1


def test_a_zone_that_was_learnt_is_as_expected(upsales_wistia: Run, customer: Tenant) -> None:
    customer.switches.event_zone = "Europe/Stockholm"
    upsales_wistia("sync", "--customer", "4711")
    for expected in ("Europe/Stockholm", "Europe/Stockholm"):
        row = rows(upsales_wistia(*DOCTOR).document)["Zone of an entry's date"]
        assert (row["expected"], row["found"], row["ok"]) == (expected, expected, True)
        customer.world.add(view("e7", "anna@acme.example"))
        upsales_wistia("sync", "--customer", "4711")


def test_a_zone_learnt_by_the_only_entry_is_as_expected(
    upsales_wistia: Run, customer: Tenant
) -> None:
    customer.switches.event_zone = "Europe/Stockholm"
    customer.world.remove("late")
    upsales_wistia("sync", "--customer", "4711")
    row = rows(upsales_wistia(*DOCTOR).document)["Zone of an entry's date"]
    assert (row["found"], row["ok"]) == ("Europe/Stockholm", True)
    assert "learnt" in row["sentence"]


def test_before_the_first_run_what_is_missing_is_said(
    upsales_wistia: Run, customer: Tenant
) -> None:
    for number in range(60):
        customer.world.remove(f"n{number}")
    customer.world.remove("early")
    ended = upsales_wistia(*DOCTOR)
    open_ = {n: r["sentence"] for n, r in rows(ended.document).items() if r["ok"] is None}
    assert open_ == {
        "Views on a page, 100 asked for": "There are fewer than 100 views in the last days.",
        "Midnight of start_date and end_date": (
            "No view came shortly before and after a midnight in UTC."
        ),
        "Form submits": "There is no form yet.",
        **dict.fromkeys([name for name in UPSALES if "entr" in name.lower()], _NO_ENTRY),
    }
    assert (ended.status, ended.document["ok"]) == (0, True)


_NO_ENTRY = "We have written no entry yet."


def test_without_keys_the_rows_say_so(
    upsales_wistia: Run, synced: Tenant, sandbox: Sandbox
) -> None:
    with database.session():
        database.database.execute_sql("DELETE FROM credentials WHERE name = 'apiKey'")
    database.close()
    ended = upsales_wistia(*DOCTOR)
    found = rows(ended.document)
    assert list(found) == WISTIA + UPSALES
    assert {(found[n]["ok"], found[n]["sentence"]) for n in UPSALES} == {
        (None, "No Upsales key is stored.")
    }
    assert {found[name]["found"] for name in UPSALES} == {"cannot be checked yet"}
    assert ended.status == 0
    assert sandbox.counters.total("upsales") == 0


def revoked(tenant: Tenant, sandbox: Sandbox) -> None:
    tenant.switches.revoked = True


def key_refused(tenant: Tenant, sandbox: Sandbox) -> None:
    tenant.switches.key_refused = True


def stats_forbidden(tenant: Tenant, sandbox: Sandbox) -> None:
    tenant.switches.wistia_scopes = ("media:read",)


def inactive(tenant: Tenant, sandbox: Sandbox) -> None:
    sandbox.faults.add("wistia.*", "account_inactive")


@pytest.mark.parametrize(
    ("happens", "name", "setting", "words"),
    [
        (revoked, "Wistia account", "wistiaApiPassword", "revoked or mistyped"),
        (key_refused, "How the Upsales key is sent", "apiKey", "refuses the app's key"),
        (stats_forbidden, "Wistia views", "wistiaApiPassword", "Read detailed stats"),
        (inactive, "Wistia account", None, "not active"),
    ],
)
def test_a_refused_credential_is_a_row_and_exits_with_3(
    upsales_wistia: Run,
    synced: Tenant,
    sandbox: Sandbox,
    happens: Callable[[Tenant, Sandbox], None],
    name: str,
    setting: str | None,
    words: str,
) -> None:
    happens(synced, sandbox)
    sandbox.counters.reset()
    ended = upsales_wistia(*DOCTOR)
    row = rows(ended.document)[name]
    assert (ended.status, ended.document["ok"]) == (3, False)
    assert (row["found"], row["ok"], row["setting"]) == ("refused", False, setting)
    assert words in row["sentence"]
    assert list(rows(ended.document)) == WISTIA + UPSALES
    refusals = [request for request in sandbox.requests if request.status == 401]
    assert len(refusals) <= 2


@pytest.mark.parametrize("kind", ["500", "html", "html_404", "not_json", "reset", "429"])
@pytest.mark.parametrize("vendor", ["wistia", "upsales"])
def test_a_vendor_that_is_away_exits_with_4(
    upsales_wistia: Run, synced: Tenant, sandbox: Sandbox, vendor: str, kind: str
) -> None:
    sandbox.faults.add(f"{vendor}.*", kind)
    ended = upsales_wistia(*DOCTOR)
    assert (ended.status, ended.document["ok"]) == (4, False)
    names = {"wistia": WISTIA, "upsales": UPSALES}[vendor]
    found = rows(ended.document)
    assert {found[name]["ok"] for name in names} == {None}
    assert {row["ok"] for name, row in found.items() if name not in names} == {True}
    assert sandbox.counters.total(vendor) <= 3


@pytest.mark.parametrize(
    "operation",
    [
        "wistia.account", "wistia.token", "wistia.events", "wistia.medias",
        "upsales.self", "upsales.contacts", "upsales.events", "upsales.forms",
        "upsales.form_submits",
    ],
)  # fmt: skip
@pytest.mark.parametrize("kind", ["400", "404", "422", "500", "not_json", "finds_nothing", "cut"])
def test_no_answer_breaks_it(
    upsales_wistia: Run, synced: Tenant, sandbox: Sandbox, operation: str, kind: str
) -> None:
    sandbox.faults.add(operation, kind)
    ended = upsales_wistia(*DOCTOR)
    assert ended.status in (0, 1, 3, 4)
    assert list(rows(ended.document)) == WISTIA + UPSALES


def test_nothing_relies_on_what_is_switched_off(upsales_wistia: Run, synced: Tenant) -> None:
    add(upsales_wistia, synced, formsEnabled=False, domainMatching=False)
    synced.switches.forms_feature = False
    synced.switches.may_read_submits = False
    synced.switches.contains_search = "ignored"
    ended = upsales_wistia(*DOCTOR)
    assert ended.status == 0
    told = [
        row["sentence"] for row in ended.document["probes"] if "relies on it" in row["sentence"]
    ]
    assert len(told) == 3


def test_another_accounts_key_is_named(
    upsales_wistia: Run, synced: Tenant, sandbox: Sandbox
) -> None:
    other = sandbox.add_customer(4712, small_world())
    add(upsales_wistia, synced, key=other.upsales_key)
    row = rows(upsales_wistia(*DOCTOR).document)["Whose the Upsales key is"]
    assert (row["expected"], row["found"], row["setting"]) == ("4711", "4712", "apiKey")


def test_people_see_a_table_of_expected_and_found(upsales_wistia: Run, synced: Tenant) -> None:
    synced.switches.contains_search = "ignored"
    ended = upsales_wistia("doctor", "--customer", "4711")
    lines = ended.out.splitlines()
    head = next(line for line in lines if line.split() == ["Expected", "Found"])
    place = next(n for n, line in enumerate(lines) if line.startswith("NOT"))
    assert lines[place][head.index("Expected") :].split() == ["works", "is", "ignored"]
    assert lines[place][head.index("Found") :] == "is ignored"
    assert lines[place + 1].strip().startswith("All contacts are read once a day instead")
    assert lines[place + 1].endswith("Setting: domainMatching")
    assert ended.status == 1


def test_an_address_where_nobody_listens_is_a_check_and_rows(
    upsales_wistia: Run, synced: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        monkeypatch.setenv("WISTIA_API_URL", f"http://127.0.0.1:{free.getsockname()[1]}")
        ended = upsales_wistia(*DOCTOR)
    assert ended.status == 4
    assert [c["name"] for c in ended.document["checks"] if not c["ok"]] == ["Wistia's address"]
    assert rows(ended.document)["Wistia account"]["ok"] is None


def test_keys_that_do_not_fit_leave_the_check_alone(
    upsales_wistia: Run, synced: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ENCRYPTION_KEYS", "0" * 43 + "=")
    ended = upsales_wistia(*DOCTOR)
    assert (ended.status, ended.document["probes"]) == (1, [])


def test_an_unknown_customer_is_one_sentence(upsales_wistia: Run) -> None:
    ended = upsales_wistia("doctor", "--customer", "12", "--json")
    assert ended.status == 2
    assert ended.document["error"].startswith("No customer has the number 12.")


def test_without_a_customer_no_vendor_is_asked(
    upsales_wistia: Run, synced: Tenant, sandbox: Sandbox
) -> None:
    ended = upsales_wistia("doctor", "--json")
    assert "probes" not in ended.document
    assert sandbox.requests == []
