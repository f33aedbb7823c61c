"""The app driven only by HTTP, as Upsales would, over real sockets in both directions."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from werkzeug.serving import make_server

from tests.sync.house import NOW, House, view
from upsales_wistia import keyless
from upsales_wistia.sandbox import EXAMPLE_CONFIG, Limits, Sandbox, example_world
from upsales_wistia.store import customers
from upsales_wistia.sync.report import exit_status
from upsales_wistia.web import create_app


@pytest.fixture
def house(store: str) -> Iterator[House]:
    """An app in Upsales' directory that listens; no customer is known yet."""
    with Sandbox(limits=Limits.off()) as sandbox:
        platform = sandbox.platform
        environ = {
            "UPSALES_APP_ID": str(platform.app_id),
            "UPSALES_APP_KEY": platform.app_key,
        }
        world = example_world(NOW)
        made = House(
            sandbox, store, world=world, config=dict(EXAMPLE_CONFIG), key=False, environ=environ
        )
        customers.remove(made.customer)
        server = make_server("127.0.0.1", 0, create_app(made.services), threaded=True)
        platform.address = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield made
        platform.join()
        made.services.hooks.close()
        server.shutdown()
        thread.join()
        server.server_close()


def posted(house: House, path: str, **parts: Any) -> tuple[int, Any]:
    platform = house.sandbox.platform
    answered = platform.post(path, platform.body(house.tenant, **parts))
    house.services.hooks.join()
    return answered.status, answered.body


def status(house: House) -> tuple[int, str]:
    code, body = posted(house, "/status")
    return code, body["message"].splitlines()[0]


def test_a_new_customer_goes_all_the_way(house: House) -> None:
    assert posted(house, "/testField/wistiaApiPassword")[0] == 200
    code, projects = posted(house, "/fieldValues/activityProjects")
    assert code == 200
    assert {"value", "name"} <= set(projects[0])
    code, tested = posted(house, "/test")
    assert code == 200
    assert "left an e-mail" in tested["message"]

    code, _ = posted(house, "/external", key=True, callback=True)
    assert code == 200
    (_, message), *_ = house.sandbox.platform.callbacks
    assert message["status"] == 1
    assert "forms written" in message["message"]
    code, line = status(house)
    assert code == 200
    assert line.startswith("**✅ Everything is in sync.**")

    house.tenant.switches.revoked = True
    house.later(hours=1)
    posted(house, "/job", key=True, callback=True)
    code, line = status(house)
    assert code == 400
    assert line.startswith("**❌ Wistia refuses the API token")

    house.world.add(view("gap", "astrid@nowhere.example", received_at=house.clock.now()))
    house.tenant.switches.revoked = False
    house.later(hours=1)
    posted(house, "/job", key=True, callback=True)
    assert status(house)[0] == 200
    found = customers.load(house.customer)
    assert found.last_complete_read == house.clock.now()


def test_the_poll_asks_upsales_and_the_second_phase_runs_where_it_answers(house: House) -> None:
    posted(house, "/external", key=True)
    written = len(house.entries)
    house.later(days=1)
    house.services._run_due(house.customer)
    house.sandbox.platform.join()
    house.services.hooks.join()
    assert len(house.entries) > written
    assert house.sandbox.platform.hooks == [house.customer]
    (message,) = [m for _, m in house.sandbox.platform.callbacks]
    assert "activities" in message["message"]


def test_the_command_line_waits_for_the_run_where_the_key_arrives(house: House) -> None:
    posted(house, "/external", key=True)
    written = len(house.entries)
    house.later(days=1)
    house.services.pause = lambda _: time.sleep(0.01)
    made = house.services.run_now(house.customer)
    assert (made["status"], made["written"]["activities"], made["requests"]["upsales"]) == (
        "ok",
        0,
        0,
    )
    said: list[str] = []
    done = keyless.finish(house.services, house.customer, made, said.append)
    assert said == ["Asking Upsales for the key"]
    assert done["run"] > made["run"]
    assert len(house.entries) == written + done["written"]["activities"] > written
    assert keyless.finish(house.services, house.customer, done, said.append) is done
    assert len(said) == 1, "nothing is left to do, so nobody is asked"


