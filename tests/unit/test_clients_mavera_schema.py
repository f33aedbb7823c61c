"""Whatever Mavera sends: it is read, or it is nothing; it never breaks the reader."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.test_clients_text import JSON
from upsales_wistia.clients.mavera_answers import (
    MaveResult,
    focus_group,
    mave_answer,
    mave_thread,
    object_in,
    reply_of,
)
from upsales_wistia.clients.mavera_drafts import marker
from upsales_wistia.clients.mavera_schema import (
    APP,
    BRAND_VOICE,
    FILE,
    GENERATION,
    PERSONA,
    USAGE,
    WORKSPACE,
    credits_of,
    listed,
)

SCHEMAS = (APP, BRAND_VOICE, FILE, GENERATION, PERSONA, USAGE, WORKSPACE)
KEYS = (
    "id",
    "status",
    "output",
    "content",
    "credits",
    "usage",
    "tone",
    "vocabulary",
    "example_phrases",
    "input_fields",
    "choices",
    "messages",
    "results",
    "questions",
    "sources",
    "data",
    "error",
)
DOCUMENTS = JSON | st.dictionaries(st.sampled_from(KEYS), JSON, max_size=8)


@given(DOCUMENTS)
def test_any_answer_is_read_or_is_nothing(document: Any) -> None:
    for schema in SCHEMAS:
        made = schema.one(document)
        assert made is None or getattr(made, "raw", document) == document
    for read in (reply_of, mave_answer, focus_group):
        found: Any = read(document)
        assert found is None or found.raw == document
    assert mave_thread(document, "label") is None
    assert listed(document, "data") is None or isinstance(document, dict | list)
    credits_of(document)


@given(st.lists(DOCUMENTS, max_size=3), DOCUMENTS)
def test_any_conversation_is_read(messages: list[Any], sources: Any) -> None:
    mine = {"role": "user", "content": f"{marker('label')}\n\nWhy?"}
    said = {"role": "assistant", "content": "So."}
    document = {"id": "t", "messages": [*messages, mine, said], "sources": sources}
    found = mave_thread(document, "label")
    assert found is not None
    assert isinstance(found.answer, MaveResult)


@given(st.text().filter(lambda text: "`" not in text))
def test_an_object_is_found_in_its_fence(text: str) -> None:
    assert object_in(f'{text}\n```json\n{{"a": 1}}\n```\n{text}') == {"a": 1}


@pytest.mark.parametrize("row", [{"id": ""}, {"id": 7}, {"id": "a\x00b"}, {"id": "x" * 300}, {}])
def test_what_cannot_be_known_by_its_id_is_nothing(row: dict[str, Any]) -> None:
    for schema in (APP, BRAND_VOICE, FILE, GENERATION, PERSONA, WORKSPACE):
        assert schema.one(row) is None


def test_text_that_no_database_takes_is_made_fit() -> None:
    voice = BRAND_VOICE.one({"id": "bv", "voice_summary": "a\x00b\ud800", "label": "x\x1b[31m"})
    assert voice is not None
    assert (voice.summary, voice.label) == ("ab?", "x[31m")


@pytest.mark.parametrize(
    ("document", "credits"),
    [
        ({"usage": {"credits_used": 3}}, 3),
        ({"usage": {"credits_used": "2.5"}}, 2.5),
        ({"usage": [], "credits_charged": 300}, 300),
        ({"credits_used": 31}, 31),
        ({"usage": {}}, None),
        ([], None),
    ],
)
def test_the_cost_is_where_it_is_told(document: Any, credits: float | None) -> None:
    assert credits_of(document) == credits
