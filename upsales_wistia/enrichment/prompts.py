"""How a question is put: what it is about, and a constant text of ours. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any


def told(template: str, facts: Mapping[str, Any]) -> str:
    """What a question is about, as JSON with one fact a line, and then a constant text of ours."""
    said = ",\n".join(f"{_json(name)}: {_lines(value)}" for name, value in facts.items())
    return f"Facts:\n{{\n{said}\n}}\n\n{template}"


def _lines(value: Any) -> str:
    if isinstance(value, list) and value:
        return "[\n" + ",\n".join(f"  {_json(one)}" for one in value) + "\n]"
    return _json(value)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
