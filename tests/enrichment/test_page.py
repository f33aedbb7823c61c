"""The enrichment page: what each job found, moved patterns too, and how it is set going."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest

from tests.enrichment.house import MaveraHouse, watcher
from tests.sync.house import NOW, view
from tests.web.visiting import Visit
from upsales_wistia.enrichment.brand_voice import CONSENT
from upsales_wistia.enrichment.rules import DUE, JOBS
from upsales_wistia.enrichment.run import Wanted, begin
from upsales_wistia.store import customers, drafts, enrichment, leases, voices

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)

HOSTILE = "<script>alert(1)</script>"


@pytest.fixture
def visit(house: MaveraHouse) -> Visit:
    return Visit(house)


def text_of(page: str) -> str:
    """What a person reads of a piece of a page."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


def card(page: str, job: str) -> str:
    """One job's card, as markup."""
    start = page.index(f'<article class="job" id="{job}"')
    return page[start : page.index("</article>", start)]


def read(visit: Visit, job: str) -> str:
    return text_of(card(visit.opens("/enrichment"), job))


def act(visit: Visit, path: str, **fields: str) -> None:
    """Press a button on the page, and wait for what it sets going."""
    token = re.search(r'name="csrf_token" value="([^"]+)"', visit.opens("/enrichment"))
    assert token
    answer = visit.browser.post(
        f"/c/{visit.house.customer}/enrichment{path}",
        base_url=visit.house.services.config.public_url,
        data={"csrf_token": token[1], **fields},
    )
    assert answer.status_code == 303, answer.text
    visit.house.services.join_jobs()


def test_before_anything_every_job_is_ready_and_says_what_it_costs(visit: Visit) -> None:
    page = visit.opens("/enrichment")
    assert [job for job in JOBS if f'id="{job}"' in page] == list(JOBS)
    assert "Ready to run about 12 credits, at most 15" in read(visit, "cta")
    assert "stops at 50 credits" in text_of(page)
    assert CONSENT in text_of(card(page, "brand-voice"))


def test_without_a_key_all_are_off(visit: Visit) -> None:
    customers.save_secret(visit.house.services.keyring, 4711, "maveraApiKey", "", NOW)
    page = visit.opens("/enrichment")
    for job in JOBS:
        assert "Off Add a Mavera key in Settings ; nothing leaves before you run a job." in text_of(
            card(page, job)
        )
        assert "<button" not in card(page, job)


@pytest.mark.parametrize(
    ("many", "few", "name"),
    [(0.9, 0.1, "Deep watchers: Demos"), (0.1, 0.9, "First look: Demos")],
)
def test_personas_are_shown_and_move_with_the_pattern(
    house: MaveraHouse, visit: Visit, many: float, few: float, name: str
) -> None:
    house.watch(
        *(watcher("a", number, many) for number in range(12)),
        *(watcher("b", number, few) for number in range(3)),
    )
    act(visit, "/personas/run")
    assert f"{name} 12" in read(visit, "personas")
    assert "15 viewers in 1 group" in read(visit, "personas")
    assert "3 left out: fewer than 5 alike · 3 credits" in read(visit, "personas")
    (address,) = re.findall(
        r'href="/c/4711(/enrichment/runs/[^"]+/groups/1)"', visit.opens("/enrichment")
    )
    rows = text_of(visit.opens(address))
    assert rows.count("@a.example") == 12
    run = enrichment.runs(4711, "personas")[0]
    assert name in text_of(visit.opens(f"/enrichment/runs/{run.id}"))


@pytest.mark.parametrize(("at", "told"), [(100, "1:40"), (220, "3:40")])
def test_dropoff_is_drawn_with_pins_and_moves_with_the_pattern(
    house: MaveraHouse, visit: Visit, at: int, told: str
) -> None:
    house.watch(view("v1", "anna@acme.example", media_id="media00002"))
    house.world.videos.drop("media00002", at, 0.2)
    house.world.videos.say("media00002", at - 2, "So, what does it cost?")
    act(visit, "/dropoff/run", media="media00002")
    shown = card(visit.opens("/enrichment"), "dropoff")
    assert f'aria-label="A story: {told} 20% leave' in shown
    assert shown.count('class="pin"') == 1
    assert f"{told} “" in text_of(shown)
    assert "See the 1 edit" in text_of(shown)
    run = enrichment.runs(4711, "dropoff")[0]
    page = text_of(visit.opens(f"/enrichment/runs/{run.id}"))
    assert f"1 {told} 20% “So, what does it cost?”" in page


