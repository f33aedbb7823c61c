"""``doctor --customer``: each fact we rely on, asked of a vendor that may answer otherwise."""

from __future__ import annotations

import socket
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tests.cli.conftest import Ended, Run
from tests.sync.house import BASE, NOW, House, small_world, view
from upsales_wistia import doctor
from upsales_wistia.sandbox import Sandbox, Tenant, World
from upsales_wistia.services import DEMO_CLOCK
from upsales_wistia.store import customers, database, instance
from upsales_wistia.store.models import Credential

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)

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


def crowded_world() -> World:
    """Views on both sides of a midnight, and more of them than a page holds."""
    world = small_world()
    world.add(view("e1", "anna@acme.example", fraction=0.405))
    world.add(view("late", "bo@birch.example", received_at=MIDNIGHT - timedelta(minutes=30)))
    world.add(view("early", received_at=MIDNIGHT + timedelta(minutes=30)))
    for number in range(110):
        world.add(view(f"n{number}", received_at=NOW - timedelta(hours=2, seconds=number)))
    return world


@pytest.fixture
def made(sandbox: Sandbox, store: str) -> Callable[..., House]:
    """Makes a house with a customer whose world is crowded."""

    def make(**environ: str) -> House:
        config = BASE | {"formsEnabled": True}
        given = {"UPSALES_APP_ID": "300"} | environ
        return House(sandbox, store, crowded_world(), config, environ=given)

    return make


@pytest.fixture
def synced(made: Callable[..., House]) -> House:
    """A house whose customer has entries and submits of ours in its Upsales."""
    house = made()
    house.run()
    assert len(house.entries) == 2
    house.forget_calls()
    return house


def ask(house: House) -> dict[str, Any]:
    """The document and the exit status of a customer's probes, and the rows by name."""
    found = doctor.probe(house.services, house.customer)
    document = doctor.document([], found)
    rows = {row["name"]: row for row in document["probes"]}
    return {"ok": document["ok"], "status": doctor.exit_status([], found), "rows": rows}


def forget_secret(name: str) -> None:
    Credential.delete().where(Credential.name == name).execute()


def test_all_is_as_expected(synced: House) -> None:
    told = ask(synced)
    rows = told["rows"]
    assert list(rows) == WISTIA + UPSALES
    assert {name: row["found"] for name, row in rows.items() if row["ok"] is not True} == {}
    assert (told["status"], told["ok"]) == (0, True)
    assert {row["setting"] for row in rows.values()} == {None}
    assert set(rows["Wistia account"]) == {
        "name", "expected", "found", "ok", "setting", "sentence",
    }  # fmt: skip


def test_nothing_is_written_and_few_calls_are_made(synced: House) -> None:
    before = dict(synced.tenant.crm.events), customers.load(synced.customer)
    ask(synced)
    assert {request.method for request in synced.sandbox.requests} == {"GET"}
    assert (synced.tenant.crm.events, customers.load(synced.customer)) == before
    assert synced.calls("wistia.events") <= 6
    assert synced.sandbox.counters.total("upsales") <= 20


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
    synced: House,
    switches: dict[str, Any],
    name: str,
    found: str,
    setting: str | None,
) -> None:
    for switch, value in switches.items():
        setattr(synced.tenant.switches, switch, value)
    told = ask(synced)
    row = told["rows"][name]
    assert (row["found"], row["ok"], row["setting"]) == (found, False, setting)
    assert row["sentence"].endswith(".")
    if setting is None:
        assert "Nothing to change" in row["sentence"] or "read rightly" in row["sentence"]
    assert (told["status"], told["ok"]) == (1, False)


def test_a_page_of_100_by_default_is_as_good(synced: House) -> None:
    synced.tenant.switches.default_page = 100
    row = ask(synced)["rows"]["Views on a page, none asked for"]
    assert (row["found"], row["ok"]) == ("100", True)


def test_the_way_of_the_key_follows_the_setting(made: Callable[..., House]) -> None:
    house = made(UPSALES_AUTH="query")
    house.run()
    row = ask(house)["rows"]["How the Upsales key is sent"]
    assert (row["expected"], row["found"], row["ok"]) == ("query", "cookie and query", True)
    house.tenant.switches.upsales_auth = "cookie"
    rows = ask(house)["rows"]
    row = rows["How the Upsales key is sent"]
    assert (row["found"], row["ok"], row["setting"]) == ("cookie", False, "UPSALES_AUTH")
    assert "UPSALES_AUTH=cookie" in row["sentence"]
    assert rows["Entries by externalId"]["ok"] is True


