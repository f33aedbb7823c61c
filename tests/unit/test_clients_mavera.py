"""What is asked of Mavera, and what becomes of each answer."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import responses

from tests.raw_server import raw, serving, silence
from upsales_wistia import clock
from upsales_wistia.clients.http import TimedOut
from upsales_wistia.clients.limits import Limiters, Limits
from upsales_wistia.clients.mavera import MaveraClient
from upsales_wistia.clients.mavera_answers import MaveQuestion, MaveResult
from upsales_wistia.clients.mavera_call import Timeouts
from upsales_wistia.clients.mavera_dialect import REFERENCE, Dialect
from upsales_wistia.clients.mavera_drafts import (
    BrandVoiceDraft,
    FocusGroupDraft,
    GenerationDraft,
    MaveDraft,
    PersonaDraft,
    Question,
    ResponseDraft,
    SourceDocument,
)
from upsales_wistia.errors import (
    CredentialRefused,
    NoCredits,
    NotConfigured,
    NotSent,
    Rejected,
    Throttled,
    TooMany,
    Uncertain,
    Unclear,
    UnknownPersona,
    Unusable,
    VendorError,
    WrongAddress,
)

API = "https://app.mavera.io/api/v1"
KEY = "mvra_live_0123456789abcdef0123456789abcdef"
FAST = Limits().scaled(1000)
SCHEMA = {"type": "object", "properties": {"fits": {"type": "string"}}}
DRAFT = ResponseDraft("uw-1-personas-7", "clx1", "Who is this?", "match", SCHEMA)


def client_of(url: str = API, **more: Any) -> MaveraClient:
    return MaveraClient(url, more.pop("key", KEY), limiters=Limiters(FAST), **more)


@pytest.fixture
def client() -> Iterator[MaveraClient]:
    with client_of() as opened:
        yield opened


@pytest.fixture
def api() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock() as mock:
        yield mock


def sent(api: responses.RequestsMock, call: int = -1) -> Any:
    return json.loads(api.calls[call].request.body or "null")


def message(text: str, **more: Any) -> dict[str, Any]:
    part = {"type": "output_text", "text": text}
    item = {"id": "m", "type": "message", "role": "assistant", "content": [part]}
    usage = {"credits_used": 3}
    return {"id": "resp_1", "status": "completed", "output": [item], "usage": usage, **more}


class TestResponses:
    def test_ask_a_persona_in_the_reference_dialect(
        self, client: MaveraClient, api: responses.RequestsMock
    ) -> None:
        api.post(f"{API}/responses", json=message('{"fits": "yes"}'))
        reply = client.respond(DRAFT, client.permit())
        assert (reply.reply_id, reply.data, reply.credits) == ("resp_1", {"fits": "yes"}, 3)
        assert reply.raw["output"]
        shape = {"type": "json_schema", "name": "match", "schema": SCHEMA, "strict": True}
        assert (
            sent(api)
            == client.body(DRAFT)
            == {
                "model": "mavera-1",
                "persona_id": "clx1",
                "stream": False,
                "input": "Reference: uw-1-personas-7\n\nWho is this?",
                "text": {"format": shape},
            }
        )
        assert api.calls[0].request.headers["Authorization"] == f"Bearer {KEY}"
        assert KEY not in str(api.calls[0].request.url)

    def test_speak_the_older_dialect_where_it_is_configured(
        self, api: responses.RequestsMock
    ) -> None:
        older = {"id": "chatcmpl_1", "choices": [{"message": {"content": '{"fits": "no"}'}}]}
        api.post(f"{API}/chat/completions", json=older)
        with client_of(dialect=Dialect(chat="chat_completions")) as client:
            draft = ResponseDraft("label", "clx1", "Who?", "match", SCHEMA, "Be brief.")
            assert client.respond(draft, client.permit()).data == {"fits": "no"}
        assert [m["role"] for m in sent(api)["messages"]] == ["system", "user"]
        assert sent(api)["response_format"]["json_schema"]["schema"] == SCHEMA

    @pytest.mark.parametrize(
        "document",
        [
            message('```json\n{"fits": "yes"}\n```'),
            message('Here it is:\n```\n{"fits": "yes"}\n```\nAnything else?'),
            {"status": "completed", "output_text": '{"fits": "yes"}'},
            {"choices": [{"message": {"content": '{"fits": "yes"}'}}]},
            message("", parsed={"fits": "yes"}),
            message('{"fits": "yes"}', status="COMPLETED"),
        ],
    )
    def test_are_read_in_whichever_shape_they_come(
        self, client: MaveraClient, api: responses.RequestsMock, document: Any
    ) -> None:
        api.post(f"{API}/responses", json=document)
        assert client.respond(DRAFT, client.permit()).data == {"fits": "yes"}

    @pytest.mark.parametrize(
        "document",
        [
            message(""),
            message("I would rather not say."),
            message('{"fits": "yes"'),
            message("[1, 2]"),
            message("{}"),
            message('{"fits": "yes"}', status="failed"),
            message('{"fits": "yes"}', status="in_progress"),
            {"output": [{"content": [{"type": "refusal", "refusal": "no"}]}]},
            {},
            [],
            "text",
            7,
        ],
    )
    def test_that_cannot_be_used_are_kept_with_their_cost(
        self, client: MaveraClient, api: responses.RequestsMock, document: Any
    ) -> None:
        api.post(f"{API}/responses", json=document)
        with pytest.raises(Unusable) as unusable:
            client.respond(DRAFT, client.permit())
        assert unusable.value.raw == document
        known = isinstance(document, dict) and "usage" in document
        assert unusable.value.credits == (3 if known else None)
        assert len(api.calls) == 1

    def test_too_long_a_prompt_never_leaves(self, client: MaveraClient) -> None:
        long = ResponseDraft("label", "clx1", "word " * 25_000, "match", SCHEMA)
        with pytest.raises(ValueError, match="100000"):
            client.respond(long, client.permit())
        assert client.requests == 0


def error(code: str, **more: Any) -> dict[str, Any]:
    return {"error": {"message": f"no: {KEY}", "type": "t", "code": code, "param": None, **more}}


REFUSALS = [
    (400, error("missing_field", param="questions"), Rejected),
    (400, error("invalid_persona"), UnknownPersona),
    (422, error("invalid_field"), Rejected),
    (403, error("forbidden"), Rejected),
    (401, error("invalid_api_key"), CredentialRefused),
    (401, "", CredentialRefused),
    (402, error("credits_exhausted"), NoCredits),
    (402, error("budget_exceeded"), NoCredits),
    (402, "<html>pay</html>", NoCredits),
    (404, error("resource_not_found"), Rejected),
    (404, "<html>Cannot POST</html>", WrongAddress),
    (429, error("rate_limit_exceeded"), Throttled),
    (302, "", Rejected),
    (200, error("credits_exhausted"), NoCredits),
    (200, error("invalid_api_key"), CredentialRefused),
    (200, error("rate_limit_exceeded"), Throttled),
    (200, {"error": "something odd"}, Rejected),
]
UNCERTAIN = [
    (500, error("internal_error")),
    (502, "<html>bad gateway</html>"),
    (503, error("service_unavailable")),
    (504, ""),
    (200, ""),
    (200, "<html>login</html>"),
    (200, '{"id": "resp_1", "outp'),
]


class TestErrors:
    @pytest.mark.parametrize(("status", "body", "kind"), REFUSALS)
    def test_what_was_surely_not_done(
        self,
        client: MaveraClient,
        api: responses.RequestsMock,
        status: int,
        body: Any,
        kind: type[VendorError],
    ) -> None:
        text = body if isinstance(body, str) else json.dumps(body)
        api.post(f"{API}/responses", body=text, status=status)
        with pytest.raises(VendorError) as refused:
            client.respond(DRAFT, client.permit())
        assert type(refused.value) is kind
        assert KEY not in f"{refused.value!r} {refused.value.answer}"
        assert len(api.calls) == 1

    @pytest.mark.parametrize(("status", "body"), UNCERTAIN)
    def test_what_may_have_been_done_is_uncertain_and_not_sent_again(
        self, client: MaveraClient, api: responses.RequestsMock, status: int, body: Any
    ) -> None:
        text = body if isinstance(body, str) else json.dumps(body)
        api.post(f"{API}/responses", body=text, status=status, headers={"Retry-After": "1"})
        with pytest.raises(Uncertain, match="not known"):
            client.respond(DRAFT, client.permit())
        assert len(api.calls) == 1

    @pytest.mark.parametrize("handler", [silence, raw(b"HTTP/1.1 200 OK\r\nContent-Le"), raw(b"")])
    def test_a_line_that_goes_silent_or_breaks_is_uncertain(self, handler: Any) -> None:
        times = Timeouts(0.2, 0.2, 0.2, 0.2)
        with serving(handler) as server, client_of(server.url, timeouts=times) as client:
            with pytest.raises(Uncertain):
                client.respond(DRAFT, client.permit())
            assert len(server.requests) == 1

    def test_a_silent_line_for_a_read_is_a_time_out(self) -> None:
        with (
            serving(silence) as server,
            client_of(server.url, timeouts=Timeouts(read=0.2)) as client,
            pytest.raises(TimedOut),
        ):
            client.personas()

    def test_nobody_at_home_is_surely_not_sent(self) -> None:
        with client_of("http://127.0.0.1:9") as client, pytest.raises(NotSent):
            client.respond(DRAFT, client.permit())

    def test_the_field_that_is_refused_is_named(
        self, client: MaveraClient, api: responses.RequestsMock
    ) -> None:
        api.post(f"{API}/responses", status=400, json=error("invalid_field", param="input"))
        with pytest.raises(Rejected, match="“input”"):
            client.respond(DRAFT, client.permit())

    @pytest.mark.parametrize(
        ("headers", "wait"),
        [
            ({"Retry-After": "12"}, 12.0),
            ({"X-RateLimit-Reset": "{soon}"}, 40.0),
            ({"Retry-After": "2", "X-RateLimit-Reset": "{soon}"}, 40.0),
            ({"X-RateLimit-Reset": "1000000001"}, 0.0),
            ({}, 0.0),
        ],
    )
    def test_a_busy_mavera_says_how_long(
        self,
        client: MaveraClient,
        api: responses.RequestsMock,
        headers: dict[str, str],
        wait: float,
    ) -> None:
        soon = str(int(clock.epoch()) + 40)
        told = {name: value.format(soon=soon) for name, value in headers.items()}
        api.get(f"{API}/personas", status=429, headers=told)
        with pytest.raises(Throttled) as throttled:
            client.personas()
        assert throttled.value.wait == pytest.approx(wait, abs=2)

    @pytest.mark.parametrize("key", ["", "two words", "line\nbreak", "å"])
    def test_a_key_that_cannot_be_sent_is_refused_before(self, key: str) -> None:
        with client_of(key=key) as client:
            with pytest.raises(CredentialRefused):
                client.permit()
            with pytest.raises(CredentialRefused):
                client.personas()
            assert client.requests == 0


class TestLists:
    PERSONA: Mapping[str, Any] = {"id": "clx1", "name": "Ops lead", "is_custom": False}

    @pytest.mark.parametrize(
        ("pages", "asked"),
        [
            ([{"data": [PERSONA]}], [{}]),
            ([{"personas": [PERSONA]}], [{}]),
            ([[PERSONA]], [{}]),
            (
                [
                    {"data": [PERSONA], "has_more": True, "next_cursor": "c2"},
                    {"data": [dict(PERSONA, id="clx2")], "has_more": False, "next_cursor": None},
                ],
                [{}, {"cursor": "c2"}],
            ),
            (
                [
                    {"data": [PERSONA], "has_more": True, "total": 2},
                    {"data": [dict(PERSONA, id="clx2")], "has_more": False},
                ],
                [{}, {"offset": "1"}],
            ),
            ([{"data": [PERSONA], "has_more": True}, {"data": []}], [{}, {"offset": "1"}]),
            (
                [{"data": [PERSONA], "has_more": True}, {"data": [PERSONA], "has_more": True}],
                [{}, {"offset": "1"}],
            ),
        ],
    )
    def test_go_on_by_cursor_or_offset_or_not_at_all(
        self,
        client: MaveraClient,
        api: responses.RequestsMock,
        pages: list[Any],
        asked: list[dict[str, str]],
    ) -> None:
        for page in pages:
            api.get(f"{API}/personas", json=page)
        found = [persona.persona_id for persona in client.personas()]
        assert found == ["clx1", "clx2"][: len(found)]
        params = [getattr(call.request, "params") for call in api.calls]  # noqa: B009
        assert params == [{"limit": "100", **more} for more in asked]

    def test_that_never_end_are_given_up(
        self, client: MaveraClient, api: responses.RequestsMock
    ) -> None:
        for number in range(50):
            row = dict(self.PERSONA, id=f"p{number}")
            api.get(f"{API}/personas", json={"data": [row], "has_more": True})
        with pytest.raises(TooMany):
            client.personas()

    @pytest.mark.parametrize("page", [{}, {"data": {}}, 7, None])
    def test_that_are_none_are_unclear(
        self, client: MaveraClient, api: responses.RequestsMock, page: Any
    ) -> None:
        api.get(f"{API}/personas", json=page)
        with pytest.raises(Unclear):
            client.personas()


class TestUsage:
    def test_tells_what_is_left(self, client: MaveraClient, api: responses.RequestsMock) -> None:
        sent = {
            "object": "usage",
            "credits": {"used": 120, "included": 500, "remaining": 380},
            "rate_limit": {"requests_per_minute": 60},
            "limits": {"usage_limit": 200, "budget_alert": None},
            "auto_recharge": {"enabled": True},
        }
        api.get(f"{API}/usage", json=sent)
        usage = client.usage()
        assert usage is not None
        assert (usage.used, usage.included, usage.remaining) == (120, 500, 380)
        assert (usage.requests_per_minute, usage.auto_recharge) == (60, True)
        assert usage.left == 80
        assert usage.raw == sent

    @pytest.mark.parametrize(("limits", "left"), [({}, 380), ({"usage_limit": 50}, 0)])
    def test_is_never_less_than_nothing(
        self, client: MaveraClient, api: responses.RequestsMock, limits: Any, left: float
    ) -> None:
        api.get(f"{API}/usage", json={"credits": {"used": 90, "remaining": 380}, "limits": limits})
        usage = client.usage()
        assert usage is not None
        assert usage.left == left

    @pytest.mark.parametrize("status", [403, 404])
    def test_may_be_kept_from_a_key(
        self, client: MaveraClient, api: responses.RequestsMock, status: int
    ) -> None:
        api.get(f"{API}/usage", status=status, json=error("forbidden"))
        assert client.usage() is None


class TestWorkspaces:
    def test_the_only_one_is_taken(self, client: MaveraClient, api: responses.RequestsMock) -> None:
        api.get(f"{API}/workspaces", json={"data": [{"id": "ws_1", "name": "Main"}]})
        assert [client.workspace_id(), client.workspace_id()] == ["ws_1", "ws_1"]
        assert len(api.calls) == 1

    @pytest.mark.parametrize(
        ("rows", "told"),
        [([], "no workspace"), ([{"id": "ws_1", "name": "A"}, {"id": "ws_2"}], r"A \(ws_1\)")],
    )
    def test_several_must_be_chosen_from(
        self, client: MaveraClient, api: responses.RequestsMock, rows: Any, told: str
    ) -> None:
        api.get(f"{API}/workspaces", json={"data": rows})
        with pytest.raises(NotConfigured, match=told):
            client.workspace_id()


class TestMave:
    DRAFT = MaveDraft("uw-1-dropoff-3", "Where do they leave?")

    def test_answers_with_markdown_and_a_block(
        self, client: MaveraClient, api: responses.RequestsMock
    ) -> None:
        text = 'Cut it.\n\n```json\n{"edits": [1]}\n```'
        document: dict[str, Any] = {
            "thread_id": "t1",
            "content": text,
            "usage": {"credits_used": 22},
        }
        document["sources"] = [{"title": "A page", "url": "https://a.example", "domain": "a"}, 7]
        api.post(f"{API}/mave/chat", json=document)
        said = client.ask_mave(self.DRAFT, client.permit())
        assert isinstance(said, MaveResult)
        assert (said.thread_id, said.data, said.credits) == ("t1", {"edits": [1]}, 22)
        assert [source.title for source in said.sources] == ["A page"]
        assert sent(api)["message"].splitlines()[0] == "Reference: uw-1-dropoff-3"

    @pytest.mark.parametrize(
        "document",
        [
            {"content": "Which audience do you mean?"},
            {"content": "Before I begin: **which audience do you mean?**"},
            {"content": "Tell me the audience.", "type": "clarifying_question"},
            {"content": "Tell me the audience.", "needs_clarification": True},
        ],
    )
    def test_may_ask_back(
        self, client: MaveraClient, api: responses.RequestsMock, document: dict[str, Any]
    ) -> None:
        api.post(f"{API}/mave/chat", json={"thread_id": "t1", **document})
        asked = client.ask_mave(self.DRAFT, client.permit())
        assert isinstance(asked, MaveQuestion)
        answer = MaveDraft("uw-1-dropoff-3b", "Everybody.", thread_id=asked.thread_id)
        assert client.body(answer)["thread_id"] == "t1"

    def test_that_says_nothing_cannot_be_used(
        self, client: MaveraClient, api: responses.RequestsMock
    ) -> None:
        api.post(f"{API}/mave/chat", json={"thread_id": "t1", "content": " "})
        with pytest.raises(Unusable):
            client.ask_mave(self.DRAFT, client.permit())

    def test_is_found_again_by_the_label(
        self, client: MaveraClient, api: responses.RequestsMock
    ) -> None:
        rows = [
            {"id": "old", "updated_at": "2026-01-01T00:00:00Z"},
            {"id": "mine", "updated_at": "2026-01-02T00:00:00Z"},
            {"id": "other", "updated_at": "2026-01-03T00:00:00Z"},
        ]
        api.get(f"{API}/mave/threads", json={"data": rows, "has_more": False})
        api.get(f"{API}/mave/threads/other", json={"id": "other", "messages": []})
        mine = [
            {"role": "user", "content": "Reference: uw-1-dropoff-3\n\nWhere do they leave?"},
            {"role": "assistant", "content": "At 1:40."},
        ]
        document = {"id": "mine", "messages": mine, "credits_used": 31}
        api.get(f"{API}/mave/threads/mine", json=document)
        found = client.find_thread("uw-1-dropoff-3")
        assert found is not None
        assert (found.thread_id, found.credits) == ("mine", 31)
        assert isinstance(found.answer, MaveResult)
        assert found.answer.text == "At 1:40."

    def test_is_not_found_by_another_label_or_before_it_answers(
        self, client: MaveraClient, api: responses.RequestsMock
    ) -> None:
        asked = {"role": "user", "content": "Reference: a\n\nx"}
        api.get(f"{API}/mave/threads", json={"data": [{"id": "t"}]})
        api.get(f"{API}/mave/threads/t", json={"id": "t", "messages": [asked]})
        assert client.find_thread("b") is None
        found = client.find_thread("a")
        assert found is not None
        assert found.answer is None


class TestFocusGroups:
    QUESTIONS = (Question("Which one?", "choice", ("Book", "Buy")), Question("Why?"))
    DRAFT = FocusGroupDraft("uw-1-cta-5", ["clx1"] * 12, QUESTIONS, 500)

    def test_are_asked_by_the_templates_and_clamped(self) -> None:
        with client_of(workspace_id="ws_1") as client:
            body = client.body(self.DRAFT)
        assert body == {
            "name": "uw-1-cta-5",
            "workspace_id": "ws_1",
            "persona_ids": ["clx1"] * 10,
            "sample_size": 50,
            "questions": [
                {"type": "multiple_choice", "text": "Which one?", "options": ["Book", "Buy"]},
                {"type": "open_ended", "text": "Why?"},
            ],
        }

    def test_may_have_another_body(self) -> None:
        dialect = Dialect.of(
            {
                "focus_group": {"title": "$label", "people": "$persona_ids", "mode": "sync"},
                "question_types": {"choice": "MULTIPLE_CHOICE"},
            }
        )
        with client_of(workspace_id="ws_1", dialect=dialect) as client:
            body = client.body(self.DRAFT)
        assert set(body) == {"title", "people", "mode"}

    def test_are_read_leniently(self, client: MaveraClient, api: responses.RequestsMock) -> None:
        question = {
            "question": "Which one?",
            "aggregate": {"mean": 4.5, "distribution": {"Book": 7, "Buy": 3, "x": "y"}},
            "responses": [{"persona_name": "Ops lead", "reasoning": "It is clear."}],
        }
        document: dict[str, Any] = {"id": "fg_1", "name": "uw-1-cta-5", "status": "COMPLETED"}
        document["results"] = {"summary": "Book.", "questions": [question, 7]}
        api.get(f"{API}/focus-groups/fg_1", json=document)
        group = client.focus_group("fg_1")
        assert (group.state, group.label, group.summary) == ("done", "uw-1-cta-5", "Book.")
        (finding,) = group.findings
        assert finding.score == 4.5
        assert finding.shares == (("Book", 7), ("Buy", 3))
        assert finding.voices == (("Ops lead", "It is clear."),)

    @pytest.mark.parametrize(
        ("word", "state"),
        [
            ("pending", "running"),
            ("PROCESSING", "running"),
            (None, "running"),
            ("READY", "done"),
            ("cancelled", "failed"),
        ],
    )
    def test_stand_somewhere(
        self, client: MaveraClient, api: responses.RequestsMock, word: Any, state: str
    ) -> None:
        api.get(f"{API}/focus-groups/fg_1", json={"id": "fg_1", "status": word})
        assert client.focus_group("fg_1").state == state


class TestBrandVoices:
    VOICE: Mapping[str, Any] = {
        "id": "bv_1",
        "label": "uw-1-voice-ab",
        "status": "READY",
        "voice_summary": "Plain.\nWarm.",
        "tone": {"adjectives": ["warm"], "dos": ["be brief"], "donts": ["shout"]},
        "writing_style": {"sentence_structure": "short", "jargon_usage": "none"},
        "vocabulary": {"preferred_terms": ["heat"], "avoid_terms": ["cheap"]},
        "example_phrases": [{"use_case": "mail", "example": "Hello there."}],
    }

    def test_are_made_of_documents(self, client: MaveraClient, api: responses.RequestsMock) -> None:
        api.get(f"{API}/workspaces", json={"data": [{"id": "ws_1", "name": "Main"}]})
        api.post(f"{API}/brand-voices", status=201, json=dict(self.VOICE, status="pending"))
        source = SourceDocument("t.docx", "https://f.example/t", "application/x", 9)
        draft = BrandVoiceDraft("uw-1-voice-ab", "Mails to viewers", [source])
        voice = client.create_brand_voice(draft, client.permit())
        assert (voice.voice_id, voice.state) == ("bv_1", "running")
        body = sent(api)
        assert body["documents"][0]["url"] == "https://f.example/t"
        assert (body["label"], body["workspace_id"]) == ("uw-1-voice-ab", "ws_1")

    def test_are_read_nested_or_flat(
        self, client: MaveraClient, api: responses.RequestsMock
    ) -> None:
        flat = {
            "id": "bv_1",
            "label": "uw-1-voice-ab",
            "status": "completed",
            "voice_summary": "Plain.\nWarm.",
            "tone_adjectives": ["warm"],
            "tone_dos": ["be brief"],
            "tone_donts": ["shout"],
            "sentence_structure": "short",
            "jargon_usage": "none",
            "preferred_terms": ["heat"],
            "avoid_terms": ["cheap"],
            "example_phrases": ["Hello there."],
        }
        read = []
        for document in (self.VOICE, flat):
            api.get(f"{API}/brand-voices/bv_1", json=document)
            read.append(client.brand_voice("bv_1"))
        assert read[0].raw == self.VOICE
        for voice in read:
            assert (voice.state, voice.summary, voice.error) == ("done", "Plain.\nWarm.", "")
            assert (voice.adjectives, voice.dos, voice.donts) == (
                ("warm",),
                ("be brief",),
                ("shout",),
            )
            assert (voice.sentence_structure, voice.jargon) == ("short", "none")
            assert (voice.preferred, voice.avoided) == (("heat",), ("cheap",))
            assert voice.examples == ("Hello there.",)

    def test_that_failed_say_why(self, client: MaveraClient, api: responses.RequestsMock) -> None:
        failed = {"id": "bv_1", "status": "failed", "error": "No text in the file"}
        api.get(f"{API}/brand-voices/bv_1", json=failed)
        voice = client.brand_voice("bv_1")
        assert (voice.state, voice.error) == ("failed", "No text in the file")

    def test_are_found_by_label(self, client: MaveraClient, api: responses.RequestsMock) -> None:
        failed = dict(self.VOICE, id="bv_0", status="failed")
        api.get(f"{API}/brand-voices", json={"brand_voices": [failed, self.VOICE, {"id": 7}]})
        found = client.find_brand_voice("uw-1-voice-ab")
        assert found is not None
        assert found.voice_id == "bv_1"
        assert client.find_brand_voice("another") is None


class TestGenerations:
    DRAFT = GenerationDraft("uw-1-followup-9", "app-1", {"topic": "heat"}, "bv_1")

    def test_are_asked_for_by_the_apps_own_fields(
        self, client: MaveraClient, api: responses.RequestsMock
    ) -> None:
        apps = [
            {"id": "a", "name": "Mail", "category": "email", "input_fields": [{"name": "topic"}]},
            {"id": "b", "input_schema": {"properties": {"topic": {}}}},
            {"id": "c", "input_data": ["topic"]},
            {"id": "d"},
        ]
        api.get(f"{API}/generation-apps", json={"data": apps})
        found = client.generation_apps()
        assert [app.fields for app in found] == [("topic",), ("topic",), ("topic",), ()]

    @pytest.mark.parametrize("key", ["output", "content", "markdown"])
    def test_are_read_by_any_of_their_names(
        self, client: MaveraClient, api: responses.RequestsMock, key: str
    ) -> None:
        document = {"id": "g1", "title": "uw-1-followup-9", key: "Hello\n\nthere"}
        api.post(f"{API}/generations", json=document | {"usage": {"credits_used": 12}})
        made = client.generate(self.DRAFT, client.permit())
        assert (made.output, made.state, made.credits) == ("Hello\n\nthere", "done", 12)
        assert sent(api) == {
            "app_id": "app-1",
            "input_data": {"topic": "heat"},
            "stream": False,
            "title": "uw-1-followup-9",
            "brand_voice_id": "bv_1",
        }

    def test_may_come_later(self, client: MaveraClient, api: responses.RequestsMock) -> None:
        api.post(f"{API}/generations", json={"id": "g1", "output": ""})
        api.get(f"{API}/generations/g1", json={"id": "g1", "output": "Now."})
        made = client.generate(self.DRAFT, client.permit())
        assert made.state == "running"
        assert client.generation(made.generation_id).output == "Now."

    def test_without_an_id_cannot_be_used(
        self, client: MaveraClient, api: responses.RequestsMock
    ) -> None:
        api.post(f"{API}/generations", json={"output": "lost"})
        with pytest.raises(Unusable) as unusable:
            client.generate(self.DRAFT, client.permit())
        assert unusable.value.raw == {"output": "lost"}

    def test_are_found_by_title(self, client: MaveraClient, api: responses.RequestsMock) -> None:
        api.get(f"{API}/generations", json={"data": [{"id": "g1", "title": "uw-1-followup-9"}]})
        assert client.find_generation("uw-1-followup-9") is not None
        assert client.find_generation("uw-1-followup") is None


class TestPersonas:
    def test_are_made_by_name(self, client: MaveraClient, api: responses.RequestsMock) -> None:
        made = {"id": "clx9", "name": "Segment A", "is_custom": True, "credits_charged": 300}
        api.post(f"{API}/personas", status=201, json=made)
        draft = PersonaDraft("Segment A", "People who watch it all")
        persona = client.create_persona(draft, client.permit())
        assert (persona.persona_id, persona.credits) == ("clx9", 300)
        assert sent(api)["pipeline_type"] == "north_star"

    def test_are_found_among_the_custom_ones(
        self, client: MaveraClient, api: responses.RequestsMock
    ) -> None:
        listed = {"id": "clx1", "name": "Segment A", "is_custom": False}
        api.get(f"{API}/personas", json={"data": [listed, dict(listed, id="clx9", is_custom=True)]})
        found = client.find_persona("Segment A")
        assert found is not None
        assert found.persona_id == "clx9"


class TestGuard:
    def test_sees_every_body_and_may_keep_it_in(self) -> None:
        seen = []

        def guard(body: Mapping[str, Any]) -> None:
            seen.append(body)
            raise KeyError("an address")

        with client_of(guard=guard, workspace_id="ws_1") as client:
            drafts = (
                lambda: client.respond(DRAFT, client.permit()),
                lambda: client.ask_mave(TestMave.DRAFT, client.permit()),
                lambda: client.create_focus_group(TestFocusGroups.DRAFT, client.permit()),
                lambda: client.generate(TestGenerations.DRAFT, client.permit()),
                lambda: client.upload("t.txt", b"words", "text/plain"),
            )
            for send in drafts:
                with pytest.raises(KeyError):
                    send()
            assert (len(seen), client.requests) == (5, 0)


@pytest.mark.parametrize("label", ["", "x", "y" * 101])
def test_a_label_must_fit_into_a_title(client: MaveraClient, label: str) -> None:
    with pytest.raises(ValueError, match="label"):
        client.body(GenerationDraft(label, "app", {}))


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"nothing": 1}, "nothing"),
        ({"usage": 1}, "usage"),
        ({"usage": "usage"}, "usage"),
        ({"question": "text"}, "question"),
        ({"chat": "telepathy"}, "chat"),
    ],
)
def test_a_dialect_is_checked(changes: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        Dialect.of(changes)


def test_a_dialect_keeps_what_is_not_changed() -> None:
    dialect = Dialect.of({"generations": "/generate", "model": "mavera-2"})
    assert (dialect.generations, dialect.model) == ("/generate", "mavera-2")
    assert dialect.brand_voices == REFERENCE.brand_voices