@pytest.mark.parametrize(
    ("better", "worse"), [("Book a demo", "Read more"), ("Read more", "Book a demo")]
)
def test_cta_rates_stand_in_their_order(
    house: MaveraHouse, visit: Visit, better: str, worse: str
) -> None:
    house.world.videos.offer("media00001", better, 200, 40)
    house.world.videos.offer("media00002", worse, 200, 20)
    act(visit, "/cta/run")
    shown = read(visit, "cta")
    assert shown.index(better) < shown.index(worse)
    assert "20%" in shown
    assert "synthetic and marked so" in shown
    run = enrichment.runs(4711, "cta")[0]
    assert "not of people" in text_of(visit.opens(f"/enrichment/runs/{run.id}"))


def test_the_voice_needs_an_administrator_and_records_who_agreed(
    house: MaveraHouse, visit: Visit
) -> None:
    house.world.videos.repeat("media00001", "Start with the number")
    act(visit, "/brand-voice/run", consent="1")
    shown = read(visit, "brand-voice")
    assert "Start with the number" in shown
    assert "Anna Kjellberg agreed to the upload today" in shown
    run = enrichment.runs(4711, "brand-voice")[0]
    agreed = voices.consent(4711, run.id)
    assert agreed is not None
    assert (agreed.words, agreed.by) == (CONSENT, "Anna Kjellberg")
    assert "Start with the number" in text_of(visit.opens(f"/enrichment/runs/{run.id}"))


def test_who_may_only_look_can_run_but_not_agree_or_switch(house: MaveraHouse) -> None:
    visit = Visit(house, admin=False)
    token = re.search(r'name="csrf_token" value="([^"]+)"', visit.opens("/enrichment"))
    assert token
    for path, fields in (("/brand-voice/run", {"consent": "1"}), ("/followup/switches", {})):
        answer = visit.browser.post(
            f"/c/4711/enrichment{path}",
            base_url=house.services.config.public_url,
            data={"csrf_token": token[1], **fields},
        )
        assert answer.status_code == 403
    act(visit, "/cta/run")
    assert enrichment.runs(4711, "cta")[0].state == "done"


@pytest.mark.parametrize(("fraction", "drafted"), [(0.8, True), (0.799, False)])
def test_drafts_are_read_and_marked(
    house: MaveraHouse, visit: Visit, fraction: float, drafted: bool
) -> None:
    typed = {"email": "anna@acme.example", "first_name": "Anna", "last_name": "Berg"}
    house.watch(view("v1", "anna@acme.example", fraction=fraction, conversion=typed))
    act(visit, "/followup/run")
    shown = read(visit, "followup")
    assert ("to Anna · Product tour, 80%" in shown) is drafted
    if not drafted:
        return
    (draft,) = drafts.listing(4711)
    assert draft.body in unescape(visit.opens(f"/enrichment/drafts/{draft.id}"))
    visit.sends(f"/enrichment/drafts/{draft.id}", done="1")
    assert drafts.load(4711, draft.id).state == "done"
    assert "1 draft this month, 1 done" in read(visit, "followup")
    assert "Done" in text_of(visit.opens("/enrichment/drafts"))


def test_the_switches_are_settings(house: MaveraHouse, visit: Visit) -> None:
    act(visit, "/followup/switches", drafts="1", todos="1")
    rules = house.services.enriching.rules(4711)
    assert (rules.jobs, rules.followup_todo) == (frozenset({"followup"}), True)
    act(visit, "/followup/switches")
    assert house.services.enriching.rules(4711).jobs == frozenset()


def test_what_would_leave_is_shown_and_what_left_too(house: MaveraHouse, visit: Visit) -> None:
    house.world.videos.offer("media00001", HOSTILE, 200, 40)
    page = visit.opens("/enrichment/cta/leaves")
    assert HOSTILE in unescape(page)
    assert HOSTILE not in page
    assert house.bodies == []
    act(visit, "/cta/run")
    assert "About 12 credits, at most 15. You have 4991." in text_of(
        visit.opens("/enrichment/cta/leaves")
    )
    left = visit.opens("/enrichment/left")
    assert text_of(left).count("What came back") == 3
    assert HOSTILE not in left + visit.opens("/enrichment")
    costs = text_of(visit.opens("/enrichment/credits"))
    assert costs.count("Mavera said so") == 3
    page = text_of(visit.opens("/enrichment"))
    assert "4,991 of 5,000 left until 30 Nov 2026" in page
    assert "Calls to action 9" in page