def test_a_kind_of_conversion_that_is_unknown_names_the_rule(synced: House) -> None:
    synced.world.add(view("w1", conversion_type="wistia-form", email="x@y.example"))
    row = ask(synced)["rows"]["Kinds of conversion"]
    assert (row["found"], row["ok"], row["setting"]) == ("1, wistia-form", False, "identity")
    synced.world.change("w1", conversion={"email": "x@y.example"})
    assert ask(synced)["rows"]["Kinds of conversion"]["ok"] is True


def test_times_that_are_not_utc_lie_ahead_of_the_clock(synced: House) -> None:
    synced.world.add(view("now", received_at=NOW))
    synced.tenant.switches.wistia_times = "bare"
    row = ask(synced)["rows"]["Times of views"]
    assert (row["found"], row["ok"]) == ("ahead of the clock", False)


@pytest.mark.parametrize(
    ("heat_maps", "found"), [("own", "one, and none is configured"), ("bare", "none")]
)
def test_a_public_token_that_is_not_configured_is_asked_for(
    synced: House, heat_maps: Any, found: str
) -> None:
    forget_secret("wistiaPublicToken")
    synced.tenant.switches.heat_maps = heat_maps
    row = ask(synced)["rows"]["Public token in a heat map's address"]
    assert (row["found"], row["ok"], row["setting"]) == (found, False, "wistiaPublicToken")
    assert "Set wistiaPublicToken" in row["sentence"]


def test_a_zone_that_was_set_wrongly_is_named(made: Callable[..., House]) -> None:
    house = made(UPSALES_EVENT_TZ="UTC")
    house.tenant.switches.event_zone = "Europe/Stockholm"
    house.run()
    told = ask(house)
    row = told["rows"]["Zone of an entry's date"]
    assert (row["expected"], row["found"]) == ("UTC", "Europe/Stockholm")
    assert (row["ok"], row["setting"]) == (False, "UPSALES_EVENT_TZ")
    assert row["sentence"] == "Set UPSALES_EVENT_TZ=Europe/Stockholm."
    assert told["status"] == 1


def test_a_zone_that_was_learnt_is_as_expected(made: Callable[..., House]) -> None:
    house = made()
    house.tenant.switches.event_zone = "Europe/Stockholm"
    house.world.remove("late")
    house.run()
    row = ask(house)["rows"]["Zone of an entry's date"]
    assert (row["found"], row["ok"]) == ("Europe/Stockholm", True)
    assert "learnt by this entry" in row["sentence"]
    house.world.add(view("e7", "anna@acme.example"))
    house.later(minutes=20)
    house.run()
    row = ask(house)["rows"]["Zone of an entry's date"]
    assert (row["expected"], row["found"], row["ok"]) == (*["Europe/Stockholm"] * 2, True)
    assert row["sentence"] == "As expected."


def test_a_zone_that_changed_after_it_was_learnt_is_named(synced: House) -> None:
    synced.tenant.switches.event_zone = "Europe/Stockholm"
    customers.update_setup(synced.customer, event_zone="Etc/GMT-3")
    synced.world.add(view("e7", "anna@acme.example"))
    synced.later(minutes=20)
    synced.run()
    row = ask(synced)["rows"]["Zone of an entry's date"]
    assert (row["expected"], row["found"], row["ok"]) == ("Etc/GMT-3", "Europe/Stockholm", False)


def test_before_the_first_run_what_is_missing_is_said(made: Callable[..., House]) -> None:
    house = made()
    for number in range(60):
        house.world.remove(f"n{number}")
    house.world.remove("early")
    told = ask(house)
    missing = {name: row["sentence"] for name, row in told["rows"].items() if row["ok"] is None}
    none_yet = [name for name in UPSALES if name.startswith("Entries") or "entry" in name]
    assert missing == {
        "Views on a page, 100 asked for": "There are fewer than 100 views in the last days.",
        "Midnight of start_date and end_date": (
            "No view came shortly before and after a midnight in UTC."
        ),
        "Form submits": "There is no form yet.",
        **dict.fromkeys(none_yet, "We have written no entry yet."),
    }
    assert (told["status"], told["ok"]) == (0, True)


