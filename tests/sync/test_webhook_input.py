"""What may come to the webhook's address: signed or not, once or again, much or nonsense."""

from __future__ import annotations

import gc
import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tests.sync.house import NOW, House, view
from tests.sync.told import SECRET, ToldHouse, told_house
from upsales_wistia.clients.wistia_webhook import KINDS, is_signed, load_delivery
from upsales_wistia.store import customers, instance, webhooks
from upsales_wistia.store.database import database

BuildHouse = Callable[..., House]
ADDRESS = "/webhooks/wistia/4711"

HOOK = {"uuid": "a4ab9eb6-ab82-4dae-86f2-29f744f7d031"}
VIEWING = {
    "visitor": {"id": "v20150227_c651bc81-8ec8-445b-b8a0-878d19278d35"},
    "viewing_session": {"id": "v20150225_e17a7db7-da7d-4d56-b5a8-ce6a9b62a800"},
    "media": {
        "id": "l9dqljgtfy",
        "name": "Lenny Eating Peanuts",
        "url": "http://dave.wistia.com/medias/l9dqljgtfy",
        "duration": 71.912,
        "thumbnail": {"url": "http://embed.wistia.com/deliveries/e04d7729.jpg"},
    },
}
VIDEO = {
    "media": {
        "duration": 40.207,
        "id": "vpe2p82q64",
        "name": "Lenny Delivers Video!",
        "thumbnail": {"url": "http://embed.wistia.com/deliveries/e96ea382.jpg"},
        "url": "https://harper.wistia.com/medias/vpe2p82q64",
    }
}
SAMPLES: dict[str, dict[str, Any]] = {
    "viewing_session.play": VIEWING,
    "viewing_session.percent_watched": {**VIEWING, "percent_watched": 25},
    "viewing_session.turnstile.converted": {
        **VIEWING,
        "name": "Lenny Lavigne",
        "email": "lenny@wistia.com",
    },
    "viewing_session.call_to_action.converted": VIEWING,
    "viewing_session.annotation.converted": VIEWING,
    "media.created": {"media": {**VIDEO["media"], "duration": None}},
    "media.processing": VIDEO,
    "media.ready": VIDEO,
    "media.failed": VIDEO,
    "media.updated": {**VIDEO, "previous_attributes": {"thumbnail": {"url": "http://e.test/1"}}},
    "media.deleted": {"media": {"id": "f5diqltruh"}},
    "media.transcript_updated": {**VIDEO, "language_code": "eng"},
    "live_event.registration": {"registrant": {"email": "lenny@wistia.com"}},
}
"""As Wistia's documentation shows them. https://docs.wistia.com/docs/webhooks"""


def delivery(*events: tuple[str, dict[str, Any]], start: int = 0) -> bytes:
    """A body around events, each a type with its payload."""
    rows = [
        {
            "uuid": f"{start + number:032x}",
            "type": kind,
            "payload": payload,
            "metadata": {"account_id": "8lq25o0p9c"},
            "generated_at": NOW.strftime("%Y-%m-%dT%H:%M:%SZ"),
        }
        for number, (kind, payload) in enumerate(events)
    ]
    return json.dumps({"hook": HOOK, "events": rows}, indent=1).encode()


def converted(key: str, email: str = "anna@acme.example") -> tuple[str, dict[str, Any]]:
    payload = {"visitor": {"id": "v"}, "viewing_session": {"id": key}, "email": email}
    return "viewing_session.turnstile.converted", payload


@pytest.fixture
def database_kind() -> str:
    """What is refused does not differ from one database to the other."""
    return "sqlite"


@pytest.fixture
def told(build_house: BuildHouse) -> ToldHouse:
    return told_house(build_house)


def stored() -> int:
    return int(database.execute_sql("SELECT count(*) FROM webhook_events").fetchone()[0])


def counted(kind: str) -> int:
    return int(instance.read(instance.WEBHOOK_EVENTS + kind) or 0)