def test_no_credits_are_told_and_it_goes_on(house: MaveraHouse, visit: Visit) -> None:
    house.world.videos.offer("media00001", "Book a demo", 200, 40)
    house.desk.included = 6
    act(visit, "/cta/run")
    shown = read(visit, "cta")
    assert "Stopped" in shown
    assert "1 of 3 are done and kept. Nothing is charged twice" in shown
    house.desk.included = 5_000
    act(visit, "/cta/run")
    assert "Done today" in read(visit, "cta")
    assert house.desk.charged() == 3


def test_too_early_can_be_run_anyway(house: MaveraHouse, visit: Visit) -> None:
    house.world.videos.drop("media00002", 100, 0.2)
    house.world.videos.publish("media00002", NOW)
    act(visit, "/dropoff/run", media="media00002")
    assert "Published 0 hours ago" in read(visit, "dropoff")
    act(visit, "/dropoff/run", media="media00002", force="1")
    assert "1 drop · 1 edit proposed" in read(visit, "dropoff")


def test_a_question_of_maves_is_answered_on_the_page(house: MaveraHouse, visit: Visit) -> None:
    house.world.videos.drop("media00002", 100, 0.2)
    house.configure(maveraMaxCredits=100)
    house.sandbox.faults.add("mavera.ask_mave", "clarifying", times=1)
    act(visit, "/dropoff/run", media="media00002")
    assert "Mavera asks: “" in read(visit, "dropoff")
    run = enrichment.runs(4711, "dropoff")[0]
    act(visit, "/dropoff/answer", run=run.id, answer="For buyers.")
    assert "Done today" in read(visit, "dropoff")


def test_an_odd_answer_is_shown_as_it_came(house: MaveraHouse, visit: Visit) -> None:
    house.world.videos.offer("media00001", "Book a demo", 200, 40)
    house.sandbox.faults.add("mavera.respond", "malformed", times=1)
    act(visit, "/cta/run")
    assert (
        "Done today, in part The answer could not be read. It is kept as it came; show it ."
        in read(visit, "cta")
    )
    run = enrichment.runs(4711, "cta")[0]
    page = text_of(visit.opens(f"/enrichment/runs/{run.id}"))
    assert "Could not be read" in page
    assert '"object": "response"' in page


def test_while_it_runs_the_card_alone_is_fetched_again_and_can_be_stopped(
    house: MaveraHouse, visit: Visit
) -> None:
    wanted: dict[str, Any] = {}
    run = enrichment.create(4711, "cta", subject="", asked_by="Eva", wanted=wanted, now=NOW)
    customers.set_due(4711, DUE, NOW)
    assert "Starts in a moment" in read(visit, "cta")
    lease = leases.claim(4711, 60, "enrichment_leases")
    assert lease
    enrichment.change(lease, run.id, state="running")
    lease.tell("Asking 1 of 3 personas, 0 credits so far")
    page = visit.opens("/enrichment")
    assert 'hx-select="#cta"' in card(page, "cta")
    assert 'content="5"' in page
    assert "Running Asking 1 of 3 personas, 0 credits so far" in text_of(card(page, "cta"))
    act(visit, "/cta/stop", run=run.id)
    assert enrichment.load(4711, run.id).wanted["stop"] is True
    lease.release()
    house.world.videos.offer("media00001", "Book a demo", 200, 40)
    house.services.enriching.run_due(4711)
    assert "Stopped You stopped it" in read(visit, "cta")


def test_one_that_was_killed_says_so_and_goes_on(house: MaveraHouse, visit: Visit) -> None:
    house.world.videos.offer("media00001", "Book a demo", 200, 40)
    run = enrichment.create(4711, "cta", subject="", asked_by="Eva", wanted={}, now=NOW)
    with leases.hold(4711, 60, wait=False, table="enrichment_leases") as lease:
        enrichment.change(lease, run.id, state="running")
    assert "Broken off It ended in its course. Nothing is charged twice" in read(visit, "cta")
    assert "Go on" in read(visit, "cta")
    act(visit, "/cta/run")
    assert "Done today" in read(visit, "cta")
    assert enrichment.runs(4711, "cta")[0].id == run.id


