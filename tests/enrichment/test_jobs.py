"""Each job finds a planted pattern, asks about it, and stores what came back of it."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from tests.enrichment.house import MaveraHouse, watcher
from tests.sync.house import NOW, view
from upsales_wistia.enrichment.brand_voice import CONSENT
from upsales_wistia.enrichment.rules import JOBS
from upsales_wistia.errors import NotConfigured, UsageError
from upsales_wistia.sandbox import World
from upsales_wistia.store import customers, drafts, enrichment, voices

# What depends on the database is in test_resume.py.
pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)


def alike(many: str, few: str, world: World) -> list[Any]:
    """Twelve who watched much, and three who hardly did, or the other way round."""
    fractions = {"deep": 0.9, "shy": 0.1}
    return [
        *(watcher(many, number, fractions[many]) for number in range(12)),
        *(watcher(few, number, fractions[few]) for number in range(3)),
    ]


@pytest.mark.parametrize(
    ("many", "few", "name"),
    [("deep", "shy", "Deep watchers: Demos"), ("shy", "deep", "First look: Demos")],
)
def test_personas_twelve_alike_are_asked_about_and_three_are_not(
    house: MaveraHouse, many: str, few: str, name: str
) -> None:
    house.watch(*alike(many, few, house.world))
    made = house.enrich("personas")
    assert made["status"] == "done"
    (group,) = made["result"]["groups"]
    assert (group["name"], group["people"], made["result"]["from"]["left_out"]) == (name, 12, 3)
    assert group["persona"]["id"] in {persona["id"] for persona in house.desk.personas}
    assert 1 <= group["confidence"] <= 10
    assert name in group["rationale"]
    assert "people 12" in group["rationale"]
    assert len(group["event_keys"]) == 12
    (body,) = [b for b in house.bodies if "input" in b]
    assert f'"name": "{name}"' in body["input"]
    assert '"people": 12' in body["input"]


def test_personas_a_custom_one_is_made_only_when_asked_for(house: MaveraHouse) -> None:
    house.watch(*alike("deep", "shy", house.world))
    house.desk.included = 10_000
    house.enrich("personas")
    assert house.desk.charged(operation="create_persona") == 0
    made = house.enrich("personas", custom_personas=True, max_credits=400)
    assert house.desk.charged(operation="create_persona") == 1
    assert made["result"]["groups"][0]["own_persona"]["name"].endswith("Deep watchers: Demos")
    again = house.enrich("personas", custom_personas=True, max_credits=400)
    assert again["result"]["groups"][0]["own_persona"] == made["result"]["groups"][0]["own_persona"]
    assert house.desk.charged(operation="create_persona") == 1


@pytest.mark.parametrize("at", [100, 220])
def test_dropoff_a_drop_is_asked_about_with_the_words_spoken_there(
    house: MaveraHouse, at: int
) -> None:
    house.world.videos.drop("media00002", at, 0.2)
    house.world.videos.say("media00002", at - 2, "So, what does it cost?")
    house.world.videos.say("media00002", 400, "Something else.")
    made = house.enrich("dropoff", "media00002")
    (drop,) = made["result"]["drops"]
    assert (drop["at"], drop["percent"]) == (at, 20)
    assert drop["spoken"] == "So, what does it cost?"
    (edit,) = made["result"]["edits"]
    assert edit["drop"] == 1
    assert "what does it cost" in edit["edit"]
    (body,) = [b for b in house.bodies if "message" in b]
    assert (
        f'"second": {at}, "percent_leaving": 20, "spoken": "So, what does it cost?"'
        in body["message"]
    )
    assert "Something else" not in body["message"]


def test_dropoff_without_a_video_takes_the_most_watched(house: MaveraHouse) -> None:
    house.watch(*(watcher("deep", number, 0.9, media_id="media00002") for number in range(3)))
    house.world.videos.drop("media00002", 100, 0.2)
    assert house.enrich("dropoff")["result"]["from"]["media"] == "media00002"


def test_dropoff_waits_48_hours_unless_it_is_forced(house: MaveraHouse) -> None:
    house.world.videos.drop("media00002", 100, 0.2)
    house.world.videos.publish("media00002", NOW - timedelta(hours=47))
    made = house.enrich("dropoff", "media00002")
    assert (made["status"], made["code"], made["exit_status"]) == ("failed", "too_early", 3)
    assert "47 hours" in made["reason"]
    assert house.desk.charges == []
    assert house.enrich("dropoff", "media00002", force=True)["status"] == "done"


def test_dropoff_a_question_of_maves_is_shown_and_its_answer_goes_on(house: MaveraHouse) -> None:
    house.world.videos.drop("media00002", 100, 0.2)
    house.sandbox.faults.add("mavera.ask_mave", "clarifying", times=1)
    made = house.enrich("dropoff", "media00002", max_credits=100)
    assert (made["status"], made["exit_status"]) == ("asks", 3)
    assert made["result"]["question"].endswith("?")
    again = house.enrich("dropoff", "media00002", max_credits=100)
    assert (again["run"], again["status"]) == (made["run"], "asks")
    assert house.desk.charged(operation="ask_mave") == 1
    house.services.enriching.answer(house.customer, made["run"], "For buyers.")
    house.services.join_jobs()  # a thread takes it on at once
    done = enrichment.load(house.customer, made["run"])
    assert done.state == "done"
    assert len(house.desk.threads) == 1
    assert "For buyers." in house.bodies[-1]["message"]


def test_dropoff_of_a_video_that_nobody_knows_is_wrong_use(house: MaveraHouse) -> None:
    made = house.enrich("dropoff", "nosuchvide")
    assert made["exit_status"] == 2
    assert "does not know" in made["reason"]


@pytest.mark.parametrize("plays", [12])
def test_dropoff_too_few_plays_cost_nothing(house: MaveraHouse, plays: int) -> None:
    house.world.videos.drop("media00002", 100, 0.2, viewers=plays)
    made = house.enrich("dropoff", "media00002")
    assert made["reason"] == "Too few plays for a curve: 12. It appears at 30."
    assert house.desk.charges == []


def test_dropoff_no_drops_cost_nothing(house: MaveraHouse) -> None:
    house.world.videos.set_curve("media00002", [100] * 600)
    made = house.enrich("dropoff", "media00002")
    assert (made["status"], made["result"]["drops"]) == ("done", [])
    assert house.desk.charges == []


@pytest.mark.parametrize(
    ("better", "worse"), [("Book a demo", "Read more"), ("Read more", "Book a demo")]
)
def test_cta_the_one_that_is_twice_as_good_stands_first(
    house: MaveraHouse, better: str, worse: str
) -> None:
    house.world.videos.offer("media00001", better, 200, 40)
    house.world.videos.offer("media00002", worse, 200, 20)
    made = house.enrich("cta")
    calls = made["result"]["calls"]
    assert [(call["text"], call["rate"]) for call in calls] == [(better, 0.2), (worse, 0.1)]
    assert made["result"]["synthetic"] is True
    verdicts = {v["number"]: v for v in made["result"]["verdicts"]}
    assert verdicts[1]["score"] > verdicts[2]["score"]
    assert verdicts[1]["voices"] == 3
    assert better in verdicts[1]["opinions"][0]["reason"]
    bodies = [b for b in house.bodies if "input" in b]
    assert len(bodies) == 3
    assert all(f'"text": "{better}", "shown": 200, "used": 40' in b["input"] for b in bodies)


def test_cta_words_that_the_counts_do_not_tell_are_those_set_on_the_video(
    house: MaveraHouse,
) -> None:
    house.tenant.switches.action_texts = False
    house.world.videos.offer("media00001", "Book a demo", 200, 40)
    house.world.videos.offer("media00001", "One link", 90, 9, kind="Annotation")
    house.world.videos.offer("media00001", "Another link", 90, 18, kind="Annotation")
    house.world.videos.offer("media00002", "Read more", 200, 20)
    calls = house.enrich("cta")["result"]["calls"]
    # Of two links nobody can tell which count is whose.
    assert [(call["text"], call["kind"]) for call in calls] == [
        ("Book a demo", "Call to Action"),
        ("", "Annotation"),
        ("Read more", "Call to Action"),
    ]


def test_cta_a_focus_group_where_that_was_chosen(house: MaveraHouse) -> None:
    house.configure(ctaEngine="focus-group")
    house.world.videos.offer("media00001", "Book a demo", 200, 40)
    made = house.enrich("cta", max_credits=250)
    assert house.desk.charged(operation="create_group") == 1
    assert made["result"]["findings"]
    assert made["credits"]["spent"] == 60


def test_cta_without_any_costs_nothing(house: MaveraHouse) -> None:
    made = house.enrich("cta")
    assert (made["status"], made["result"]["calls"]) == ("done", [])
    assert house.desk.charges == []


@pytest.mark.parametrize("phrase", ["Start with the number", "One idea a sentence"])
def test_brand_voice_a_phrase_that_a_speaker_repeats_is_in_the_voice(
    house: MaveraHouse, phrase: str
) -> None:
    house.world.videos.repeat("media00001", phrase)
    made = house.enrich("brand-voice", consent=True)
    assert made["status"] == "done"
    assert any(phrase in one for one in made["result"]["profile"]["dos"])
    assert made["credits"]["spent"] == 50
    (file,) = [s for s in enrichment.steps(house.customer, made["run"]) if s.operation == "files"]
    assert phrase in "\n".join(file.body["text"])
    assert file.problem == "deleted"
    assert house.desk.files == {}
    assert made["result"]["files_left"] == 0
    assert all(not upload.secrets for upload in house.desk.uploads)


def test_brand_voice_needs_a_consent_in_these_words(house: MaveraHouse) -> None:
    house.world.videos.repeat("media00001", "Hello")
    made = house.enrich("brand-voice")
    assert (made["code"], made["exit_status"]) == ("no_consent", 3)
    assert CONSENT in made["reason"]
    assert (house.desk.charges, house.desk.uploads) == ([], [])
    made = house.enrich("brand-voice", consent=True)
    agreed = voices.consent(house.customer, made["run"])
    assert agreed is not None
    assert (agreed.words, agreed.by, agreed.at) == (CONSENT, "Eva", NOW)


def test_brand_voice_is_made_once_for_the_same_words(house: MaveraHouse) -> None:
    house.world.videos.repeat("media00001", "Hello")
    first = house.enrich("brand-voice", consent=True)
    again = house.enrich("brand-voice")
    assert again["status"] == "done"
    assert again["run"] != first["run"]
    assert again["result"]["profile"] == first["result"]["profile"]
    assert house.desk.charged(operation="create_voice") == 1
    house.world.videos.repeat("media00002", "Other words")
    house.enrich("brand-voice", consent=True)
    assert house.desk.charged(operation="create_voice") == 2


def test_brand_voice_leaves_out_drafts_and_what_has_a_password(house: MaveraHouse) -> None:
    house.world.videos.repeat("media00001", "Secret words")
    house.world.videos.protect("media00001")
    house.world.videos.say("media00002", 1, "Draft words", draft=True)
    made = house.enrich("brand-voice", consent=True)
    assert (made["code"], made["exit_status"]) == ("nothing_to_ask", 3)
    house.world.videos.say("media00002", 1, "Draft words")
    made = house.enrich("brand-voice", consent=True)
    assert made["result"]["from"]["left_out"] == {"protected": 1, "drafts": 0, "without": 0}
    assert "Secret" not in json.dumps([s.body for s in enrichment.left_for_mavera(4711)])


def test_brand_voice_says_when_the_file_cannot_be_deleted(house: MaveraHouse) -> None:
    house.world.videos.repeat("media00001", "Hello")
    house.tenant.switches.mavera_deletes = False
    assert house.enrich("brand-voice", consent=True)["result"]["files_left"] == 1


@pytest.mark.parametrize(("fraction", "drafted"), [(0.8, 1), (0.799, 0)])
def test_followup_drafts_from_80_percent_on(
    house: MaveraHouse, fraction: float, drafted: int
) -> None:
    house.watch(view("v1", "anna@acme.example", fraction=fraction))
    made = house.enrich("followup")
    assert made["status"] == "done"
    assert len(made["result"]["drafts"]) == drafted
    assert len(drafts.listing(house.customer)) == drafted
    assert house.desk.charged() == drafted
    asked = [b["input"] for b in house.bodies if "input" in b]
    assert ['"percent_watched": 80' in body for body in asked] == [True] * drafted


def test_brand_voice_a_million_words_are_all_uploaded(house: MaveraHouse) -> None:
    house.world.videos.say("media00001", 1, "Start with the number. " * 250_000)
    made = house.enrich("brand-voice", consent=True)
    assert made["status"] == "done"
    files = [s for s in made["steps"] if s["operation"] == "files"]
    assert len(files) == 2
    assert all(upload.size < 10 * 1024 * 1024 for upload in house.desk.uploads)
    assert house.desk.charged() == 1
    assert "Start with the number" in made["result"]["profile"]["dos"][0]


def test_brand_voice_without_a_word_costs_nothing(house: MaveraHouse) -> None:
    made = house.enrich("brand-voice", consent=True)
    assert (made["code"], made["exit_status"]) == ("nothing_to_ask", 3)
    assert "Add captions in Wistia" in made["reason"]
    assert (house.desk.charges, house.desk.uploads) == ([], [])


def test_dropoff_without_captions_asks_with_the_figures_alone(house: MaveraHouse) -> None:
    house.world.videos.drop("media00002", 100, 0.2)
    made = house.enrich("dropoff", "media00002")
    assert (made["status"], made["result"]["drops"][0]["spoken"]) == ("done", "")
    assert made["result"]["from"]["captions"] is False


def test_dropoff_of_a_million_words_tells_those_around_the_drop(house: MaveraHouse) -> None:
    house.world.videos.drop("media00002", 100, 0.2)
    house.world.videos.say("media00002", 98, "Price " * 1_000_000)
    made = house.enrich("dropoff", "media00002")
    assert made["status"] == "done"
    (body,) = [b for b in house.bodies if "message" in b]
    assert len(body["message"]) < 2_000


def test_followup_the_first_name_is_put_in_here(house: MaveraHouse) -> None:
    typed = {"email": "anna@acme.example", "first_name": "Xanthe", "last_name": "Quill"}
    house.watch(view("v1", "anna@acme.example", fraction=0.97, conversion=typed))
    house.enrich("followup")
    (draft,) = drafts.listing(house.customer)
    assert "Hi Xanthe," in draft.body
    assert (draft.person, draft.percent, draft.title) == ("anna@acme.example", 97, "Product tour")
    assert "Xanthe" not in house.sent
    assert "Hi {{first_name}}," in house.bodies[-1]["input"]


def test_followup_each_viewer_once_for_each_video(house: MaveraHouse) -> None:
    house.watch(view("v1", "anna@acme.example", fraction=0.9))
    house.enrich("followup")
    house.watch(
        view("v2", "anna@acme.example", fraction=0.95),
        view("v3", "anna@acme.example", fraction=0.9, media_id="media00002"),
    )
    house.enrich("followup")
    assert house.enrich("followup")["result"]["drafts"] == []
    assert sorted(draft.media_id for draft in drafts.listing(4711)) == ["media00001", "media00002"]
    assert house.desk.charged() == 2


def test_followup_uses_the_voice(house: MaveraHouse) -> None:
    house.world.videos.repeat("media00001", "Start with the number")
    house.enrich("brand-voice", consent=True)
    house.watch(view("v1", "anna@acme.example", fraction=0.9))
    house.enrich("followup")
    assert "Start with the number" in house.bodies[-1]["input"]


def test_followup_by_an_app_of_maveras(house: MaveraHouse) -> None:
    house.configure(generateAppId="follow_up_email")
    house.watch(view("v1", "anna@acme.example", fraction=0.9))
    made = house.enrich("followup")
    assert made["credits"]["spent"] == 12
    (draft,) = drafts.listing(house.customer)
    assert "Product tour" in draft.subject
    assert "{{" not in draft.body
    house.configure(generateAppId="nothing_like_it")
    house.watch(view("v2", "bo@birch.example", fraction=0.9))
    made = house.enrich("followup")
    assert (made["code"], made["exit_status"]) == ("no_app", 3)
    assert "follow_up_email" in made["reason"]


def test_a_dry_run_shows_every_body_and_sends_none(house: MaveraHouse) -> None:
    house.watch(*alike("deep", "shy", house.world))
    house.world.videos.drop("media00002", 100, 0.2)
    house.world.videos.offer("media00001", "Book a demo", 200, 40)
    house.world.videos.repeat("media00001", "Start with the number")
    shown = {
        job: house.services.enriching.preview(
            house.customer, job, "media00002" if job == "dropoff" else ""
        )
        for job in JOBS
    }
    assert house.bodies == []
    assert {job: len(made["bodies"]) for job, made in shown.items()} == {
        "personas": 1,
        "dropoff": 1,
        "cta": 3,
        "brand-voice": 2,
        "followup": 10,
    }
    assert shown["cta"]["credits"]["most"] == 15
    assert enrichment.runs(house.customer) == []
    made = house.enrich("personas")
    (sent,) = house.bodies
    (said,) = shown["personas"]["bodies"]
    assert sent["input"].partition("\n")[2] == said["body"]["input"].partition("\n")[2]
    assert made["status"] == "done"


def test_without_a_key_nothing_leaves_and_the_next_step_is_said(house: MaveraHouse) -> None:
    customers.save_secret(house.services.keyring, 4711, "maveraApiKey", "", NOW)
    with pytest.raises(NotConfigured, match="no Mavera key"):
        house.enrich("cta")
    assert house.sandbox.counters.total("mavera") == 0
    with pytest.raises(UsageError):
        house.services.enriching.run(9, "cta", by="Eva")