def by_openssl(body: bytes, secret: str) -> str:
    """The signature as another program computes it."""
    program = shutil.which("openssl")
    if program is None:
        if os.environ.get("CI") == "true":
            pytest.fail("openssl is not installed")
        pytest.skip("openssl is not installed")
    made = subprocess.run(
        [program, "dgst", "-sha256", "-hmac", secret, "-r"],
        input=body,
        capture_output=True,
        check=True,
    )
    return made.stdout.decode().split()[0]


@pytest.mark.parametrize("kind", SAMPLES)
def test_a_documented_sample_signed_by_another_program_is_accepted(
    told: ToldHouse, kind: str
) -> None:
    body = delivery((kind, SAMPLES[kind]))
    assert told.webhook.send(body, by_openssl(body, SECRET)) == 202
    assert (stored(), counted(kind)) == (1, 1)
    assert kind in KINDS


def test_the_samples_are_read_in_full() -> None:
    events, unreadable = load_delivery(delivery(*SAMPLES.items()))
    assert unreadable == 0
    read = {event.kind: event for event in events}
    assert set(read) == set(SAMPLES)
    watched = read["viewing_session.percent_watched"]
    assert (watched.fraction, watched.media_id) == (0.25, "l9dqljgtfy")
    assert watched.event_key == "v20150225_e17a7db7-da7d-4d56-b5a8-ce6a9b62a800"
    assert watched.generated_at == NOW
    assert read["viewing_session.turnstile.converted"].email == "lenny@wistia.com"
    assert read["media.deleted"].media_id == "f5diqltruh"
    assert "lenny@wistia.com" not in repr(read["viewing_session.turnstile.converted"])


@pytest.mark.parametrize(
    ("told_as", "fraction"),
    [(25, 0.25), (0.25, 0.25), (1, 1.0), (100, 1.0), (100.5, 1.0), (0, 0.0), ("75", 0.75)],
)
def test_either_scale_of_percent_is_read(told_as: object, fraction: float) -> None:
    body = delivery(("viewing_session.percent_watched", {**VIEWING, "percent_watched": told_as}))
    ((event,), _) = load_delivery(body)
    assert event.fraction == fraction


@pytest.mark.parametrize("odd", [None, "", "much", -1, True, [50], {"is": 50}, float("nan")])
def test_a_percent_that_is_none_tells_nothing(odd: object) -> None:
    body = delivery(("viewing_session.percent_watched", {**VIEWING, "percent_watched": odd}))
    ((event,), _) = load_delivery(body)
    assert event.fraction is None


BODY = delivery(converted("e1"))
GOOD = by_openssl(BODY, SECRET) if shutil.which("openssl") else ""


@pytest.mark.parametrize(
    "signature",
    [
        "",
        "0" * 64,
        GOOD[:-1],
        GOOD + "0",
        GOOD.upper(),
        f"sha256={GOOD}",
        GOOD[:32] + " " + GOOD[32:],
        "\xe5\xe4\xf6",
        by_openssl(BODY, "another secret") if GOOD else "x",
        by_openssl(BODY + b" ", SECRET) if GOOD else "x",
    ],
)
def test_what_is_not_signed_with_the_secret_is_refused(told: ToldHouse, signature: str) -> None:
    assert told.webhook.send(BODY, signature) == 401
    assert stored() == 0


def test_no_signature_at_all_is_refused(told: ToldHouse) -> None:
    assert told.browser.post(ADDRESS, data=BODY).status_code == 401
    assert stored() == 0


def test_a_changed_body_is_refused(told: ToldHouse) -> None:
    changed = BODY.replace(b"anna@acme.example", b"eve@evil.example")
    assert told.webhook.send(changed, told.webhook.sign(BODY)) == 401
    assert stored() == 0


@pytest.mark.parametrize(
    "customer", ["4712", "0", "-1", "4711.0", "abc", "9" * 18, "9" * 19, "9" * 400, "４７１１", " "]
)
def test_a_customer_that_is_not_known_is_refused_in_the_same_way(
    told: ToldHouse, customer: str
) -> None:
    wrong = told.browser.post(ADDRESS, data=BODY, headers={"X-Wistia-Signature": "0" * 64})
    unknown = told.browser.post(
        f"/webhooks/wistia/{customer}", data=BODY, headers={"X-Wistia-Signature": GOOD}
    )
    assert (unknown.status_code, unknown.data) == (401, wrong.data)
    assert dict(unknown.headers) == dict(wrong.headers)


