"""The real Mavera client, over HTTP, against the sandbox: every operation and the main faults."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from upsales_wistia.clients.limits import Limiters, Limits
from upsales_wistia.clients.mavera import MaveraClient
from upsales_wistia.clients.mavera_answers import MaveQuestion, MaveResult
from upsales_wistia.clients.mavera_call import Timeouts
from upsales_wistia.clients.mavera_dialect import Dialect
from upsales_wistia.clients.mavera_drafts import Draft, SourceDocument
from upsales_wistia.clients.mavera_files import MOST_FILE_BYTES
from upsales_wistia.errors import (
    CredentialRefused,
    NoCredits,
    NotConfigured,
    NotFound,
    Rejected,
    Throttled,
    Uncertain,
    Unclear,
    UnknownPersona,
    Unusable,
    VendorError,
    WrongAddress,
)
from upsales_wistia.sandbox import Limits as VendorLimits
from upsales_wistia.sandbox import Sandbox, Tenant

from .mavera import BUYER, LABEL, PAID, generation, group, mave, persona, response, voice

TEXT = "text/plain"


@pytest.fixture
def mavera(sandbox: Sandbox, tenant: Tenant) -> Iterator[MaveraClient]:
    with opened(sandbox, tenant) as client:
        yield client


def opened(sandbox: Sandbox, tenant: Tenant, **more: Any) -> MaveraClient:
    limiters = Limiters(Limits().scaled(1000))
    times = Timeouts(1.0, 1.0, 1.0, 1.0)
    url, key = sandbox.mavera_url, tenant.mavera_key
    return MaveraClient(url, key, limiters=limiters, **{"timeouts": times, **more})


def buy(client: MaveraClient, draft: Draft) -> Any:
    """Make the call that a draft is for."""
    calls = {
        "ResponseDraft": client.respond,
        "MaveDraft": client.ask_mave,
        "FocusGroupDraft": client.create_focus_group,
        "PersonaDraft": client.create_persona,
        "GenerationDraft": client.generate,
        "BrandVoiceDraft": client.create_brand_voice,
    }
    call: Any = calls[type(draft).__name__]
    return call(draft, client.permit())


class TestWhatIsFree:
    def test_usage_is_what_was_spent(self, mavera: MaveraClient, tenant: Tenant) -> None:
        mavera.respond(response(), mavera.permit())
        usage = mavera.usage()
        assert usage is not None
        assert (usage.used, usage.left, usage.auto_recharge) == (3, 4997, False)
        tenant.desk.usage_limit, tenant.desk.auto_recharge = 10, True
        usage = mavera.usage()
        assert usage is not None
        assert (usage.left, usage.auto_recharge) == (7, True)

    @pytest.mark.parametrize("dialect", ["reference", "older"])
    def test_lists_are_read_to_their_end_in_both_ways(
        self, mavera: MaveraClient, tenant: Tenant, dialect: Any
    ) -> None:
        tenant.switches.mavera_dialect = dialect
        first = tenant.desk.personas[0]
        tenant.desk.personas += [{**first, "id": f"clxmore{n}"} for n in range(230)]
        found = mavera.personas()
        assert [p.persona_id for p in found] == [p["id"] for p in tenant.desk.personas]
        assert (mavera.requests, len(found)) == (3, 241)

    def test_apps_tell_their_fields(self, mavera: MaveraClient) -> None:
        apps = {app.app_id: app.fields for app in mavera.generation_apps()}
        assert apps["follow_up_email"] == ("topic", "context", "tone")

    def test_one_of_several_workspaces_must_be_named(
        self, sandbox: Sandbox, mavera: MaveraClient, tenant: Tenant
    ) -> None:
        tenant.desk.workspaces.append({"id": "ws_two", "name": "Two"})
        with pytest.raises(NotConfigured, match="ws_two"):
            mavera.body(group())
        with opened(sandbox, tenant, workspace_id="ws_two") as named:
            assert named.body(group())["workspace_id"] == "ws_two"

    def test_nothing_of_it_is_charged(self, mavera: MaveraClient, tenant: Tenant) -> None:
        mavera.personas()
        mavera.brand_voices()
        mavera.upload("a.txt", b"words", TEXT)
        assert tenant.desk.charges == []


class TestWhatCosts:
    def test_a_persona_answers_from_what_it_was_told(
        self, mavera: MaveraClient, tenant: Tenant
    ) -> None:
        reply = mavera.respond(response(), mavera.permit())
        assert reply.data["persona_id"] == BUYER
        assert "83%" in reply.data["rationale"]
        assert reply.credits == 3
        assert tenant.desk.charged(LABEL) == 1

    def test_an_older_endpoint_answers_too(self, sandbox: Sandbox, tenant: Tenant) -> None:
        with opened(sandbox, tenant, dialect=Dialect(chat="chat_completions")) as client:
            assert client.respond(response(), client.permit()).data["persona_id"] == BUYER
        assert tenant.desk.charges[0].operation == "complete"

    def test_an_older_answer_is_read_where_it_comes(
        self, mavera: MaveraClient, tenant: Tenant
    ) -> None:
        tenant.switches.mavera_dialect = "older"
        reply = mavera.respond(response(), mavera.permit())
        assert reply.raw["object"] == "chat.completion"
        assert (reply.data["persona_id"], reply.credits) == (BUYER, 3)

    def test_mave_edits_what_it_was_shown(self, mavera: MaveraClient) -> None:
        said = mavera.ask_mave(mave(), mavera.permit())
        assert isinstance(said, MaveResult)
        edits = said.data["edits"]
        assert [edit["at"] for edit in edits] == [100.0, 185.0]
        assert "Now to the price." in edits[0]["why"]
        assert (said.credits, len(said.sources)) == (25, 1)

    def test_mave_may_ask_back_and_goes_on(
        self, mavera: MaveraClient, sandbox: Sandbox, tenant: Tenant
    ) -> None:
        sandbox.faults.add("mavera.ask_mave", "clarifying", times=1)
        asked = mavera.ask_mave(mave(), mavera.permit())
        assert isinstance(asked, MaveQuestion)
        answer = mave("uw-4711-test-2", thread_id=asked.thread_id)
        said = mavera.ask_mave(answer, mavera.permit())
        assert isinstance(said, MaveResult)
        assert said.thread_id == asked.thread_id
        thread = mavera.find_thread("uw-4711-test-2")
        assert thread is not None
        assert thread.credits is None
        assert isinstance(thread.answer, MaveResult)
        assert mavera.delete_thread(said.thread_id) is True
        assert tenant.desk.threads == {}

    def test_a_focus_group_is_asked_and_waited_for(self, mavera: MaveraClient) -> None:
        made = mavera.create_focus_group(group(), mavera.permit())
        assert (made.state, made.findings, made.label) == ("running", (), LABEL)
        assert mavera.focus_group(made.group_id).state == "running"
        done = mavera.focus_group(made.group_id)
        (finding,) = done.findings
        assert (done.state, done.summary) == ("done", "Read more")
        assert dict(finding.shares)["Read more"] > dict(finding.shares)["Book a visit"]
        assert [name for name, _ in finding.voices] == ["Evaluating buyer", "Busy executive"]

    @pytest.mark.parametrize("dialect", ["reference", "older"])
    def test_a_voice_is_made_of_an_uploaded_text(
        self, mavera: MaveraClient, tenant: Tenant, dialect: Any
    ) -> None:
        tenant.switches.mavera_dialect = dialect
        said = b"Warm by nature.\nWe measure.\nWarm by nature.\nBring heat home."
        file = mavera.upload("t.txt", said, TEXT)
        source = SourceDocument(file.name, file.url, file.file_type, file.size)
        made = mavera.create_brand_voice(voice(source), mavera.permit())
        assert made.state == "running"
        assert mavera.brand_voice(made.voice_id).state == "running"
        done = mavera.brand_voice(made.voice_id)
        assert (done.state, done.examples[0]) == ("done", "Warm by nature")
        assert "nature" in done.preferred
        assert done.dos == ("Say “Warm by nature”.", "Say “We measure”.")
        assert (done.sentence_structure, done.jargon) == ("Short sentences.", "Little.")

    def test_a_text_is_written_by_an_app_in_a_voice(self, mavera: MaveraClient) -> None:
        made = mavera.generate(generation(), mavera.permit())
        assert (made.state, made.title, made.credits) == ("done", LABEL, 12)
        assert "Watched 83 %, twice" in made.output
        assert "{{first_name}}" in made.output
        assert mavera.generation(made.generation_id).output == made.output
        assert mavera.delete_generation(made.generation_id) is True

    def test_a_persona_is_made_once_by_its_name(self, mavera: MaveraClient, tenant: Tenant) -> None:
        made = mavera.create_persona(persona(), mavera.permit())
        assert (made.is_custom, made.credits) == (True, 300)
        with pytest.raises(Rejected):
            mavera.create_persona(persona(), mavera.permit())
        assert tenant.desk.used == 300

    def test_what_comes_later_is_asked_for_again(
        self, mavera: MaveraClient, sandbox: Sandbox
    ) -> None:
        sandbox.faults.add("mavera.generate", "empty", times=1)
        made = mavera.generate(generation(), mavera.permit())
        assert (made.state, made.output) == ("running", "")

    def test_a_job_may_never_be_done_or_fail(
        self, mavera: MaveraClient, sandbox: Sandbox, tenant: Tenant
    ) -> None:
        tenant.desk.polls = 0
        made = mavera.create_focus_group(group(), mavera.permit())
        never = sandbox.faults.add("mavera.group", "never_done")
        assert [mavera.focus_group(made.group_id).state for _ in range(3)] == ["running"] * 3
        sandbox.faults.remove(never)
        sandbox.faults.add("mavera.group", "fails", times=1)
        failed = mavera.focus_group(made.group_id)
        assert (failed.state, failed.error) == ("failed", "Nobody came.")
        assert mavera.focus_group(made.group_id).state == "done"


DONE_AND_LOST = ["cut", "write_then_cut", "500_after_writing", "timeout_after_writing"]


class TestNoSecondCharge:
    @pytest.mark.parametrize("operation", PAID)
    @pytest.mark.parametrize("kind", DONE_AND_LOST)
    def test_a_lost_answer_is_uncertain_and_what_was_made_is_found(
        self, mavera: MaveraClient, sandbox: Sandbox, tenant: Tenant, operation: str, kind: str
    ) -> None:
        sandbox.faults.add(f"mavera.{operation}", kind, times=1, seconds=0.0)
        with pytest.raises(Uncertain):
            buy(mavera, PAID[operation])
        assert tenant.desk.charged(LABEL) == 1
        find: Any = {
            "ask_mave": mavera.find_thread,
            "create_group": mavera.find_focus_group,
            "create_persona": mavera.find_persona,
            "generate": mavera.find_generation,
        }.get(operation)
        if find is not None:
            assert find(LABEL) is not None
            assert find("uw-4711-test-9") is None
        assert len(tenant.desk.charges) == 1

    def test_a_voice_is_found_by_its_label(
        self, mavera: MaveraClient, sandbox: Sandbox, tenant: Tenant
    ) -> None:
        file = mavera.upload("t.txt", b"Warm by nature.", TEXT)
        source = SourceDocument(file.name, file.url, file.file_type, file.size)
        sandbox.faults.add("mavera.create_voice", "cut", times=1)
        with pytest.raises(Uncertain):
            mavera.create_brand_voice(voice(source), mavera.permit())
        found = mavera.find_brand_voice(LABEL)
        assert found is not None
        assert mavera.find_brand_voice("another") is None
        assert tenant.desk.charged(LABEL) == 1

    @pytest.mark.parametrize("kind", ["reset", "500", "502", "503", "html", "not_json"])
    def test_an_answer_that_says_nothing_is_uncertain_even_where_nothing_was_done(
        self, mavera: MaveraClient, sandbox: Sandbox, tenant: Tenant, kind: str
    ) -> None:
        sandbox.faults.add("mavera.ask_mave", kind, times=1)
        with pytest.raises(Uncertain):
            mavera.ask_mave(mave(), mavera.permit())
        assert mavera.find_thread(LABEL) is None
        assert tenant.desk.charges == []
        assert sandbox.counters.count("mavera.ask_mave") == 1

    def test_a_work_that_is_late_is_found_later(
        self, mavera: MaveraClient, sandbox: Sandbox, tenant: Tenant
    ) -> None:
        sandbox.faults.add("mavera.generate", "write_late", times=1)
        with pytest.raises(Uncertain):
            mavera.generate(generation(), mavera.permit())
        assert mavera.find_generation(LABEL) is None
        tenant.settle()
        assert mavera.find_generation(LABEL) is not None


class TestRefusals:
    @pytest.mark.parametrize("operation", PAID)
    def test_no_credits_no_work(self, mavera: MaveraClient, tenant: Tenant, operation: str) -> None:
        tenant.desk.used = tenant.desk.included
        with pytest.raises(NoCredits, match="credits are used up"):
            buy(mavera, PAID[operation])
        tenant.desk.used, tenant.desk.usage_limit = 0, 1
        with pytest.raises(NoCredits, match="budget"):
            buy(mavera, PAID[operation])
        assert tenant.desk.charges == []

    @pytest.mark.parametrize("operation", PAID)
    def test_a_wrong_key_stops_everything(
        self, mavera: MaveraClient, tenant: Tenant, operation: str
    ) -> None:
        tenant.switches.mavera_refused = True
        with pytest.raises(CredentialRefused) as refused:
            buy(mavera, PAID[operation])
        assert refused.value.code == "mavera_key_refused"
        assert tenant.mavera_key not in f"{refused.value!r}{refused.value.answer}"
        with pytest.raises(CredentialRefused):
            mavera.personas()

    @pytest.mark.parametrize("operation", PAID)
    def test_every_paid_call_may_be_throttled_and_is_surely_not_done(
        self, mavera: MaveraClient, sandbox: Sandbox, tenant: Tenant, operation: str
    ) -> None:
        sandbox.faults.add(f"mavera.{operation}", "429", times=1, seconds=17)
        with pytest.raises(Throttled) as throttled:
            buy(mavera, PAID[operation])
        assert throttled.value.wait == 17
        assert tenant.desk.charges == []

    def test_an_unknown_persona_is_told(self, mavera: MaveraClient, sandbox: Sandbox) -> None:
        sandbox.faults.add("mavera.*", "unknown_persona", times=1)
        with pytest.raises(UnknownPersona):
            mavera.respond(response(), mavera.permit())

    @pytest.mark.parametrize("kind", ["empty", "malformed", "odd_answer"])
    def test_an_answer_without_use_is_kept_and_was_charged(
        self, mavera: MaveraClient, sandbox: Sandbox, tenant: Tenant, kind: str
    ) -> None:
        sandbox.faults.add("mavera.respond", kind, times=1)
        with pytest.raises(Unusable) as unusable:
            mavera.respond(response(), mavera.permit())
        assert tenant.desk.charged(LABEL) == 1
        assert unusable.value.credits == (None if kind == "odd_answer" else 3)

    def test_mave_may_say_nothing(self, mavera: MaveraClient, sandbox: Sandbox) -> None:
        sandbox.faults.add("mavera.ask_mave", "empty", times=1)
        with pytest.raises(Unusable):
            mavera.ask_mave(mave(), mavera.permit())

    def test_what_is_not_there_is_not_found(self, mavera: MaveraClient) -> None:
        for ask in (mavera.focus_group, mavera.brand_voice, mavera.generation):
            with pytest.raises(NotFound):
                ask("nothing/at all")

    def test_another_address_is_no_mavera(self, sandbox: Sandbox, tenant: Tenant) -> None:
        dialect = Dialect(generations="/generate")
        with opened(sandbox, tenant, dialect=dialect) as client, pytest.raises(WrongAddress):
            client.generate(generation(), client.permit())

    @pytest.mark.parametrize("kind", ["500", "503", "reset", "html", "not_json"])
    def test_a_read_is_tried_again_and_then_unclear(
        self, mavera: MaveraClient, sandbox: Sandbox, kind: str
    ) -> None:
        sandbox.faults.add("mavera.personas", kind)
        with pytest.raises(Unclear) as unclear:
            mavera.personas()
        assert not isinstance(unclear.value, Uncertain)
        sandbox.faults.clear()
        sandbox.faults.add("mavera.personas", "500", times=1)
        assert mavera.personas()


class TestLimits:
    def test_the_last_calls_of_a_minute_are_told_instead_of_slept(
        self, mavera: MaveraClient, sandbox: Sandbox
    ) -> None:
        sandbox.limits = VendorLimits(mavera_per_minute=1)
        started = time.monotonic()
        mavera.usage()
        with pytest.raises(Throttled) as throttled:
            mavera.usage()
        assert 0 < throttled.value.wait <= 60
        assert time.monotonic() - started < 20

    def test_a_minute_with_plenty_left_is_not_slowed(
        self, mavera: MaveraClient, sandbox: Sandbox
    ) -> None:
        sandbox.limits = VendorLimits(mavera_per_minute=10_000)
        started = time.monotonic()
        for _ in range(30):
            mavera.usage()
        assert time.monotonic() - started < 20


class TestFiles:
    def test_the_store_never_sees_the_key(self, mavera: MaveraClient, tenant: Tenant) -> None:
        file = mavera.upload("words.txt", b"Warm by nature.", TEXT)
        (upload,) = tenant.desk.uploads
        assert (upload.secrets, upload.content_type, upload.size) == ((), TEXT, 15)
        assert (file.name, file.size, file.file_type) == ("words.txt", 15, TEXT)
        assert requests.get(file.url, timeout=5).content == b"Warm by nature."

    def test_a_deleted_file_is_public_no_more(self, mavera: MaveraClient, tenant: Tenant) -> None:
        file = mavera.upload("words.txt", b"Warm by nature.", TEXT)
        found = mavera.find_file("words.txt")
        assert found is not None
        assert mavera.delete_file(found.file_id) is True
        assert requests.get(file.url, timeout=5).status_code == 404
        assert mavera.find_file("words.txt") is None
        assert mavera.delete_file(file.file_id) is True, "it is gone already"

    def test_a_mavera_that_does_not_delete_says_so(
        self, mavera: MaveraClient, tenant: Tenant, sandbox: Sandbox
    ) -> None:
        file = mavera.upload("words.txt", b"Warm by nature.", TEXT)
        tenant.switches.mavera_deletes = False
        assert mavera.delete_file(file.file_id) is False
        sandbox.faults.add("mavera.delete_file", "html_404", times=1)
        assert mavera.delete_file(file.file_id) is False
        sandbox.faults.add("mavera.delete_file", "500", times=1)
        with pytest.raises(Unclear):
            mavera.delete_file(file.file_id)

    def test_an_upload_that_breaks_off_may_be_begun_again(
        self, mavera: MaveraClient, sandbox: Sandbox, tenant: Tenant
    ) -> None:
        sandbox.faults.add("mavera.upload_url", "cut", times=1)
        with pytest.raises(VendorError):
            mavera.upload("words.txt", b"Warm by nature.", TEXT)
        assert tenant.desk.stored == {}
        assert mavera.upload("words.txt", b"Warm by nature.", TEXT).file_id

    @pytest.mark.parametrize("kind", [*DONE_AND_LOST, "500", "reset"])
    def test_bytes_that_are_public_get_a_record_by_which_they_can_be_deleted(
        self, mavera: MaveraClient, sandbox: Sandbox, tenant: Tenant, kind: str
    ) -> None:
        sandbox.faults.add("mavera.create_file", kind, times=1, seconds=0.0)
        file = mavera.upload("words.txt", b"Warm by nature.", TEXT)
        assert list(tenant.desk.files) == [file.file_id]
        assert mavera.delete_file(file.file_id) is True
        assert tenant.desk.stored == {}

    def test_without_a_list_of_files_the_record_is_made_once_more(
        self, mavera: MaveraClient, sandbox: Sandbox
    ) -> None:
        sandbox.faults.add("mavera.create_file", "500", times=1)
        sandbox.faults.add("mavera.files", "html_404")
        assert mavera.upload("words.txt", b"Warm by nature.", TEXT).file_id

    @pytest.mark.parametrize("content", [b"", b"x" * (MOST_FILE_BYTES + 1)])
    def test_nothing_and_too_much_never_leave(
        self, mavera: MaveraClient, tenant: Tenant, content: bytes
    ) -> None:
        with pytest.raises(ValueError, match="10 MB"):
            mavera.upload("words.txt", content, TEXT)
        assert tenant.desk.asked == []
