"""Every command, its document and its exit status."""

from __future__ import annotations

import json
import socket
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.sync.house import view
from upsales_wistia.enrichment.rules import JOBS
from upsales_wistia.sandbox import Sandbox, Tenant


def add(run: Run, tenant: Tenant, **config: object) -> tuple[int, dict[str, object]]:
    given = {"config": tenant.config | config}
    ended = run(
        "customers", "add", "4711", "--name", "Acme", "--config", "-", "--json",
        stdin=json.dumps(given),
    )  # fmt: skip
    return ended.status, ended.document


def test_sync_prints_the_document(upsales_wistia: Run, added: Tenant) -> None:
    ended = upsales_wistia("sync", "--customer", "4711", "--json")
    document = ended.document
    assert ended.status == 0
    assert list(document) == [
        "customer", "run", "status", "reason", "code", "window", "funnel", "balance", "written",
        "settling", "waiting", "retrying", "failed", "uncertain", "healed", "requests", "seconds",
    ]  # fmt: skip
    assert document["written"]["activities"] == 2
    assert document["funnel"]["form"] is None
    assert set(document["requests"]) == {"wistia", "upsales", "mavera"}
    assert len(added.crm.events) == 2


def test_sync_shows_people_the_funnel_and_that_it_adds_up(
    upsales_wistia: Run, added: Tenant
) -> None:
    ended = upsales_wistia("sync", "--customer", "4711")
    assert "Left an e-mail in a Turnstile" in ended.out
    assert "1 left no e-mail" in ended.out
    assert "2 + 0 + 1 + 0 + 0 + 0 + 0 + 0 = 3 views. It adds up." in ended.out
    assert "Reading views, page 1" in ended.err


def test_a_dry_run_writes_nothing_and_says_what_it_would(
    upsales_wistia: Run, added: Tenant
) -> None:
    dry = upsales_wistia("sync", "--customer", "4711", "--dry-run", "--json").document
    assert added.crm.events == {}
    assert upsales_wistia("customers", "show", "4711", "--json").document["last_run"] is None
    real = upsales_wistia("sync", "--customer", "4711", "--json").document
    assert dry["balance"] == real["balance"]
    assert dry["written"] == real["written"]


def test_failed_items_exit_with_1(upsales_wistia: Run, added: Tenant, sandbox: Sandbox) -> None:
    sandbox.faults.add("upsales.create_event", "500_after_writing", times=1)
    assert upsales_wistia("sync", "--customer", "4711").status == 1


@pytest.mark.parametrize(
    ("operation", "kind", "status", "code"),
    [
        ("wistia.events", "unauthorized_scope", 3, "unauthorized_scope"),
        ("upsales.contacts", "revoked", 3, "upsales_key_refused"),
        ("wistia.events", "html_404", 4, "wistia_away"),
    ],
)
def test_refusals_exit_with_3_and_4_and_print_the_whole_document(
    upsales_wistia: Run,
    added: Tenant,
    sandbox: Sandbox,
    operation: str,
    kind: str,
    status: int,
    code: str,
) -> None:
    sandbox.faults.add(operation, kind, times=None)
    ended = upsales_wistia("sync", "--customer", "4711", "--json")
    assert (ended.status, ended.document["code"]) == (status, code)
    assert ended.document["balance"]["activity"]["views"] == ended.document["funnel"]["views"]
    assert ended.document["reason"].endswith(".")


@pytest.mark.parametrize(
    "arguments",
    [
        ("sync", "--customer", "12"),
        ("sync", "--customer", "12", "--dry-run"),
        ("explain", "--customer", "12", "a@b.example"),
        ("simulate", "--customer", "12", "--set", "activityMinPercent=1"),
        ("customers", "show", "12"),
        ("customers", "pause", "12"),
        ("customers", "resume", "12"),
        ("customers", "remove", "12"),
        ("link", "--customer", "12"),
    ],
)
def test_an_unknown_customer_is_one_sentence(upsales_wistia: Run, arguments: list[str]) -> None:
    ended = upsales_wistia(*arguments)
    assert (ended.status, ended.out) == (2, "")
    sentence = "No customer has the number 12. See: upsales-wistia customers list."
    assert ended.err.strip() == sentence
    ended = upsales_wistia(*arguments, "--json")
    assert (ended.status, ended.document) == (2, {"error": sentence})


