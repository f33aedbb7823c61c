"""*What if?* says what the next run does: the real run, in the sandbox, over random settings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, event, given, note, settings
from hypothesis import strategies as st

from tests.sync.house import House, small_world, view
from upsales_wistia.funnel.reasons import WAITING
from upsales_wistia.funnel.view import Target
from upsales_wistia.funnel.writes import external_id
from upsales_wistia.sandbox import Sandbox
from upsales_wistia.settings import read, typed
from upsales_wistia.store import versions
from upsales_wistia.store.sql import fetch
from upsales_wistia.whatif import WhatIf, what_if

A, F = Target.ACTIVITY, Target.FORM
EMAILS = (
    "anna@acme.example", "BO@birch.example", "new@acme.example", "new@mail.birch.example",
    "guest@nobody.example", "guest@gmail.com", "eva@own.example", "no address",
)  # fmt: skip
PASSES = ("pass", "settling", "form_first")
BOTH, LOG, FORMS = (True, True), (True, False), (False, True)

rules: dict[str, st.SearchStrategy[Any]] = {
    "activityProjects": st.sampled_from(([], ["proj1"], ["proj2"], ["gone"])),
    "activityMinPercent": st.sampled_from((0, 25, 60, 100)),
    "identity": st.sampled_from(("turnstile", "any")),
    "domainMatching": st.booleans(),
    "ignoredDomains": st.sampled_from(([], ["acme.example"], ["mail.birch.example"])),
    "notOwnDomains": st.sampled_from(([], ["own.example"])),
    "waitingDays": st.sampled_from((0, 3, 90)),
    "startDate": st.sampled_from((None, "2026-11-17", "2026-11-23", "2026-11-25")),
    "activityScore": st.sampled_from((0, 1, 10)),
    "scoreByPercent": st.booleans(),
    "formFilters": st.booleans(),
    "formPolicy": st.sampled_from(("single", "project", "video")),
    "on": st.sampled_from((BOTH, BOTH, LOG, FORMS)),
}
whole = st.fixed_dictionaries(rules)
some = st.sets(st.sampled_from(sorted(rules)), min_size=1, max_size=3)
viewings = st.lists(
    st.fixed_dictionaries(
        {
            "typed": st.sampled_from((*EMAILS[:4], *EMAILS, "", "", "")),
            "known_as": st.sampled_from(("", *EMAILS[:4], *EMAILS[:4])),
            "age": st.sampled_from((2, 10, 60, 2000)),
            "fraction": st.sampled_from((0.0, 0.2499, 0.25, 0.83, 1.0)),
            "media_id": st.sampled_from(("media00001", "media00001", "media00002", "deleted")),
            "visitor": st.sampled_from(("", "", "visitor-1", "visitor-2")),
        }
    ),
    min_size=2,
    max_size=6,
)


@st.composite
def changes(draw: st.DrawFn) -> tuple[dict[str, Any], dict[str, Any]]:
    """A config, and the same with one to three other values."""
    before = draw(whole)
    after = before | {name: draw(rules[name]) for name in sorted(draw(some))}
    return _switched(before), _switched(after)


def _switched(config: dict[str, Any]) -> dict[str, Any]:
    switches = dict(zip(("activitiesEnabled", "formsEnabled"), config["on"], strict=True))
    return {name: value for name, value in config.items() if name != "on"} | switches


@pytest.fixture(scope="module")
def running() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


@dataclass(frozen=True)
class Seen:
    """What a run left behind for one target: codes, what is in Upsales, and what would go there."""

    codes: dict[str, str]
    written: set[str]
    passing: set[str]


class Scene:
    """A customer of its own with a random world, from the first run on."""

    numbers = count(5000)

    def __init__(self, sandbox: Sandbox, store: str, config: dict[str, Any]) -> None:
        world = small_world()
        world.medias.append(replace(world.medias[0], id=13, hashed_id="deleted", deleted=True))
        self.house = House(sandbox, store, world, config=config, customer=next(self.numbers))

    def add(self, seen: list[dict[str, Any]]) -> None:
        """Let Wistia receive these viewings, told by how many minutes ago they were."""
        now = self.house.clock.now()
        for number, one in enumerate(seen):
            key = f"{now:%d}-{number}"
            made = view(
                key,
                one["typed"],
                visitor_key=one["visitor"] or f"visitor-{key}",
                received_at=now - timedelta(minutes=one["age"]),
                fraction=one["fraction"],
                media_id=one["media_id"],
            )
            self.house.world.add(made if one["typed"] else replace(made, email=one["known_as"]))

    def seen(self, target: Target, config: dict[str, Any]) -> Seen:
        """What the last run, which went by ``config``, left behind."""
        rows = fetch(
            f"SELECT event_key, {target.value}_code FROM views WHERE customer_id = ?",
            [self.house.customer],
        )
        codes = {str(key): str(code) for key, code in rows}
        inside = {row["externalId"] for row in self.house.entries}
        submits = str(self.house.submits)
        written = {
            key
            for key in codes
            if (external_id(key) in inside if target is A else f"'{key}'" in submits)
        }
        on = config["activitiesEnabled" if target is A else "formsEnabled"]
        return Seen(codes, written, {k for k in codes if on and codes[k] in PASSES} | written)

    def what_if(self, config: dict[str, Any]) -> WhatIf:
        """The answer for a config, as the page asks it."""
        services, customer = self.house.services, self.house.customer
        version = versions.current(customer)
        assert version
        before, after = typed(version.config), typed(read(config).config)
        days = services.config.window_days
        return what_if(customer, before, after, self.house.clock.now(), days)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(viewings, viewings, changes())
def test_the_next_run_does_what_it_says(
    running: Sandbox,
    store: str,
    old: list[dict[str, Any]],
    new: list[dict[str, Any]],
    change: tuple[dict[str, Any], dict[str, Any]],
) -> None:
    before, after = change
    scene = Scene(running, store, before)
    scene.add(old)
    scene.house.run()
    scene.house.later(days=4)
    scene.add(new)
    scene.house.run()
    had = {target: scene.seen(target, before) for target in Target}
    said = scene.what_if(after)
    scene.house.configure(**after)
    scene.house.run()
    # Decided once more is what the window holds, and what waits.
    codes = had[A].codes
    again = {key for key in codes if key.startswith("24-") or codes[key] in WAITING}
    for target in Target:
        check(said, target, had[target], scene.seen(target, after), again)


def check(said: WhatIf, target: Target, had: Seen, has: Seen, again: set[str]) -> None:
    """Compare what was said with what the run left behind, but for what it called unknown."""
    changes = said.changes[target]
    gained = {one.view.event_key: one.code for one in changes.gained}
    lost = {one.view.event_key for one in changes.lost}
    unknown = {one.view.event_key for one in changes.unknown}
    event(f"{target}: {bool(gained)=} {bool(lost)=} {bool(unknown)=}")
    note(f"{target}: {gained=} {lost=} {unknown=} {had=} {has=}")
    assert {*gained, *lost, *unknown} <= again
    sure = again - unknown
    assert {*gained} == (has.passing - had.passing) & sure
    assert lost == (had.passing - has.passing) & sure
    fresh = has.written - had.written - unknown
    assert {key for key, code in gained.items() if code == "pass"} <= fresh
    assert fresh <= {*gained, *(key for key, code in had.codes.items() if code == "form_first")}
    steps = said.then[target]
    assert len(fresh) == (steps.writes if steps else 0)
