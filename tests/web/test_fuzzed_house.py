"""Anything at all, posted to the whole house: what Upsales sends is stored, and nothing breaks."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.sync.house import House
from upsales_wistia.sandbox import Limits, Sandbox
from upsales_wistia.settings import LATER, NAMES, SECRETS
from upsales_wistia.store import database
from upsales_wistia.web import create_app

FUZZED = int(os.environ.get("FUZZED", "0"))
KEY = "upsales-api-key-of-the-fuzzed"

texts = st.text(max_size=12)
leaves = st.none() | st.booleans() | st.integers() | st.floats() | texts
values = st.recursive(
    leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3)
)
configs = st.dictionaries(st.sampled_from([*NAMES, *SECRETS, *LATER]) | texts, values, max_size=4)
objects = st.fixed_dictionaries(
    {},
    optional={
        "object": st.fixed_dictionaries(
            {}, optional={"id": values, "email": values, "client": values, "externalId": values}
        )
        | values,
        "objectId": values,
        "externalId": values,
        "action": values,
    },
)
customers = st.fixed_dictionaries(
    {"id": st.sampled_from([4711, 4712, 2**63 - 1])}, optional={"name": values}
)
paths = st.sampled_from(
    [
        "/external",
        "/job",
        "/contactinsert/101",
        "/contactupdate/999999999999999999",
        "/events",
        "/widget/views",
        "/widget/other",
        "/iframe",
        "/status",
    ]
)


@pytest.fixture
def house(store: str) -> Iterator[House]:
    with Sandbox(limits=Limits.off()) as sandbox:
        platform = sandbox.platform
        environ = {"UPSALES_APP_ID": str(platform.app_id), "UPSALES_APP_KEY": platform.app_key}
        made = House(sandbox, store, environ=environ)
        yield made
        made.services.hooks.close()


@settings(
    max_examples=FUZZED or 60,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(path=paths, config=configs, data=objects, customer=customers)
def test_whatever_is_configured_nothing_breaks(
    house: House, path: str, config: Any, data: Any, customer: Any
) -> None:
    client: FlaskClient = create_app(house.services).test_client()
    platform = house.sandbox.platform
    body = platform.body(house.tenant, config=config, data=data, customer=customer, apiKey=KEY)
    with structlog.testing.capture_logs() as lines:
        answer = client.post(path, data=json.dumps(body), content_type="application/json")
        house.services.hooks.join()
    assert answer.status_code in (200, 400, 503), (answer.text, lines)
    assert not [line for line in lines if line["log_level"] in ("error", "critical")]
    assert not [one for one in (KEY, platform.app_key) if one in answer.text + repr(lines)]
    assert KEY not in everything_stored()


def everything_stored() -> str:
    tables = database.database.get_tables()
    rows = (database.database.execute_sql(f"SELECT * FROM {t}").fetchall() for t in tables)
    return repr(list(rows))
