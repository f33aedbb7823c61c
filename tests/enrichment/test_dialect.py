"""What the operator says Mavera spells otherwise is what is sent."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from tests.enrichment.house import MaveraHouse
from upsales_wistia.errors import UsageError

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)


def test_a_job_speaks_the_dialect_of_the_deployment(
    build_house: Callable[..., MaveraHouse],
) -> None:
    dialect = {"chat": "chat_completions"}
    house = build_house(environ={"MAVERA_DIALECT": json.dumps(dialect)})
    house.world.videos.offer("media00001", "Book a demo", 200, 40)
    assert house.enrich("cta")["status"] == "done"
    assert house.desk.charged(operation="complete") == 3
    assert house.desk.charged(operation="respond") == 0


def test_a_dialect_that_is_none_is_told_at_the_start(
    build_house: Callable[..., MaveraHouse],
) -> None:
    with pytest.raises(UsageError, match="MAVERA_DIALECT: Mavera's dialect has no spelling"):
        build_house(environ={"MAVERA_DIALECT": '{"spelling": "x"}'})