@pytest.mark.parametrize(
    "arguments",
    [
        ("nonsense",),
        ("sync",),
        ("sync", "--customer", "x"),
        ("simulate", "--customer", "4711", "--set", "nonsense=1"),
        ("simulate", "--customer", "4711", "--set", "activityMinPercent"),
        ("simulate", "--customer", "4711", "--set", "activityMinPercent=lots"),
        ("customers", "add", "0", "--name", "x", "--config", "-"),
        ("customers", "add", "5", "--name", "x", "--config", "no/such/file"),
        ("customers", "add", "5", "--name", "x", "--config", "-"),
    ],
)
def test_wrong_use_is_one_json_document_with_2(
    upsales_wistia: Run, added: Tenant, arguments: list[str]
) -> None:
    ended = upsales_wistia(*arguments, "--json", stdin="not json")
    assert ended.status == 2
    assert list(ended.document) == ["error"]
    assert "Traceback" not in ended.err


@pytest.mark.parametrize("given", ["[]", '{"config": []}', '{"apiKey": 5}', "[" * 100_000])
def test_a_config_of_another_shape_changes_nothing(upsales_wistia: Run, given: str) -> None:
    ended = upsales_wistia("customers", "add", "5", "--name", "x", "--config", "-", stdin=given)
    assert ended.status == 2
    assert upsales_wistia("customers", "list", "--json").document == {"customers": []}


def test_a_value_that_cannot_be_read_is_told(upsales_wistia: Run, added: Tenant) -> None:
    status, document = add(upsales_wistia, added, activityMinPercent="lots")
    assert status == 1
    assert "activityMinPercent" in str(document["problems"])
    shown = upsales_wistia("customers", "show", "4711", "--json").document
    assert shown["problems"]
    assert upsales_wistia("sync", "--customer", "4711").status == 0


def test_no_credential_is_ever_shown(upsales_wistia: Run, added: Tenant) -> None:
    shown = upsales_wistia("customers", "show", "4711")
    assert "apiKey" in shown.out
    for secret in (added.upsales_key, added.wistia_token):
        assert secret not in shown.out + shown.err
    add(upsales_wistia, added, wistiaApiPassword="")
    assert "wistiaApiPassword" in upsales_wistia("customers", "show", "4711").out


def test_customers_are_listed_paused_resumed_and_removed(
    upsales_wistia: Run, added: Tenant
) -> None:
    states = []
    for verb in ("pause", "resume"):
        assert upsales_wistia("customers", verb, "4711").status == 0
        states += [
            c["state"] for c in upsales_wistia("customers", "list", "--json").document["customers"]
        ]
    assert states == ["paused", "active"]
    assert upsales_wistia("customers", "remove", "4711").status == 0
    assert upsales_wistia("customers", "list").out.startswith("No customers yet.")


def test_explain_tells_the_reason_and_the_smallest_change(
    upsales_wistia: Run, added: Tenant
) -> None:
    add(upsales_wistia, added, activityMinPercent=60, formsEnabled=True)
    upsales_wistia("sync", "--customer", "4711")
    (found,) = upsales_wistia(
        "explain", "--customer", "4711", "Anna@acme.example", "--json"
    ).document["views"]
    assert (found["event_key"], found["percent"]) == ("e1", 40.5)
    activity = found["targets"]["activity"]
    assert (activity["verdict"], activity["stage"], activity["code"]) == (
        "dropped", "watched", "below_minimum",
    )  # fmt: skip
    assert activity["reason"] == "Watched 40%; your minimum is 60%."
    assert activity["would_pass_with"] == {"activityMinPercent": 40}
    (by_key,) = upsales_wistia("explain", "--customer", "4711", "e2", "--json").document["views"]
    assert by_key["targets"]["activity"]["code"] == "registered"
    told = upsales_wistia("explain", "--customer", "4711", "e1").out
    assert "It would pass with activityMinPercent = 40." in told
    nobody = upsales_wistia("explain", "--customer", "4711", "no@body.example")
    assert (nobody.status, nobody.out[:34]) == (0, "Wistia has sent no view of no@body")


