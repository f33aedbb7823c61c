"""The sandbox as a process of its own, driven over its control endpoint."""

from __future__ import annotations

import hmac
import json
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import requests

from upsales_wistia.sandbox import Sandbox, Tenant
from upsales_wistia.sandbox.__main__ import serve
from upsales_wistia.sandbox.server import Call, LoopbackServer, Reply


class Control:
    def __init__(self, url: str) -> None:
        self.url = f"{url}/_control"

    def __call__(self, method: str, path: str, body: Any = None) -> Any:
        answer = requests.request(method, f"{self.url}/{path}", json=body, timeout=10)
        assert answer.status_code == 200, answer.text
        return answer.json()


@pytest.fixture
def control(sandbox: Sandbox, tenant: Tenant) -> Control:
    return Control(sandbox.wistia_url)


@pytest.fixture(scope="module")
def process() -> Iterator[dict[str, Any]]:
    command = [sys.executable, "-m", "upsales_wistia.sandbox", "--now", "2026-11-20T14:20:00Z"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        try:
            yield json.loads(running.stdout.readline())
        finally:
            running.send_signal(signal.SIGTERM)
            assert running.wait(timeout=10) == 0


def test_it_prints_where_it_is_and_what_lets_one_in(process: dict[str, Any]) -> None:
    (customer,) = process["customers"]
    assert customer["id"] == 4711
    assert customer["config"]["wistiaApiPassword"] == customer["wistia_token"]
    assert customer["now"] == customer["yesterday"] == "2026-11-19T14:20:00+00:00"
    account = requests.get(
        f"{process['wistia_url']}/v1/account.json",
        headers={"Authorization": f"Bearer {customer['wistia_token']}"},
        timeout=10,
    )
    self_ = requests.get(
        f"{process['upsales_url']}/self", params={"token": customer["upsales_key"]}, timeout=10
    )
    assert (account.status_code, self_.status_code) == (200, 200)


def test_it_serves_as_many_customers_as_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    ended = threading.Event()
    ended.set()
    arguments = ["--world", "empty", "--customer", "1", "--customer", "2", "--limits", "off"]
    assert serve(arguments, ended) == 0
    printed = json.loads(capsys.readouterr().out)
    assert [customer["id"] for customer in printed["customers"]] == [1, 2]
    assert printed["upsales_url"].endswith("/api/v2")


def test_it_can_be_moved_from_outside(process: dict[str, Any]) -> None:
    control = Control(process["wistia_url"])
    today = process["customers"][0]["today"]
    control("POST", "time", {"now": today, "customer": 4711})
    assert control("GET", "time") == {"4711": today}


def test_faults_and_counters(control: Control, sandbox: Sandbox, tenant: Tenant) -> None:
    fault = control("POST", "faults", {"operation": "wistia.account", "kind": "500", "times": 1})
    bearer = {"Authorization": f"Bearer {tenant.wistia_token}"}
    url = f"{sandbox.wistia_url}/v1/account"
    assert requests.get(url, headers=bearer, timeout=5).status_code == 500
    assert requests.get(url, headers=bearer, timeout=5).status_code == 200
    counted = control("GET", f"counters?customer={tenant.id}")
    assert counted == {"operations": {"wistia.account": 2}, "wistia": 2, "upsales": 0, "mavera": 0}
    assert [request["status"] for request in control("GET", "requests")] == [500, 200]
    control("DELETE", "counters")
    assert control("GET", "counters")["wistia"] == 0
    again = control("POST", "faults", {"operation": "*", "kind": "503"})
    assert again["id"] > fault["id"]
    control("DELETE", f"faults/{again['id']}")
    assert control("GET", "faults") == []


def test_switches_limits_and_latency(control: Control, sandbox: Sandbox, tenant: Tenant) -> None:
    control("POST", "switches", {"customer": tenant.id, "event_zone": "Europe/Stockholm"})
    control("POST", "limits", {"wistia_per_minute": 5})
    control("POST", "latency", {"upsales": 0.5})
    assert tenant.switches.event_zone == "Europe/Stockholm"
    assert sandbox.limits.wistia_per_minute == 5
    assert sandbox.latency == {"wistia": 0.0, "upsales": 0.5, "mavera": 0.0}
    control("POST", "limits", "off")
    assert sandbox.limits.windows("upsales", write=True) == []


def test_contents_contacts_and_views(control: Control, tenant: Tenant) -> None:
    contact = {"customer": tenant.id, "email": "new@granby.example", "company_id": 303}
    made = control("POST", "contacts", contact)
    contents = control("GET", f"upsales/{tenant.id}")
    assert made["id"] in {row["id"] for row in contents["contacts"]}
    assert contents["events"] == contents["submits"] == contents["forms"] == []
    control("DELETE", f"contacts/{tenant.id}/{made['id']}")
    assert made["id"] not in tenant.crm.contacts

    view = tenant.world.views()[0]
    control("POST", "views", {"customer": tenant.id, "event_key": view.event_key, "fraction": 0.5})
    fresh = {
        "event_key": "fresh",
        "visitor_key": "v",
        "received_at": "2026-11-20T10:00:00Z",
        "fraction": 0.9,
        "media_id": "m7first0a1",
    }
    control("POST", "views", {"customer": tenant.id, **fresh})
    assert tenant.world.view(view.event_key).fraction == 0.5  # type: ignore[union-attr]
    assert tenant.world.view("fresh") is not None


def test_upsales_posts_to_the_app_when_told_to(control: Control, tenant: Tenant) -> None:
    seen: list[tuple[str, dict[str, Any]]] = []

    class App(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            seen.append(
                (self.path, json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            )
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b'{"message": "well"}')

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), App) as app:
        threading.Thread(target=app.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{app.server_port}/"
        told = control("POST", "platform", {"app": url, "refuses": [9]})
        assert told == {"app": url.rstrip("/"), "hooks": [], "callbacks": []}
        answered = control("POST", "ask", {"path": "/status", "key": True})
        app.shutdown()
    assert answered == {"status": 200, "body": {"message": "well"}}
    ((path, asked),) = seen
    assert (path, asked["customer"]["id"], asked["apiKey"]) == (
        "/status",
        tenant.id,
        tenant.upsales_key,
    )


def test_what_the_app_told_upsales_can_be_read(control: Control, sandbox: Sandbox) -> None:
    hook = {"customerId": "4711", "appId": "300", "authenticationKey": sandbox.platform.app_key}
    requests.post(f"{sandbox.external_url}/appHook", params=hook, json={}, timeout=5)
    requests.post(f"{sandbox.external_url}/callback/4711", json={"message": "m"}, timeout=5)
    told = control("GET", "platform")
    assert told["hooks"] == [4711]
    assert told["callbacks"] == [{"customer": 4711, "message": "m"}]


class Listener:
    """Where a webhook is posted to: what came, and its signature."""

    def __init__(self) -> None:
        self.posts: list[tuple[dict[str, Any], str, bytes]] = []
        self.server = LoopbackServer(0, self._take)

    def _take(self, call: Call) -> Reply:
        self.posts.append((call.json(), call.headers["x-wistia-signature"], call.body))
        return Reply(202)

    def types(self) -> list[list[str]]:
        """The types of events in each post."""
        return [[event["type"] for event in body["events"]] for body, _, _ in self.posts]


@pytest.fixture
def listener() -> Iterator[Listener]:
    made = Listener()
    made.server.start()
    yield made
    made.server.stop()


def test_a_webhook_tells_of_what_happens(
    control: Control, tenant: Tenant, listener: Listener
) -> None:
    setup = {"customer": tenant.id, "address": f"{listener.server.url}/hook", "secret": "s"}
    control("POST", "webhooks", setup)
    fresh = {
        "event_key": "fresh",
        "visitor_key": "v",
        "received_at": "2026-11-20T10:00:00Z",
        "fraction": 0.3,
        "media_id": "m7first0a1",
    }
    control("POST", "views", {"customer": tenant.id, **fresh})
    grown = {"event_key": "fresh", "fraction": 0.8, "conversion": {"email": "a@b.example"}}
    control("POST", "webhooks", {"customer": tenant.id, "batch": 10, "whole": 1})
    control("POST", "views", {"customer": tenant.id, **grown})
    assert listener.types() == [
        ["viewing_session.play"],
        ["viewing_session.percent_watched"],
        [
            "viewing_session.turnstile.converted",
            "viewing_session.percent_watched",
            "viewing_session.percent_watched",
        ],
    ]
    (_, first, last) = [body["events"][-1]["payload"] for body, _, _ in listener.posts]
    assert (first["percent_watched"], last["percent_watched"]) == (25, 0.75)
    for _, signature, body in listener.posts:
        assert signature == hmac.new(b"s", body, "sha256").hexdigest()
    assert control("GET", f"webhooks/{tenant.id}") == {"answers": [202] * 3, "waiting": 0}


def test_a_webhook_can_lose_double_and_turn_round_its_events(
    tenant: Tenant, listener: Listener
) -> None:
    webhook = tenant.webhook
    webhook.address, webhook.batch = f"{listener.server.url}/hook", 9
    webhook.loses, webhook.doubles, webhook.reverses = 4, 3, True
    for name in "abcd":
        webhook.tell_of_media("media.updated", name)
    webhook.post()
    ((body, _, _),) = listener.posts
    named = [event["payload"]["media"]["id"] for event in body["events"]]
    assert named == ["c", "c", "b", "a"]
    assert len({event["uuid"] for event in body["events"]}) == 3


def test_another_customer_and_a_settling(control: Control, sandbox: Sandbox) -> None:
    wanted = {"id": 9, "world": "example", "now": "2026-11-20T14:20:00Z"}
    assert control("POST", "customers", wanted)["id"] == 9
    control("POST", "settle", {"customer": 9})
    assert {c["id"] for c in control("GET", "")["customers"]} == {4711, 9}
    assert sandbox.tenant(9).wistia_token != sandbox.tenant(4711).wistia_token


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "faults", {"operation": "*", "kind": "gremlins"}, 400),
        ("POST", "switches", {"nonsense": 1}, 400),
        ("POST", "webhooks", {"customer": 4711, "nonsense": 1}, 400),
        ("GET", "upsales/12", None, 400),
        ("POST", "ask", {"path": "/status"}, 400),
        ("GET", "nothing", None, 404),
    ],
)
def test_what_cannot_be_done_is_said(
    control: Control, method: str, path: str, body: Any, status: int
) -> None:
    answer = requests.request(method, f"{control.url}/{path}", json=body, timeout=5)
    assert answer.status_code == status
    assert answer.json()["error"]