def test_a_number_of_the_app_that_is_not_set_is_said(made: Callable[..., House]) -> None:
    house = made(UPSALES_APP_ID="")
    house.run()
    row = ask(house)["rows"]["Entries by integrationId"]
    assert (row["found"], row["ok"]) == ("cannot be checked yet", None)
    assert row["sentence"].startswith("UPSALES_APP_ID is not set")


def test_entries_that_were_deleted_in_upsales_settle_nothing(synced: House) -> None:
    synced.tenant.crm.events.clear()
    row = ask(synced)["rows"]["Entries by externalId"]
    assert (row["ok"], row["found"]) == (None, "cannot be checked yet")


def test_an_empty_account_settles_little(sandbox: Sandbox, store: str) -> None:
    told = ask(House(sandbox, store, World(NOW)))
    assert {row["ok"] for row in told["rows"].values()} == {True, None}
    assert told["status"] == 0


@pytest.mark.parametrize(
    ("name", "asked", "sentence"),
    [
        ("apiKey", UPSALES, "No Upsales key is stored: one that Upsales sends is kept"),
        ("wistiaApiPassword", WISTIA, "No Wistia token is stored."),
    ],
)
def test_without_a_key_the_rows_say_so(
    synced: House, name: str, asked: list[str], sentence: str
) -> None:
    forget_secret(name)
    told = ask(synced)
    assert list(told["rows"]) == WISTIA + UPSALES
    silent = [told["rows"][name] for name in asked]
    assert {(row["ok"], row["found"]) for row in silent} == {(None, "cannot be checked yet")}
    assert all(row["sentence"].startswith(sentence) for row in silent)
    assert told["status"] == 0


def revoked(house: House) -> None:
    house.tenant.switches.revoked = True


def key_refused(house: House) -> None:
    house.tenant.switches.key_refused = True


def stats_forbidden(house: House) -> None:
    house.tenant.switches.wistia_scopes = ("media:read",)


def videos_forbidden(house: House) -> None:
    house.tenant.switches.wistia_scopes = ("stats:read",)


def inactive(house: House) -> None:
    house.sandbox.faults.add("wistia.*", "account_inactive")


@pytest.mark.parametrize(
    ("happens", "name", "setting", "words"),
    [
        (revoked, "Wistia account", "wistiaApiPassword", "revoked or mistyped"),
        (key_refused, "How the Upsales key is sent", "apiKey", "refuses the app's key"),
        (stats_forbidden, "Wistia views", "wistiaApiPassword", "Read detailed stats"),
        (videos_forbidden, "Wistia videos", "wistiaApiPassword", "Read all folder and media"),
        (inactive, "Wistia account", None, "not active"),
    ],
)
def test_a_refused_credential_is_a_row_and_exits_with_3(
    synced: House, happens: Callable[[House], None], name: str, setting: str | None, words: str
) -> None:
    happens(synced)
    told = ask(synced)
    row = told["rows"][name]
    assert (told["status"], told["ok"]) == (3, False)
    assert (row["found"], row["ok"], row["setting"]) == ("refused", False, setting)
    assert words in row["sentence"]
    assert list(told["rows"]) == WISTIA + UPSALES
    assert len([one for one in synced.sandbox.requests if one.status == 401]) <= 2


@pytest.mark.parametrize("kind", ["500", "html", "html_404", "not_json", "reset", "429"])
@pytest.mark.parametrize("vendor", ["wistia", "upsales"])
def test_a_vendor_that_is_away_exits_with_4(synced: House, vendor: str, kind: str) -> None:
    synced.sandbox.faults.add(f"{vendor}.*", kind)
    told = ask(synced)
    assert (told["status"], told["ok"]) == (4, False)
    names = {"wistia": WISTIA, "upsales": UPSALES}[vendor]
    assert {told["rows"][name]["ok"] for name in names} == {None}
    assert {row["ok"] for name, row in told["rows"].items() if name not in names} == {True}
    assert synced.sandbox.counters.total(vendor) <= 3


