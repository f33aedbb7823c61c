"""The sandbox's Mavera: no fact in, no fact out; it refuses what lacks something, and counts."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from upsales_wistia.sandbox import Sandbox, Tenant
from upsales_wistia.sandbox.mavera_desk import PERSONAS
from upsales_wistia.sandbox.mavera_notes import Notes
from upsales_wistia.sandbox.mavera_pen import compose, from_example
from upsales_wistia.sandbox.mavera_store import words_of

PERSONA = PERSONAS[0]["id"]
SCHEMA = {"type": "object", "properties": {"why": {"type": "string"}}}
RESPONSE = {
    "model": "mavera-1",
    "persona_id": PERSONA,
    "input": "Reference: one\n\n20 % leave at 1:40.",
    "text": {"format": {"type": "json_schema", "name": "why", "schema": SCHEMA}},
}
GROUP = {
    "name": "one",
    "workspace_id": "ws_main",
    "persona_ids": [PERSONA],
    "sample_size": 10,
    "questions": [{"type": "open_ended", "text": "Why?"}],
}
GENERATION = {"app_id": "follow_up_email", "input_data": {"topic": "a", "context": "b"}}
VOICE = {"label": "one", "usage_context": "E-mails to viewers", "documents": []}


class Api:
    def __init__(self, sandbox: Sandbox, tenant: Tenant) -> None:
        self.url = sandbox.mavera_url
        self.bearer = {"Authorization": f"Bearer {tenant.mavera_key}"}

    def __call__(self, method: str, path: str, body: Any = None) -> requests.Response:
        url = f"{self.url}{path}"
        return requests.request(method, url, json=body, headers=self.bearer, timeout=5)


@pytest.fixture
def api(sandbox: Sandbox, tenant: Tenant) -> Api:
    return Api(sandbox, tenant)


def changed(body: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """``body`` with changes; what is None is left out."""
    return {key: value for key, value in {**body, **changes}.items() if value is not None}


MATCH = {"properties": {"persona_id": {"type": "string"}}}
OPINIONS = {"properties": {"opinions": {"items": {"properties": {"number": {"type": "integer"}}}}}}
EDITS = '{"edits": [{"second": 0, "edit": "…"}]}'


def asking(schema: dict[str, Any]) -> dict[str, Any]:
    """What is asked for in this shape."""
    return {"format": {"type": "json_schema", "name": "any", "schema": schema}}


LACKING = [
    ("/responses", changed(RESPONSE, input="Reference: a1\n\nWho is this?"), "missing_field"),
    ("/responses", changed(RESPONSE, text=asking(MATCH)), "missing_field"),
    ("/responses", changed(RESPONSE, text=asking(OPINIONS)), "missing_field"),
    ("/mave/chat", {"message": f"Where do they leave? Say {EDITS}"}, "missing_field"),
    ("/mave/chat", {"message": f"They leave. 20 % of them. Say {EDITS}"}, "missing_field"),
    ("/responses", changed(RESPONSE, model="gpt"), "invalid_model"),
    ("/responses", changed(RESPONSE, input=None), "missing_field"),
    ("/responses", changed(RESPONSE, input=" "), "invalid_field"),
    ("/responses", changed(RESPONSE, input="x" * 100_001), "invalid_field"),
    ("/responses", changed(RESPONSE, persona_id=None), "invalid_persona"),
    ("/responses", changed(RESPONSE, persona_id="clxnobody"), "invalid_persona"),
    ("/chat/completions", {"model": "mavera-1", "persona_id": PERSONA}, "invalid_field"),
    ("/mave/chat", {}, "missing_field"),
    ("/mave/chat", {"message": "Go on", "thread_id": "none"}, "resource_not_found"),
    ("/personas", {"name": "A", "description": "b"}, "invalid_field"),
    ("/personas", {"name": "Anna"}, "missing_field"),
    ("/personas", {"name": "Anna", "description": "b"}, "invalid_field"),
    ("/focus-groups", changed(GROUP, workspace_id=None), "missing_field"),
    ("/focus-groups", changed(GROUP, persona_ids=[]), "invalid_field"),
    ("/focus-groups", changed(GROUP, persona_ids=["none"]), "invalid_persona"),
    ("/focus-groups", changed(GROUP, questions=[{"text": "Why?"}]), "invalid_field"),
    ("/focus-groups", changed(GROUP, questions=[]), "invalid_field"),
    ("/focus-groups", changed(GROUP, sample_size=3), "invalid_field"),
    ("/brand-voices", changed(VOICE, usage_context="short"), "invalid_field"),
    ("/brand-voices", VOICE, "missing_field"),
    ("/brand-voices", changed(VOICE, documents=[{"url": "http://elsewhere"}]), "invalid_field"),
    ("/generations", changed(GENERATION, app_id="none"), "invalid_field"),
    ("/generations", changed(GENERATION, input_data={"topic": "a"}), "missing_field"),
    ("/generations", changed(GENERATION, input_data={"odd": 1}), "invalid_field"),
    ("/generations", changed(GENERATION, brand_voice_id="none"), "invalid_field"),
    ("/files/upload-url", {"file_name": "a"}, "missing_field"),
    ("/files", {"name": "a"}, "invalid_field"),
    ("/responses", [1], "invalid_field"),
]


@pytest.mark.parametrize(("path", "body", "code"), LACKING)
def test_what_lacks_something_is_refused_and_costs_nothing(
    api: Api, tenant: Tenant, path: str, body: Any, code: str
) -> None:
    answer = api("POST", path, body)
    assert (answer.status_code // 100, answer.json()["error"]["code"]) == (4, code)
    assert tenant.desk.charges == []
    assert tenant.desk.asked[-1].body == body


def test_a_persona_has_one_name(api: Api) -> None:
    body = {"name": "Anna", "description": "b", "pipeline_type": "north_star"}
    assert api("POST", "/personas", body).status_code == 201
    assert api("POST", "/personas", body).status_code == 422


@pytest.mark.parametrize("key", ["", "Bearer", "Bearer wrong", "Basic abc"])
def test_nobody_comes_in_without_the_key(sandbox: Sandbox, tenant: Tenant, key: str) -> None:
    headers = {"Authorization": key} if key else {}
    answer = requests.get(f"{sandbox.mavera_url}/personas", headers=headers, timeout=5)
    assert answer.status_code == 401
    assert answer.json()["error"]["type"] == "authentication_error"


def test_what_is_left_of_the_minute_is_told(api: Api, sandbox: Sandbox) -> None:
    headers = api("GET", "/usage").headers
    assert (headers["X-RateLimit-Limit"], headers["X-RateLimit-Remaining"]) == ("240", "239")
    assert float(headers["X-RateLimit-Reset"]) > 1_700_000_000
    sandbox.limits = type(sandbox.limits)(mavera_per_minute=2)
    api("GET", "/usage")
    refused = api("GET", "/usage")
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) > 0
    sandbox.limits = type(sandbox.limits).off()
    assert "X-RateLimit-Limit" not in api("GET", "/usage").headers


def test_the_control_endpoint_shows_every_body_and_charge(
    api: Api, sandbox: Sandbox, tenant: Tenant
) -> None:
    control = f"{sandbox.mavera_url.removesuffix('/api/v1')}/_control"
    api("POST", "/responses", RESPONSE)
    told = requests.get(f"{control}/mavera/{tenant.id}", timeout=5).json()
    assert told["asked"] == [{"operation": "POST /responses", "body": RESPONSE}]
    assert told["charges"] == [{"operation": "respond", "label": "one", "credits": 3}]
    assert tenant.mavera_key not in str(told)
    wanted = {"included": 2, "used": 0, "polls": 3}
    told = requests.post(f"{control}/mavera/{tenant.id}", json=wanted, timeout=5).json()
    assert told["credits"] == {"used": 0, "remaining": 2}
    assert api("POST", "/responses", RESPONSE).status_code == 402
    refused = requests.post(f"{control}/mavera/{tenant.id}", json={"charges": []}, timeout=5)
    assert refused.status_code == 400


class TestStore:
    def placed(self, api: Api) -> dict[str, Any]:
        wanted = {"file_name": "å b.txt", "file_type": "text/plain", "file_size": 5}
        answer = api("POST", "/files/upload-url", {**wanted, "workspace_id": "ws_main"})
        placed: dict[str, Any] = answer.json()
        return placed

    def test_a_key_that_reaches_it_is_noticed(self, api: Api, tenant: Tenant) -> None:
        place = self.placed(api)
        headers = {**place["headers"], **api.bearer}
        answer = requests.put(place["upload_url"], data=b"words", headers=headers, timeout=5)
        assert answer.status_code == 403
        assert tenant.desk.uploads[0].secrets == ("authorization",)

    @pytest.mark.parametrize(
        ("cut", "kind"), [("X-Amz-Signature", "text/plain"), ("nothing", "text/html")]
    )
    def test_it_wants_its_signature_and_its_header(self, api: Api, cut: str, kind: str) -> None:
        url = self.placed(api)["upload_url"].partition(cut)[0]
        answer = requests.put(url, data=b"words", headers={"Content-Type": kind}, timeout=5)
        assert answer.status_code == 403

    def test_what_is_not_there_is_nowhere(self, api: Api) -> None:
        place = self.placed(api)
        assert requests.get(place["public_url"], timeout=5).status_code == 404
        assert requests.get(f"{place['public_url']}x", timeout=5).status_code == 404
        told = {"name": "a", "type": "text/plain", "workspace_id": "ws_main", "file_size": 5}
        answer = api("POST", "/files", {**told, "url": place["public_url"]})
        assert answer.json()["error"]["param"] == "url"

    def test_it_reads_texts_and_documents(self) -> None:
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            text = "<w:p><w:r><w:t>Warm &amp; quiet</w:t></w:r></w:p><w:p><w:t>Two</w:t></w:p>"
            archive.writestr("word/document.xml", text)
        assert words_of(packed.getvalue()) == "Warm & quiet\nTwo\n"
        assert words_of("värme".encode()) == "värme"
        assert words_of(b"PK but no archive") == ""


class TestPen:
    """Answers are made of what was asked."""

    def test_a_pattern_that_is_moved_moves_the_answer(self) -> None:
        shape = '```json\n{"edits": [{"at": 1.5, "edit": "…"}]}\n```'
        for at, second in (("1:40", 100.0), ("2:05", 125.0), ("1:00:00", 3600.0)):
            message = f'At {at} 20 % leave: "Now to the price".\n{shape}'
            (edit,) = from_example(Notes(message, {}))["edits"]
            assert edit["at"] == second
            assert at in edit["edit"]

    def test_the_better_one_is_chosen_and_scores_higher(self) -> None:
        item = {"properties": {"call": {"enum": ["Book", "Read"]}, "score": {"type": "integer"}}}
        properties = {
            "ranking": {"type": "array", "items": {"type": "object", **item}},
            "best": {"type": "string", "enum": ["Book", "Read"]},
        }
        schema = {"type": "object", "properties": properties}
        for better in ("Book", "Read"):
            told = {"Book": 10, "Read": 10, better: 20}
            prompt = "\n".join(f"- {name}: {rate} % of 400" for name, rate in told.items())
            made = compose(schema, Notes(prompt, {}))
            scores = {row["call"]: row["score"] for row in made["ranking"]}
            assert made["best"] == better == max(scores, key=lambda name: scores[name])

    def test_a_persona_is_chosen_by_what_it_is(self) -> None:
        schema = {"type": "string", "enum": ["a", "b"]}
        meanings = {"a": "Skims and leaves early", "b": "Watches demos to the end"}
        assert compose(schema, Notes("They watch demos to the end", meanings)) == "b"
        assert compose(schema, Notes("They leave early", meanings)) == "a"

    def test_rows_of_facts_are_answered_one_by_one(self) -> None:
        facts = {"drops": [{"drop": 2, "at": "1:40", "percent_leaving": 20, "spoken": "Price"}]}
        message = f'Say {{"edits": [{{"drop": 1, "edit": "…"}}]}}.\n\n{json.dumps(facts)}'
        (edit,) = from_example(Notes(message, {}))["edits"]
        assert edit["drop"] == 2
        assert "at “1:40”, percent leaving 20, spoken “Price”" in edit["edit"]

    def test_facts_may_stand_line_by_line(self) -> None:
        row = '{"at": "1:40", "second": 100, "leaving": "20%", "spoken": "Price…"}'
        shape = '{"edits": [{"second": 0, "edit": "…"}]}'
        message = f'Facts:\n"plays": 276,\n"drops": [\n  {row},\n],\n\nSay:\n{shape}'
        notes = Notes(message, {})
        assert (notes.data["plays"], notes.subject.share) == (276, None)
        (edit,) = from_example(notes)["edits"]
        assert edit["second"] == 100
        assert "leaving “20%”, spoken “Price…”" in edit["edit"]

    def test_the_better_row_scores_higher(self) -> None:
        item = {"number": {"type": "integer"}, "score": {"type": "integer", "maximum": 10}}
        rows = {"type": "array", "items": {"type": "object", "properties": item}}
        schema = {"type": "object", "properties": {"opinions": rows}}
        calls = [{"number": 1, "percent": 12.0}, {"number": 2, "percent": 24.0}]
        made = compose(schema, Notes(f"Judge: {json.dumps({'calls': calls})}", {}))
        assert made["opinions"] == [{"number": 1, "score": 6}, {"number": 2, "score": 10}]
        item["call"] = {"type": "string", "enum": ["call-1", "call-2"]}
        told = [{"call": "call-1", "rate": "12%"}, {"call": "call-2", "rate": "9%"}]
        made = compose(schema, Notes(f'"calls": {json.dumps(told)},', {}))
        assert [(one["call"], one["score"]) for one in made["opinions"]] == [
            ("call-1", 10),
            ("call-2", 8),
        ]

    def test_a_persona_is_taken_from_those_offered(self) -> None:
        offered = [{"id": "p1", "name": "Skimmer"}, {"id": "p2", "name": "Finisher"}]
        facts = {"group": {"rule": "they watch demos to the end"}, "personas": offered}
        meanings = {"p1": "Skims and leaves", "p2": "Watches demos", "p3": "watches demos rule"}
        schema = {"type": "object", "properties": {"persona_id": {"type": "string"}}}
        assert compose(schema, Notes(json.dumps(facts), meanings)) == {"persona_id": "p2"}

    def test_a_letter_leaves_the_name_open_and_speaks_in_the_voice(self) -> None:
        speak = {"dos": ["Say “Warm by nature”."]}
        facts = {"video": "Tour", "percent_watched": 83, "how_we_speak": speak}
        schema = {"type": "object", "properties": {"body": {"type": "string"}}}
        prompt = f"Greet {{{{first_name}}}}. {json.dumps(facts)}"
        body = compose(schema, Notes(prompt, {}))["body"]
        assert body.startswith("Hello {{first_name}},")
        assert "video “Tour”, percent watched 83." in body
        assert body.endswith("Warm by nature.")

    def test_a_conversation_is_answered_as_a_whole(self, api: Api) -> None:
        facts = '"drops": [{"second": 100, "spoken": "Price"}],'
        first = api("POST", "/mave/chat", {"message": f"{facts}\n\nSay {EDITS}"}).json()
        assert '"second": 100' in first["content"]
        more = {"message": '"answer": "For buyers."', "thread_id": first["thread_id"]}
        second = api("POST", "/mave/chat", more).json()
        assert second["thread_id"] == first["thread_id"]
        assert '"second": 100' in second["content"]
        assert "For buyers." in second["content"]

    def test_a_message_without_an_example_gets_no_block(self) -> None:
        assert from_example(Notes("At 1:40 {leave}", {})) is None

    def test_an_example_may_stand_open_in_the_message(self) -> None:
        message = 'Say it as {"ok": true, "n": 3}.'
        assert from_example(Notes(message, {})) == {"ok": True, "n": 3.0}

    @given(
        st.recursive(
            st.sampled_from(
                [
                    {"type": "string"},
                    {"type": "string", "maxLength": 20},
                    {"type": ["string", "null"]},
                    {"type": "number", "minimum": 1, "maximum": 5},
                    {"type": "integer", "minimum": 0, "maximum": 100},
                    {"type": "boolean"},
                    {"const": 7},
                    {"enum": ["a", 2]},
                ]
            ),
            lambda inner: st.one_of(
                st.dictionaries(st.sampled_from(["at", "why", "score"]), inner).map(
                    lambda of: {"type": "object", "properties": of, "required": list(of)}
                ),
                inner.map(lambda of: {"type": "array", "items": of, "maxItems": 2}),
                inner.map(lambda of: {"type": "array", "items": of, "minItems": 4}),
            ),
            max_leaves=6,
        ),
        st.text(),
    )
    def test_what_is_written_fits_the_schema(self, schema: Any, prompt: str) -> None:
        made = compose(schema, Notes(prompt, {}))
        assert list(Draft202012Validator(schema).iter_errors(made)) == []
