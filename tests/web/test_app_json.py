"""The App JSON: every setting once, nothing in force hidden, for the operator alone."""

from __future__ import annotations

import json
from typing import Any

import pytest

from upsales_wistia import settings
from upsales_wistia.web.app_json import APP_JSON

from .upsales import Upsales

TOKEN = "the operator's token"
BEARER = {"Authorization": f"Bearer {TOKEN}"}
LOOPBACK = {"REMOTE_ADDR": "127.0.0.1"}
AFAR = {"REMOTE_ADDR": "203.0.113.5"}

# Types and properties that apps in Upsales' directory use.
TYPES = {
    "header", "text", "password", "number", "textarea", "checkbox", "select", "multiselect",
    "upsalesUserMultiple",
}  # fmt: skip
PROPERTIES = {
    "type", "name", "label", "descriptionLong", "title", "required", "dependencies", "values",
    "externalValues", "externalValidation",
}  # fmt: skip

FIELDS: list[dict[str, Any]] = APP_JSON["fields"]["account"]
BY_NAME = {field["name"]: field for field in FIELDS}
FILTERS = {
    "activityProjects", "activityMinPercent", "identity", "domainMatching", "ignoredDomains",
    "notOwnDomains", "waitingDays", "startDate",
}  # fmt: skip


def asks(
    upsales: Upsales, caller: dict[str, str], host: str = "127.0.0.1:8000", **headers: str
) -> int:
    answer = upsales.app.get(
        "/app.json", environ_overrides=caller, headers=headers, base_url=f"http://{host}"
    )
    return answer.status_code


def test_the_operator_gets_it() -> None:
    upsales = Upsales(OPERATOR_TOKEN=TOKEN)
    assert asks(upsales, AFAR, "app.example", **BEARER) == 200
    assert upsales.app.get("/app.json", headers=BEARER).get_json() == APP_JSON
    assert asks(upsales, LOOPBACK) == 200
    assert asks(upsales, {"REMOTE_ADDR": "::1"}, "[::1]:8000") == 200
    assert asks(Upsales(), LOOPBACK, "localhost") == 200


@pytest.mark.parametrize(
    ("caller", "host", "headers"),
    [
        (AFAR, "127.0.0.1:8000", {}),
        (AFAR, "127.0.0.1:8000", {"Authorization": "Bearer wrong"}),
        (AFAR, "127.0.0.1:8000", {"Authorization": f"Basic {TOKEN}"}),
        (AFAR, "127.0.0.1:8000", {"Authorization": "Bearer"}),
        (AFAR, "127.0.0.1:8000", {"Authorization": "Bearer \xe5"}),
        (LOOPBACK, "127.0.0.1:8000", {"X-Forwarded-For": "203.0.113.5"}),
        (LOOPBACK, "127.0.0.1:8000", {"Forwarded": "for=127.0.0.1"}),
        (LOOPBACK, "rebound.example", {}),
        ({"REMOTE_ADDR": ""}, "127.0.0.1:8000", {}),
    ],
)
@pytest.mark.parametrize("token", [TOKEN, ""])
def test_nobody_else_gets_it(
    caller: dict[str, str], host: str, headers: dict[str, str], token: str
) -> None:
    assert asks(Upsales(OPERATOR_TOKEN=token), caller, host, **headers) == 403


def test_who_may_have_it_is_told() -> None:
    answer = Upsales().app.get("/app.json", environ_overrides=AFAR)
    assert "OPERATOR_TOKEN" in answer.get_json()["error"]


def test_every_setting_stands_in_it_once() -> None:
    names = [field["name"] for field in FIELDS]
    assert len(names) == len(set(names))
    shown = {name for name in names if BY_NAME[name]["type"] != "header"}
    assert shown == {*settings.NAMES, *settings.SECRETS, *settings.LATER}


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: str(field["name"]))
def test_a_field_is_one_that_upsales_can_show(field: dict[str, Any]) -> None:
    assert field["type"] in TYPES
    assert set(field) <= PROPERTIES
    assert field.get("title") or (field["label"] and field["descriptionLong"].endswith("."))
    assert set(field.get("dependencies", ())) <= set(BY_NAME)


def test_no_filter_in_force_is_hidden() -> None:
    assert not [name for name in FILTERS if "dependencies" in BY_NAME[name]]
    for name, field in BY_NAME.items():
        for switch in field.get("dependencies", ()):
            kind = switch.removesuffix("sEnabled").replace("activitie", "activity")
            assert name.startswith(kind) or name == "scoreByPercent"


@pytest.mark.parametrize("name", [n for n, f in BY_NAME.items() if "values" in f])
def test_every_choice_can_be_read(name: str) -> None:
    for option in BY_NAME[name]["values"]:
        assert settings.read({name: option["value"]}).problems == ()


@pytest.mark.parametrize("name", ["domainMatching", "formFilters"])
def test_what_is_on_by_default_can_be_switched_off(name: str) -> None:
    assert settings.DEFAULTS[name] is True
    no = next(option for option in BY_NAME[name]["values"] if option["name"] == "No")
    assert settings.read({name: no["value"]}).config[name] is False


def test_secrets_are_not_shown_while_typed() -> None:
    kinds = {name: BY_NAME[name]["type"] for name in settings.SECRETS}
    assert kinds.pop("wistiaPublicToken") == "text"
    assert set(kinds.values()) == {"password"}


def test_what_upsales_asks_for_is_answered() -> None:
    upsales = Upsales()
    for name, field in BY_NAME.items():
        if field.get("externalValidation"):
            assert upsales.posts(f"/testField/{name}", config={}).status_code in (200, 400)
        if field.get("externalValues"):
            assert upsales.posts(f"/fieldValues/{name}", config={}).status_code == 400
    for places in APP_JSON["uiElements"].values():
        for elements in places.values():
            for element in elements:
                path = f"/{element['type']}/{element['name']}"
                assert upsales.posts(path).status_code == 200
    assert json.loads(json.dumps(APP_JSON)) == APP_JSON