def test_a_second_click_pays_nothing_more(house: MaveraHouse, visit: Visit) -> None:
    house.world.videos.drop("media00002", 100, 0.2)
    house.configure(maveraMaxCredits=200)
    house.sandbox.faults.add("mavera.ask_mave", "clarifying", times=2)
    act(visit, "/dropoff/run", media="media00002")
    run = enrichment.runs(4711, "dropoff")[0]
    act(visit, "/dropoff/answer", run=run.id, answer="For buyers.")
    assert "Mavera asks" in read(visit, "dropoff")  # it asks once more
    assert house.desk.charged() == 2
    act(visit, "/dropoff/answer", run=run.id, answer="For buyers.")
    act(visit, "/dropoff/answer", run=run.id, answer="For buyers.")
    assert house.desk.charged() == 3
    assert enrichment.load(4711, run.id).state == "done"


def test_to_start_over_twice_is_to_start_over_once(house: MaveraHouse, visit: Visit) -> None:
    house.world.videos.offer("media00001", "Book a demo", 200, 40)
    house.desk.included = 6
    act(visit, "/cta/run")
    house.desk.included = 5_000
    wanted = Wanted(anew=True)
    again = [
        begin(4711, "cta", "", wanted, by="Eva", now=NOW).id,
        begin(4711, "cta", "", wanted, by="Eva", now=NOW).id,
    ]
    assert again[0] == again[1] != enrichment.runs(4711, "cta")[-1].id
    act(visit, "/cta/run", anew="1")
    assert enrichment.load(4711, again[0]).state == "done"
    assert house.desk.charged() == 1 + 3