def test_simulate_tells_what_a_change_gains_and_loses(upsales_wistia: Run, added: Tenant) -> None:
    add(upsales_wistia, added, activityMinPercent=60)
    upsales_wistia("sync", "--customer", "4711")
    arguments = ("simulate", "--customer", "4711", "--set", "activityMinPercent=40")
    assert upsales_wistia(*arguments, "--json").document == {
        "activity": {"gained": ["e1"], "lost": [], "unknown": []},
        "form": {"gained": [], "lost": [], "unknown": []},
    }
    assert "activity: 1 gained, 0 lost" in upsales_wistia(*arguments).out


def test_simulate_tells_the_first_event_keys_of_each_kind(
    upsales_wistia: Run, added: Tenant
) -> None:
    for number in range(11):
        added.world.add(view(f"more{number:02}", "anna@acme.example", fraction=0.3))
    add(upsales_wistia, added, activityMinPercent=60)
    upsales_wistia("sync", "--customer", "4711")
    told = upsales_wistia(
        "simulate", "--customer", "4711", "--set", "activityMinPercent=20"
    ).out.splitlines()
    assert told == [
        "activity: 12 gained, 0 lost, 0 need a look-up in Upsales",
        "  gained  e1",
        *(f"  gained  more{number:02}" for number in range(9)),
        "  gained  and 2 more; --json lists them all",
        "form: 0 gained, 0 lost, 0 need a look-up in Upsales",
    ]


def test_doctor_looks_at_the_deployment(
    upsales_wistia: Run, added: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = upsales_wistia("doctor", "--json")
    assert (ended.status, ended.document["ok"]) == (0, True)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        monkeypatch.setenv("WISTIA_API_URL", f"http://127.0.0.1:{free.getsockname()[1]}")
        ended = upsales_wistia("doctor")
    assert ended.status == 1
    assert "NOT  Wistia's address" in ended.out


def test_doctor_names_keys_that_do_not_fit(
    upsales_wistia: Run, added: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ENCRYPTION_KEYS", "0" * 43 + "=")
    ended = upsales_wistia("doctor", "--json")
    assert ended.status == 1
    (wrong,) = [c for c in ended.document["checks"] if not c["ok"]]
    assert wrong["name"] == "keys"


def test_migrate_twice_does_no_harm(upsales_wistia: Run) -> None:
    assert upsales_wistia("migrate", "--json").document == {"applied": []}
    assert upsales_wistia("migrate").out == "The database is up to date.\n"


def test_a_port_in_use_is_one_sentence(upsales_wistia: Run) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        ended = upsales_wistia("serve", "--port", str(port))
    assert ended.status == 2
    assert ended.err.strip().startswith(f"Port {port} is in use.")


def test_a_link_opens_the_customers_pages(upsales_wistia: Run, added: Tenant) -> None:
    url = upsales_wistia("link", "--customer", "4711", "--json").document["url"]
    assert url.startswith("http://127.0.0.1:8000/c/4711/enter?t=")


def test_the_demo_shows_the_funnel_twice(
    upsales_wistia: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = upsales_wistia("demo", "--once", "--json").document
    assert first["funnel"]["activity"] == {"matched": 30, "watched": 20, "project": 18, "new": 4}
    assert len(first["entries"]) == 4 + 9
    found = {made["job"]: made for made in first["enrichment"]}
    assert [(job, made["status"]) for job, made in found.items()] == [(job, "done") for job in JOBS]
    assert all(made["credits"]["spent"] for made in found.values())
    assert [drop["at"] for drop in found["dropoff"]["result"]["drops"]] == [46, 100, 302]
    assert len(found["followup"]["result"]["drafts"]) == 10
    again = upsales_wistia("demo", "--once")
    assert again.status == 0
    assert "Written: 0 activities and 0 forms." in again.out
    assert "brand-voice    0 credits  4 transcripts: plain, warm" in again.out  # made once
    assert (tmp_path / "upsales_wistia_demo.db").exists()
    monkeypatch.setenv("DATABASE_URL", "sqlite:///upsales_wistia_demo.db")
    for name in ("SECRET_KEY", "ENCRYPTION_KEYS"):
        monkeypatch.delenv(name)
    found = upsales_wistia("customers", "list", "--json").document
    assert [c["customer"] for c in found["customers"]] == [4711]


def test_an_environment_that_cannot_be_read_is_told_at_once(
    upsales_wistia: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POLL_MINUTES", "often")
    ended = upsales_wistia("customers", "list", "--json")
    assert ended.status == 2
    assert "POLL_MINUTES" in ended.document["error"]
