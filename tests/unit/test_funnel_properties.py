"""What holds for all views, whatever is known and whatever the settings."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from typing import Any

from hypothesis import event, given
from hypothesis import strategies as st

from tests.unit.funnel_examples import (
    DAY,
    NOW,
    A,
    F,
    knowns,
    many_views,
    percents,
    settings_of,
    views,
)
from upsales_wistia import settings as configs
from upsales_wistia.funnel.decide import Decision, decide, decide_all, reason_of
from upsales_wistia.funnel.domains import domain_of, is_disposable, is_free_mail, registrable
from upsales_wistia.funnel.explain import explain
from upsales_wistia.funnel.reasons import PASS, REASONS
from upsales_wistia.funnel.report import Place, Tally, counts, unaccounted
from upsales_wistia.funnel.settings import Settings
from upsales_wistia.funnel.view import CLOSED, UNSENT, Known, Stage, Target, Verdict, View
from upsales_wistia.funnel.whatif import simulate

seeds = st.integers(0, 999)


def through(decision: Decision, target: Target) -> bool:
    """Whether the four sieves before ``new`` let it through."""
    code = decision.outcome(target).code
    return code in (PASS, "form_first") or REASONS[code][1] is Stage.NEW


def tallies(decided: Iterable[Decision], there: Known) -> list[Tally]:
    return [
        Tally(1, *(Place(d.outcome(t).code, there.sent.get((d.view.event_key, t))) for t in Target))
        for d in decided
    ]


@given(many_views, knowns, settings_of, seeds)
def test_order_and_duplication_change_nothing(
    found: list[View], there: Known, rules: Settings, seed: int
) -> None:
    other = found + found[::2]
    random.Random(seed).shuffle(other)
    first = {d.view.event_key: d for d in decide_all(found, there, rules, NOW)}
    again = {d.view.event_key: d for d in decide_all(other, there, rules, NOW)}
    assert first == again
    assert counts(tallies(first.values(), there), rules) == counts(
        tallies(again.values(), there), rules
    )


@given(views(), knowns, settings_of, percents)
def test_lowering_the_minimum_never_loses_a_view(
    view: View, there: Known, rules: Settings, lower: Decimal
) -> None:
    easier = replace(rules, min_percent=min(lower, rules.min_percent))
    strict, easy = decide(view, there, rules, NOW), decide(view, there, easier, NOW)
    for target in Target:
        assert through(strict, target) <= through(easy, target)
        assert strict.outcome(target).writes <= easy.outcome(target).writes


@given(views(), knowns, settings_of)
def test_taking_all_projects_never_loses_a_view(view: View, there: Known, rules: Settings) -> None:
    chosen = decide(view, there, rules, NOW)
    every = decide(view, there, replace(rules, projects=frozenset()), NOW)
    for target in Target:
        assert through(chosen, target) <= through(every, target)


@given(views(), knowns, settings_of)
def test_every_view_has_one_verdict_and_one_reason_per_target(
    view: View, there: Known, rules: Settings
) -> None:
    made = decide(view, there, rules, NOW)
    told = explain(view, there, rules, NOW)
    for target in Target:
        held = there.sent.get((view.event_key, target))
        paused = there.forms_paused and target is Target.FORM
        code = reason_of(made.outcome(target), held, paused=paused)
        event(code)
        assert code in REASONS
        place = Place(made.outcome(target).code, held, paused=paused)
        assert (place.reason, place.verdict) == (code, REASONS[code][0])
        found = told[target]
        assert (found is None) is not rules.enabled(target)
        if found:
            assert (found.code, found.verdict, found.stage) == (code, *REASONS[code])
            assert found.reason
            assert "{" not in found.reason


@given(many_views, knowns, settings_of)
def test_counts_are_monotonic_and_add_up(found: list[View], there: Known, rules: Settings) -> None:
    made = counts(tallies(decide_all(found, there, rules, NOW), there), rules)
    funnel = made["funnel"]
    assert funnel["views"] == len(found)
    for target in Target:
        stages, balance = funnel[target.value], made["balance"][target.value]
        assert (stages is None) is (balance is None) is not rules.enabled(target)
        if stages is not None:
            falling = [funnel["views"], funnel["turnstile"], *stages.values()]
            assert falling == sorted(falling, reverse=True)
            assert unaccounted(balance) == 0
            assert balance["views"] == len(found)
            assert stages["new"] == balance["written"] + sum(
                balance[v] for v in ("settling", "retrying", "failed", "uncertain")
            )


@given(views(), knowns, settings_of)
def test_applying_the_smallest_change_lets_the_view_through(
    view: View, there: Known, rules: Settings
) -> None:
    for target, found in explain(view, there, rules, NOW).items():
        change = found.would_pass_with if found else None
        event(f"{target}: {sorted(change) if change else None}")
        if found and change:
            assert found.verdict in (Verdict.DROPPED, Verdict.WAITING)
            assert len(change) <= 2
            after = explain(view, there, with_config(rules, change), NOW)[target]
            assert after is not None
            assert after.stage is Stage.NEW or after.code == "form_first"
            assert after.code != "before_start"


def with_config(rules: Settings, change: Any) -> Settings:
    """``rules`` with a change by config names, read as any config is."""
    reading = configs.read(change)
    assert reading.problems == ()
    changed = configs.typed(reading.config)
    fields = {
        "activityMinPercent": "min_percent",
        "activityProjects": "projects",
        "ignoredDomains": "ignored_domains",
        "domainMatching": "domain_matching",
        "identity": "identity",
        "startDate": "start",
    }
    return replace(rules, **{fields[n]: getattr(changed, fields[n]) for n in change})


@given(many_views, knowns, settings_of, settings_of)
def test_simulate_agrees_with_decide(
    found: list[View], there: Known, before: Settings, after: Settings
) -> None:
    made = simulate(found, there, there, before, after, NOW)
    for target in Target:
        one = made[target]
        sides = [set(one.gained), set(one.lost), set(one.unknown)]
        assert sum(map(len, sides)) == len(set().union(*sides))
        was = passing(found, target, there, before)
        will = passing(found, target, there, after)
        assert (was | sides[0]) - sides[1] - sides[2] == will - sides[2]
        assert not will & sides[2]


def passing(found: list[View], target: Target, there: Known, rules: Settings) -> set[str]:
    """The keys that are settled, or get through the sieves before ``new``."""
    return {
        view.event_key
        for view in found
        if is_done(view, target, there)
        or (rules.enabled(target) and through(decide(view, there, rules, NOW), target))
    }


def is_done(view: View, target: Target, there: Known) -> bool:
    held = there.sent.get((view.event_key, target))
    return held is not None and held.state in CLOSED


@given(many_views, knowns, settings_of)
def test_simulating_no_change_changes_nothing(
    found: list[View], there: Known, rules: Settings
) -> None:
    for one in simulate(found, there, there, rules, rules, NOW).values():
        assert (one.gained, one.lost) == ((), ())


@given(views(), knowns, settings_of)
def test_what_is_written_is_allowed_by_every_rule(
    view: View, there: Known, rules: Settings
) -> None:
    made = decide(view, there, rules, NOW)
    held = there.sent.get((view.event_key, A))
    if held and held.state not in UNSENT:
        return
    if made.activity.writes:
        assert made.activity.match is not None
        assert made.person is not None
        assert view.percent >= rules.min_percent
        assert not rules.projects or view.video.project_id in rules.projects
        if made.activity.match.contact is None:
            domain = domain_of(made.person.email)
            assert not is_free_mail(domain)
            assert not is_disposable(domain)
            assert registrable(domain) not in there.own_domains.keys() - rules.not_own_domains
            assert rules.domain_matching


@given(views(), knowns, settings_of)
def test_time_alone_changes_a_decision_only_when_it_said_so(
    view: View, there: Known, rules: Settings
) -> None:
    made = decide(view, there, rules, NOW)
    later = made.again - (made.again - NOW) / 1000 if made.again else NOW + 3650 * DAY
    then = decide(view, there, rules, max(later, NOW))
    assert (then.activity.code, then.form.code) == (made.activity.code, made.form.code)


@given(views(), knowns, settings_of)
def test_only_the_activity_asks_upsales(view: View, there: Known, rules: Settings) -> None:
    made = decide(view, there, rules, NOW)
    assert made.outcome(F).needs == ""
    assert made.needs == made.outcome(A).needs