@pytest.mark.parametrize(
    "operation",
    [
        "wistia.account", "wistia.token", "wistia.events", "wistia.medias",
        "upsales.self", "upsales.contacts", "upsales.events", "upsales.forms",
        "upsales.form_submits",
    ],
)  # fmt: skip
@pytest.mark.parametrize("kind", ["400", "404", "not_json", "finds_nothing", "revoked"])
def test_no_answer_breaks_it(synced: House, operation: str, kind: str) -> None:
    synced.sandbox.faults.add(operation, kind)
    told = ask(synced)
    assert told["status"] in (0, 1, 3, 4)
    assert list(told["rows"]) == WISTIA + UPSALES
    assert all(row["sentence"] for row in told["rows"].values())


def test_nothing_relies_on_what_is_switched_off(synced: House) -> None:
    synced.configure(formsEnabled=False, domainMatching=False)
    synced.tenant.switches.forms_feature = False
    synced.tenant.switches.may_read_submits = False
    synced.tenant.switches.contains_search = "ignored"
    told = ask(synced)
    assert told["status"] == 0
    sentences = [row["sentence"] for row in told["rows"].values()]
    assert len([one for one in sentences if "Nothing relies on it" in one]) == 3


def test_another_accounts_key_is_named(synced: House) -> None:
    other = synced.sandbox.add_customer(4712, small_world())
    now, keyring = synced.clock.now(), synced.services.keyring
    customers.save_secret(keyring, synced.customer, "apiKey", other.upsales_key, now)
    row = ask(synced)["rows"]["Whose the Upsales key is"]
    assert (row["expected"], row["found"], row["setting"]) == ("4711", "4712", "apiKey")


def told_by(run: Run, *more: str) -> Ended:
    return run("doctor", "--customer", "4711", *more)


@pytest.fixture
def added_by_hand(upsales_wistia: Run, added: Tenant) -> Tenant:
    """The customer of the command line's tests; its clock stands where its world does."""
    with database.session():
        instance.write(DEMO_CLOCK, NOW.isoformat())
    database.close()
    return added


def test_the_command_prints_checks_and_probes_and_no_secret(
    upsales_wistia: Run, added_by_hand: Tenant
) -> None:
    ended = told_by(upsales_wistia, "--json")
    assert ended.document["ok"] is True
    assert ended.status == 0
    assert [row["name"] for row in ended.document["probes"]] == WISTIA + UPSALES
    assert ended.document["checks"][0]["name"] == "database"
    tenant = added_by_hand
    for secret in (tenant.public_token, tenant.wistia_token, tenant.upsales_key):
        assert secret not in ended.out + ended.err


def test_people_see_a_table_of_expected_and_found(
    upsales_wistia: Run, added_by_hand: Tenant
) -> None:
    added_by_hand.switches.contains_search = "ignored"
    ended = told_by(upsales_wistia)
    lines = ended.out.splitlines()
    head = next(line for line in lines if line.split() == ["Expected", "Found"])
    place = next(n for n, line in enumerate(lines) if line.startswith("NOT"))
    assert lines[place].startswith("NOT  Contacts by a part of an e-mail (src)  works")
    assert lines[place][head.index("Found") :] == "is ignored"
    assert lines[place + 1].strip().startswith("All contacts are read once a day instead")
    assert lines[place + 1].endswith("Setting: domainMatching")
    assert ended.status == 1


def test_an_address_where_nobody_listens_is_a_check_and_rows(
    upsales_wistia: Run, added_by_hand: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        monkeypatch.setenv("WISTIA_API_URL", f"http://127.0.0.1:{free.getsockname()[1]}")
        ended = told_by(upsales_wistia, "--json")
    assert ended.status == 4
    assert [c["name"] for c in ended.document["checks"] if not c["ok"]] == ["Wistia's address"]
    assert ended.document["probes"][0]["ok"] is None


def test_keys_that_do_not_fit_are_told_by_the_check(
    upsales_wistia: Run, added: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ENCRYPTION_KEYS", "0" * 43 + "=")
    ended = told_by(upsales_wistia, "--json")
    assert (ended.status, ended.document["probes"]) == (1, [])


def test_an_unknown_customer_is_one_sentence(upsales_wistia: Run) -> None:
    ended = told_by(upsales_wistia, "--json")
    assert ended.status == 2
    assert ended.document["error"].startswith("No customer has the number 4711.")


def test_without_a_customer_no_vendor_is_asked(
    upsales_wistia: Run, added: Tenant, sandbox: Sandbox
) -> None:
    ended = upsales_wistia("doctor", "--json")
    assert "probes" not in ended.document
    assert sandbox.requests == []