def test_where_no_key_comes_the_command_line_says_so(house: House) -> None:
    posted(house, "/external", key=True)
    house.later(days=1)
    platform = house.sandbox.platform
    made = house.services.run_now(house.customer)
    for refuses, address, words in (
        ({house.customer}, platform.address, "does not send a key"),
        (set[int](), "", "has sent none within a minute"),
    ):
        platform.refuses, platform.address = refuses, address
        done = keyless.finish(house.services, house.customer, made, lambda _: None, patience=0.0)
        assert (done["status"], done["code"], exit_status(done)) == ("failed", "no_upsales_key", 3)
        assert words in done["reason"]
        assert done["funnel"] == made["funnel"]


def test_a_dry_run_that_needs_the_key_says_so(house: House) -> None:
    posted(house, "/external", key=True)
    house.later(days=1)
    made = house.services.rehearse(house.customer)
    assert (made["code"], exit_status(made)) == ("no_upsales_key", 3)
    assert house.sandbox.platform.hooks == []


def test_external_answers_at_once_and_works_afterwards(house: House) -> None:
    house.sandbox.latency["wistia"] = 0.1
    platform = house.sandbox.platform
    started = time.monotonic()
    answered = platform.post("/external", platform.body(house.tenant, key=True, callback=True))
    assert time.monotonic() - started < 2
    assert answered.status == 200
    assert platform.callbacks == []
    house.services.hooks.join()
    assert len(platform.callbacks) == 1


def test_details_and_widget_answer(house: House) -> None:
    posted(house, "/external", key=True)
    entry = next(row for row in house.entries if row["contacts"])
    code, shown = posted(house, "/events", data={"externalId": entry["externalId"]})
    assert code == 200
    assert shown["rows"]
    contact = {"id": entry["contacts"][0]["id"], "client": {"id": entry["client"]["id"]}}
    code, shown = posted(house, "/widget/views", data={"object": contact})
    assert code == 200
    assert shown["rows"][0]["text"] == "Videos"


def test_who_is_an_administrator_in_upsales_is_one_on_our_pages(house: House) -> None:
    """Upsales' requests do not say who is one; its list of users does."""
    users = [row for row in house.tenant.crm.users.values() if "@api." not in row["email"]]
    boss, seller = (row["id"] for row in users[:2])
    house.tenant.crm.users[boss]["administrator"] = 1
    look_only = "To change settings, undo or erase, open the app in Upsales as an"
    user = {"id": boss, "name": "Eva"}
    house.sandbox.platform.refuses.add(house.customer)  # Else its first run comes at once.
    assert look_only in settings_of(house, user), "before the first run nobody is known to be one"
    posted(house, "/external", key=True)
    assert look_only not in settings_of(house, user)
    assert look_only in settings_of(house, {"id": seller, "name": "Bo"})
    assert look_only in settings_of(house, None)


def settings_of(house: House, user: dict[str, Any] | None) -> str:
    """The settings page behind the link that this user is given."""
    posted(house, "/status")
    _, body = posted(house, "/status", user=user)
    (link,) = re.findall(r"\]\((http\S+)\)", body["message"])
    browser = create_app(house.services).test_client()
    answer = browser.get(link.removeprefix(house.services.config.public_url))
    assert answer.status_code == 303
    return browser.get(f"/c/{house.customer}/settings").text


def test_an_unknown_customer_that_looks_at_its_status_is_asked_for(house: House) -> None:
    code, _ = posted(house, "/status")
    assert code == 200
    house.sandbox.platform.join()
    house.services.hooks.join()
    assert house.sandbox.platform.hooks == [house.customer]
    assert house.entries, "Upsales answered with the key, and the first run was made"


def test_unknown_paths_are_counted_and_told_to_the_operator(house: House) -> None:
    assert posted(house, "/button/x")[0] == 404
    assert posted(house, "/button/y")[0] == 404
    client = create_app(house.services).test_client()
    told = client.get("/metrics", base_url="http://127.0.0.1:8000").get_data(as_text=True)
    assert "upsales_wistia_unknown_hook_paths_total 2.0" in told
    assert 'upsales_wistia_customers{state="active"} 0.0' in told
    assert client.get("/metrics", base_url="http://app.example").status_code == 403