def test_a_customer_without_a_secret_is_refused_whatever_is_sent(build_house: BuildHouse) -> None:
    told = ToldHouse(build_house())
    customers.save_secret(told.house.services.keyring, 4711, "wistiaWebhookSecret", "", NOW)
    for secret in ("", "a secret that nobody has", SECRET):
        told.webhook.secret = secret
        assert told.webhook.send(BODY) == 401


def test_an_unknown_customer_costs_the_same_work(
    told: ToldHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each refusal opens one sealed secret, computes one signature and compares it."""
    opened: list[int] = []
    keyring = told.house.services.keyring
    really = keyring.open

    def watched(customer_id: int, token: str) -> str:
        opened.append(customer_id)
        return really(customer_id, token)

    monkeypatch.setattr(keyring, "open", watched)
    for customer in ("4711", "4712", "abc"):
        opened.clear()
        assert not told.house.services.webhooks.receive(customer, BODY, "0" * 64)
        assert len(opened) == 1


def test_a_replay_changes_nothing(told: ToldHouse) -> None:
    house = told.house
    house.world.add(view("e1", "anna@acme.example"))
    signature = told.webhook.sign(BODY)
    assert told.webhook.send(BODY, signature) == 202
    told.works_off()
    assert len(house.entries) == 1
    house.forget_calls()
    for _ in range(3):
        assert told.webhook.send(BODY, signature) == 202
        told.works_off()
    assert (len(house.entries), stored()) == (1, 1)
    assert house.calls("wistia.event") == 0
    assert counted("viewing_session.turnstile.converted") == 1


def test_a_replay_of_an_event_that_is_forgotten_starts_nothing(told: ToldHouse) -> None:
    house = told.house
    told.webhook.send(BODY)
    told.works_off()
    for _ in range(2):
        house.later(days=8)
        told.webhook.send(delivery(("viewing_session.play", VIEWING), start=99))
        house.run()
    assert stored() == 1, "the conversion is forgotten, the newest is not"
    house.forget_calls()
    assert told.webhook.send(BODY) == 202
    told.works_off()
    assert house.calls("wistia.event") == 0


def test_a_uuid_that_comes_twice_in_one_body_counts_once(told: ToldHouse) -> None:
    twice = json.loads(BODY)
    twice["events"] *= 2
    assert told.webhook.send(json.dumps(twice).encode()) == 202
    assert stored() == 1


def test_two_customers_may_have_the_same_uuid(told: ToldHouse) -> None:
    other = ToldHouse(House(told.house.sandbox, told.house.database_url, customer=4712))
    assert told.webhook.send(BODY) == 202
    assert other.webhook.send(BODY) == 202
    assert stored() == 2


def test_an_event_of_another_account_is_absorbed(told: ToldHouse) -> None:
    """It was signed with our secret, but Wistia knows no such view in this account."""
    house = told.house
    told.webhook.send(delivery(converted("another's"), ("media.deleted", {"media": {"id": "x"}})))
    for _ in range(30):
        told.works_off()
        house.later(minutes=1)
    house.run()
    assert house.entries == []
    assert not webhooks.due_customers(house.clock.now() + timedelta(days=300))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"nonsense",
        b"[]",
        b"null",
        b'{"events": null}',
        b'{"events": {"uuid": "1"}}',
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"events": [' + b"9" * 5000 + b"]}",
    ],
)
def test_what_is_signed_and_not_understood_is_taken_in_and_counted(
    told: ToldHouse, body: bytes
) -> None:
    """Sent again it would say the same."""
    assert told.webhook.send(body) == 202
    assert (stored(), counted("unreadable")) == (0, 1)


def test_one_odd_event_does_not_stop_the_others(told: ToldHouse) -> None:
    document = json.loads(delivery(converted("e1"), converted("e2")))
    odd: list[Any] = [None, 7, "x", {}, {"uuid": 5, "type": "a"}, {"uuid": "u" * 300, "type": "a"}]
    document["events"] = [*odd, *document["events"]]
    assert told.webhook.send(json.dumps(document).encode()) == 202
    assert (stored(), counted("unreadable")) == (2, len(odd))


@pytest.mark.parametrize(
    "payload",
    [
        None,
        [],
        "x",
        {},
        {"viewing_session": None},
        {"viewing_session": {"id": 5}},
        {"viewing_session": {"id": "a\0b"}},
        {"viewing_session": {"id": "k" * 300}},
        {"viewing_session": {"id": ""}, "visitor": "x", "email": {"a": 1}},
    ],
)
def test_an_event_that_names_no_view_starts_nothing(told: ToldHouse, payload: Any) -> None:
    assert told.webhook.send(delivery(("viewing_session.turnstile.converted", payload))) == 202
    assert stored() == 1
    assert not webhooks.due_customers(NOW + timedelta(days=1))


def test_a_type_that_is_not_known_is_accepted_and_counted(told: ToldHouse) -> None:
    assert told.webhook.send(delivery(("viewing_session.dreamt", VIEWING))) == 202
    assert (stored(), counted("unknown")) == (1, 1)
    assert not webhooks.due_customers(NOW + timedelta(days=1))


def test_events_are_counted_for_the_operator(told: ToldHouse) -> None:
    told.webhook.send(delivery(*SAMPLES.items(), ("viewing_session.dreamt", VIEWING)))
    told.webhook.send(b"nonsense")
    shown = told.browser.get("/metrics", base_url="http://127.0.0.1:8000").text
    assert 'upsales_wistia_webhook_events_total{type="viewing_session.play"} 1.0' in shown
    assert 'upsales_wistia_webhook_events_total{type="unknown"} 1.0' in shown
    assert 'upsales_wistia_webhook_events_total{type="unreadable"} 1.0' in shown
    assert "dreamt" not in shown


def test_five_megabytes_are_refused_before_they_are_read(told: ToldHouse) -> None:
    body = b'{"events": [], "more": "' + b"x" * 5 * 1024 * 1024 + b'"}'
    assert told.webhook.send(body) == 413
    assert stored() == 0


def test_as_many_events_as_fit_into_a_megabyte_are_taken(told: ToldHouse) -> None:
    one = len(delivery(converted("e1"), converted("e1"))) - len(delivery(converted("e1")))
    body = delivery(*[converted("e1")] * (1_000_000 // one))
    assert told.webhook.send(body) == 202
    assert stored() == 1_000_000 // one > 2000


def test_ten_thousand_in_a_burst_are_absorbed_with_steady_memory(told: ToldHouse) -> None:
    house = told.house
    for n in range(40):
        house.world.add(view(f"e{n}", "anna@acme.example"))
    send = house.services.webhooks.receive
    objects = []
    for hundred in range(100):
        rows = [converted(f"e{n % 40}") for n in range(100)]
        body = delivery(*rows, start=hundred * 100)
        assert send("4711", body, told.webhook.sign(body))
        if hundred in (20, 99):
            gc.collect()
            objects.append(len(gc.get_objects()))
    assert stored() == 10_000
    assert objects[1] - objects[0] < 800, "what 8,000 events left behind"
    house.forget_calls()
    told.works_off()
    assert house.calls("wistia.event") == 40, "each view is asked for once"
    assert len(house.entries) == 40


def test_a_secret_that_comes_from_upsales_takes_the_place_of_the_old_one(told: ToldHouse) -> None:
    told.house.configure(wistiaWebhookSecret="another")
    assert told.webhook.send(BODY) == 401
    told.webhook.secret = "another"
    assert told.webhook.send(BODY) == 202


def test_nothing_of_a_person_is_stored_with_an_event(told: ToldHouse) -> None:
    assert told.webhook.send(delivery(converted("e1", "Anna@Acme.Example"))) == 202
    rows = repr(database.execute_sql("SELECT * FROM webhook_events").fetchall())
    assert not re.search("anna", rows, re.IGNORECASE)


def test_signatures_are_compared_whatever_their_kind() -> None:
    body = "å".encode()
    assert is_signed(body, by_openssl(body, "ключ"), "ключ")
    assert not is_signed(body, "\ud800", "ключ")
