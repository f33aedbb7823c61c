"""Wistia's own description of v1, as data, where it lies beside the project."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

DESCRIPTION = (
    Path(__file__).resolve().parents[2].parent / "shared/api/wistia-data-api-v1-openapi.yml"
)

beside = pytest.mark.skipif(
    not DESCRIPTION.exists(), reason="Wistia's OpenAPI description is not beside the project"
)


@cache
def description() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(DESCRIPTION.read_text(encoding="utf-8"))
    return loaded


def problems(value: Any, schema: str, *, many: bool = False) -> list[str]:
    """What is wrong with ``value`` as one (or a list) of the named schema."""
    wanted: dict[str, Any] = {"$ref": f"#/components/schemas/{schema}"}
    if many:
        wanted = {"type": "array", "items": wanted}
    rules = {"components": description()["components"], **wanted}
    found = Draft202012Validator(rules).iter_errors(value)
    return [f"{'.'.join(map(str, e.absolute_path))}: {e.message}" for e in found]


def answer_problems(value: Any, path: str) -> list[str]:
    """What is wrong with ``value`` as the 200 answer of a v1 path."""
    found = operation(path)
    assert found is not None, f"not described: {path}"
    wanted = found["responses"]["200"]["content"]["application/json"]["schema"]
    rules = {"components": description()["components"], **wanted}
    errors = Draft202012Validator(rules).iter_errors(value)
    return [f"{'.'.join(map(str, e.absolute_path))}: {e.message}" for e in errors]


def operation(path: str) -> dict[str, Any] | None:
    """The GET operation that a v1 path, with or without ``.json``, belongs to."""
    parts = path.removeprefix("/v1").removesuffix(".json").split("/")
    for template, methods in description()["paths"].items():
        pieces = template.split("/")
        if len(pieces) == len(parts) and all(
            piece == part or piece.startswith("{")
            for piece, part in zip(pieces, parts, strict=True)
        ):
            got: dict[str, Any] | None = methods.get("get")
            if got is not None:
                return got
    return None


def query_names(path: str) -> set[str]:
    """The query parameters that a v1 path knows."""
    found = operation(path) or {}
    return {p["name"] for p in found.get("parameters") or [] if p.get("in") == "query"}