BROKEN = {
    "a wrong key": ("cta", {}, "Failed Mavera refuses the key"),
    "an unknown persona": (
        "cta",
        {"mavera.respond": "unknown_persona"},
        "Failed Mavera does not know this persona",
    ),
    "an empty answer": ("cta", {"mavera.respond": "empty"}, "in part The answer could not be read"),
    "a persona that was not offered": (
        "personas",
        {"mavera.respond": "persona_not_offered"},
        "in part The answer could not be read",
    ),
    "a lost answer": (
        "cta",
        {"mavera.respond": "500_after_writing"},
        "in part An answer was lost on its way, and Mavera may have charged for it.",
    ),
    "never done": (
        "brand-voice",
        {"mavera.voice": "never_done"},
        "Failed Mavera still works on it.",
    ),
    "failed there": (
        "brand-voice",
        {"mavera.voice": "fails"},
        "Failed Mavera could not make a voice",
    ),
    "away": ("cta", {"mavera.usage": "503"}, "Failed Mavera"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_goes_wrong_is_a_clear_state(house: MaveraHouse, visit: Visit, name: str) -> None:
    job, faults, told = BROKEN[name]
    house.watch(*(watcher("deep", number, 0.9) for number in range(6)))
    house.world.videos.offer("media00001", "Book a demo", 200, 40)
    house.world.videos.repeat("media00001", "Start with the number")
    house.tenant.switches.mavera_refused = name == "a wrong key"
    for operation, kind in faults.items():
        house.sandbox.faults.add(operation, kind)
    act(visit, f"/{job}/run", **({"consent": "1"} if job == "brand-voice" else {}))
    shown = read(visit, job)
    assert told in shown
    assert ("Nothing is charged twice: going on starts where it stopped." in shown) is (
        "Failed" in told
    )
    run = enrichment.runs(4711, job)[0]
    assert visit.get(f"/c/4711/enrichment/runs/{run.id}").status_code == 200


def test_many_groups_are_not_all_on_the_card(house: MaveraHouse, visit: Visit) -> None:
    days = {"a": 0.9, "b": 0.1, "c": 0.5}
    for media in ("media00001", "media00002"):
        for name, fraction in days.items():
            for number in range(5):
                key = f"{media}{name}"
                house.world.add(watcher(key, number, fraction, media_id=media))
    for number in range(5):
        house.world.add(
            view(f"q{number}", f"p@q{number}.example", received_at=NOW - timedelta(days=2))
        )
        house.world.add(view(f"r{number}", f"p@q{number}.example"))
    house.configure(maveraMaxCredits=90)
    house.run()
    act(visit, "/personas/run")
    groups = (enrichment.runs(4711, "personas")[0].result or {})["groups"]
    assert len(groups) == 7
    assert "All 7 groups" in read(visit, "personas")
    assert groups[5]["name"] in read(visit, "personas")
    assert groups[6]["name"] not in read(visit, "personas")


def test_without_a_key_a_late_click_does_no_harm(house: MaveraHouse, visit: Visit) -> None:
    page = visit.opens("/enrichment")
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token
    customers.save_secret(house.services.keyring, 4711, "maveraApiKey", "", NOW)
    answer = visit.browser.post(
        "/c/4711/enrichment/cta/run",
        base_url=house.services.config.public_url,
        data={"csrf_token": token[1]},
    )
    assert answer.status_code == 303
    assert enrichment.runs(4711) == []
    assert "Off Add a Mavera key" in read(visit, "cta")


@pytest.mark.parametrize(
    ("path", "fields", "status"),
    [
        ("/cta/stop", {"run": "no such run"}, 404),
        ("/dropoff/answer", {"run": "no such run", "answer": "Yes"}, 404),
        ("/nothing/run", {}, 404),
        ("/dropoff/run", {"media": "x" * 65}, 400),
        ("/dropoff/run", {"media": "a/../b"}, 400),
        ("/dropoff/run", {"media": "a\0b"}, 400),
    ],
)
def test_what_no_button_sends_is_refused(
    house: MaveraHouse, visit: Visit, path: str, fields: dict[str, str], status: int
) -> None:
    token = re.search(r'name="csrf_token" value="([^"]+)"', visit.opens("/enrichment"))
    assert token
    answer = visit.browser.post(
        f"/c/4711/enrichment{path}",
        base_url=house.services.config.public_url,
        data={"csrf_token": token[1], **fields},
    )
    assert answer.status_code == status
    assert enrichment.runs(4711) == []


def test_long_lists_go_on_and_long_bodies_are_files(house: MaveraHouse, visit: Visit) -> None:
    house.world.videos.say("media00001", 1, "Start with the number. " * 3_000)
    made = house.enrich("brand-voice", consent=True)
    steps = enrichment.left_for_mavera(4711)
    (file,) = [step for step in steps if step.operation == "files"]
    page = visit.opens("/enrichment/left")
    assert len(page) < 60_000
    (whole,) = re.findall(r'href="/c/4711(/enrichment/left/[^"]+)"', page)
    answer = visit.get(f"/c/4711{whole}")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.get_json()["sent"] == file.body
    with leases.hold(4711, 60, wait=False, table="enrichment_leases") as lease:
        for number in range(60):
            enrichment.intend(
                lease, made["run"], f"step {number}", operation="responses", label="l",
                body={"input": f"body {number}"}, used_before=None, now=NOW,
            )  # fmt: skip
    page = visit.opens("/enrichment/left")
    assert ("body 59" in page, "body 10" in page, "body 9&#34;" in page) == (True, True, False)
    (older,) = re.findall(r'href="/c/4711(/enrichment/left\?before=[0-9]+)"', page)
    page = visit.opens(older)
    assert ("body 10" in page, "body 9&#34;" in page, "before=" in page) == (False, True, False)


def test_all_drafts_are_counted_and_reached(house: MaveraHouse, visit: Visit) -> None:
    house.watch(*(watcher("deep", number, 0.9) for number in range(54)))
    for _ in range(6):
        house.enrich("followup")
    assert "54 to read" in read(visit, "followup")
    assert "All 54 drafts" in read(visit, "followup")
    page = visit.opens("/enrichment/drafts")
    (older,) = re.findall(r'href="/c/4711(/enrichment/drafts\?before=[0-9]+)"', page)
    first, more = (
        set(re.findall(r"/enrichment/drafts/(\d+)", text)) for text in (page, visit.opens(older))
    )
    assert (len(first), len(more), first & more) == (50, 4, set())


@pytest.mark.parametrize(
    "path",
    [
        "/enrichment/nothing/leaves",
        "/enrichment/runs/x",
        "/enrichment/drafts/9",
        f"/enrichment/drafts/{10**30}",
        f"/enrichment/left/{10**30}.json",
    ],
)
def test_what_is_not_there_is_404(visit: Visit, path: str) -> None:
    assert visit.get(f"/c/4711{path}").status_code == 404


def test_another_customers_run_is_not_there(house: MaveraHouse, visit: Visit) -> None:
    customers.add(9, "Other", "cli", NOW)
    run = enrichment.create(9, "cta", subject="", asked_by="Eva", wanted={}, now=NOW)
    assert visit.get(f"/c/4711/enrichment/runs/{run.id}").status_code == 404
    assert visit.get("/c/9/enrichment").status_code == 404
