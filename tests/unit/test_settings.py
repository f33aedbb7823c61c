"""A customer's config: read tolerantly, and never loosened by a value that cannot be read."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from upsales_wistia.funnel.settings import FormPolicy, IdentityRule, Settings
from upsales_wistia.labels import LABELS, MAY_BE
from upsales_wistia.settings import (
    DEFAULTS,
    LATER,
    LATER_DEFAULTS,
    NAMES,
    SECRETS,
    ConfigSchema,
    Problem,
    read,
    split_secrets,
    typed,
)

BAD: dict[str, Any] = {
    "activityProjects": {"x": 1},
    "activityMinPercent": "half",
    "identity": "somebody",
    "domainMatching": "perhaps",
    "ignoredDomains": 7.5,
    "notOwnDomains": [True],
    "waitingDays": "1.5",
    "startDate": "soon",
    "activitiesEnabled": 2,
    "activityScore": -1,
    "scoreByPercent": [],
    "formsEnabled": "2",
    "formPolicy": "many",
    "formScore": "ten",
    "formFilters": {},
}
GOOD: dict[str, Any] = {
    "activityProjects": ["prj1", "prj2"],
    "activityMinPercent": 25,
    "identity": "any",
    "domainMatching": False,
    "ignoredDomains": ["acme.se"],
    "notOwnDomains": ["own.se"],
    "waitingDays": 30,
    "startDate": "2026-11-01",
    "activitiesEnabled": True,
    "activityScore": 5,
    "scoreByPercent": True,
    "formsEnabled": True,
    "formPolicy": "project",
    "formScore": 3,
    "formFilters": False,
}


def one(name: str, value: Any) -> Any:
    """``value`` as it is read for ``name``, without a problem."""
    reading = read({name: value})
    assert reading.problems == ()
    return reading.config[name]


def test_nothing_given_is_all_defaults() -> None:
    reading = read({})
    assert reading.problems == ()
    assert reading.config == DEFAULTS
    assert typed(reading.config) == Settings() == typed({})


def test_the_names_are_those_of_the_schema() -> None:
    assert set(NAMES) == set(ConfigSchema().fields) == set(GOOD) == set(BAD)


def test_everything_given_is_typed() -> None:
    reading = read(GOOD)
    assert (reading.config, reading.problems) == (GOOD, ())
    assert typed(reading.config) == Settings(
        projects=frozenset({"prj1", "prj2"}),
        min_percent=Decimal(25),
        identity=IdentityRule.ANY,
        domain_matching=False,
        ignored_domains=frozenset({"acme.se"}),
        not_own_domains=frozenset({"own.se"}),
        waiting_days=30,
        start=datetime(2026, 11, 1, tzinfo=UTC),
        activities_enabled=True,
        activity_score=5,
        score_by_percent=True,
        forms_enabled=True,
        form_policy=FormPolicy.PROJECT,
        form_score=3,
        form_filters=False,
    )


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("empty", [None, "", "  ", {"value": None}, {"value": " "}])
def test_what_is_empty_takes_its_default(name: str, empty: Any) -> None:
    assert one(name, empty) == DEFAULTS[name]


@pytest.mark.parametrize("value", [True, "true", "True", " TRUE ", 1, "1", "on", "yes", 1.0])
def test_ticked(value: Any) -> None:
    assert one("activitiesEnabled", value) is True


@pytest.mark.parametrize("value", [False, "false", "False", 0, "0", "off", "no", {"value": False}])
def test_not_ticked(value: Any) -> None:
    assert one("domainMatching", value) is False


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (25, "25"),
        ("25", "25"),
        (" 25 ", "25"),
        ("25 %", "25"),
        ("25%", "25"),
        (24.99, "24.99"),
        ("24.99", "24.99"),
        ("24,99", "24.99"),
        ("25.0", "25"),
        (0, "0"),
        ("0", "0"),
        (100, "100"),
        ("1e1", "10"),
        ({"value": "25"}, "25"),
        ('"25"', "25"),
        ('{"value": 25}', "25"),
    ],
)
def test_numbers(value: Any, expected: str) -> None:
    config = {"activityMinPercent": one("activityMinPercent", value)}
    assert typed(config).min_percent == Decimal(expected)


@pytest.mark.parametrize(("value", "expected"), [("5", 5), (5.0, 5), ("5.0", 5), (0, 0)])
def test_whole_numbers(value: Any, expected: int) -> None:
    assert one("activityScore", value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (["b", "a", "b"], ["a", "b"]),
        ([{"value": "a"}, {"value": "b", "title": "B"}], ["a", "b"]),
        ([{"id": 7, "name": "x"}], ["7"]),
        ('["a", "b"]', ["a", "b"]),
        ('[{"value": "a"}]', ["a"]),
        ('{"value": "a"}', ["a"]),
        ({"value": ["a", "b"]}, ["a", "b"]),
        ("a, b", ["a", "b"]),
        ("a;b\nc", ["a", "b", "c"]),
        ("a", ["a"]),
        ([7, " a ", ""], ["7", "a"]),
        ([], []),
        ("[]", []),
    ],
)
def test_lists(value: Any, expected: list[str]) -> None:
    assert one("activityProjects", value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("@Acme.SE, other.se.", ["acme.se", "other.se"]),
        ("anna@acme.se", ["acme.se"]),
        ("acme.se other.se", ["acme.se", "other.se"]),
        ("Räksmörgås.se", ["xn--rksmrgs-5wao1o.se"]),
        (["@", "."], []),
    ],
)
def test_domains(value: Any, expected: list[str]) -> None:
    assert one("ignoredDomains", value) == expected
    assert one("notOwnDomains", value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2026-11-20", "2026-11-20"),
        ("2026-11-20T23:30:00", "2026-11-20"),
        ("2026-11-20T23:30:00Z", "2026-11-20"),
        ("2026-11-20T23:30:00-05:00", "2026-11-21"),
        ("2026-11-20T00:30:00+01:00", "2026-11-19"),
    ],
)
def test_days(value: str, expected: str) -> None:
    assert one("startDate", value) == expected
    start = typed({"startDate": expected}).start
    assert start is not None
    assert (start.isoformat()[:10], start.utcoffset()) == (expected, UTC.utcoffset(None))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *BAD.items(),
        ("activityMinPercent", True),
        ("activityMinPercent", -0.01),
        ("activityMinPercent", 100.01),
        ("activityMinPercent", "NaN"),
        ("activityMinPercent", float("inf")),
        ("activityMinPercent", [25]),
        ("activityMinPercent", {}),
        ("activityMinPercent", "%"),
        ("activityMinPercent", "1e999999999"),
        ("activityProjects", 7),
        ("activityProjects", False),
        ("activityProjects", '["a"'),
        ("activityProjects", '{"a": 1}'),
        ("activityProjects", [None]),
        ("activityProjects", [{}]),
        ("activityProjects", [{"value": None}]),
        ("activityProjects", [["a"]]),
        ("activityProjects", [1.5]),
        ("activityProjects", "[" * 100_000),
        ("startDate", "2026-13-01"),
        ("startDate", "0001-01-01T00:00:00+23:00"),
        ("startDate", 1763683200000),
        ("waitingDays", 3651),
        ("waitingDays", True),
        ("identity", []),
        ("formPolicy", {"value": {}}),
    ],
)
def test_what_cannot_be_read_keeps_its_last_good_value_and_is_reported(
    name: str, value: Any
) -> None:
    reading = read({**GOOD, name: value}, read(GOOD).config)
    assert reading.config == GOOD
    (problem,) = reading.problems
    assert (problem.name, problem.blocks) == (name, False)
    assert json.loads(problem.kept) == GOOD[name]
    assert problem.kept in problem.sentence
    assert len(problem.value) <= 100


@pytest.mark.parametrize("name", NAMES)
def test_what_was_never_readable_blocks(name: str) -> None:
    first = read({name: BAD[name]})
    assert [(p.name, p.blocks) for p in first.problems] == [(name, True)]
    assert name not in first.config
    assert "Nothing is written until it is corrected" in first.problems[0].sentence


@pytest.mark.parametrize("name", NAMES)
def test_saying_it_twice_does_not_unblock(name: str) -> None:
    second = read({name: BAD[name]}, read({name: BAD[name]}).config)
    assert [(p.name, p.blocks) for p in second.problems] == [(name, True)]
    healed = read({name: GOOD[name]}, second.config)
    assert (healed.problems, healed.config[name]) == ((), GOOD[name])


@pytest.mark.parametrize("name", NAMES)
def test_a_default_that_was_in_force_is_a_last_good_value(name: str) -> None:
    reading = read({name: BAD[name]}, read({}).config)
    assert reading.config == DEFAULTS
    assert [(p.kept, p.blocks) for p in reading.problems] == [("the default", False)]


def test_a_last_good_value_outlives_many_bad_ones() -> None:
    config = read(GOOD).config
    for _ in range(3):
        config = read(BAD, config).config
    assert config == GOOD
    assert len(read(BAD, config).problems) == len(NAMES)


def test_a_good_value_beside_a_bad_one_is_taken() -> None:
    reading = read({**BAD, "activityScore": "9"}, read(GOOD).config)
    assert reading.config == {**GOOD, "activityScore": 9}


def test_the_problem_in_words() -> None:
    problem = Problem("activityMinPercent", "half", "25")
    assert problem.sentence == (
        '"Minimum watched, in percent" (activityMinPercent) came as "half". '
        "It must be a number from 0 to 100. We go on with 25. Correct it."
    )


def test_every_setting_has_a_label_and_every_rule_says_what_it_may_be() -> None:
    assert set(LABELS) == {*NAMES, *SECRETS, *LATER}
    assert set(MAY_BE) == {*NAMES, *LATER}
    assert all(Problem(name, "x", "").sentence for name in MAY_BE)


def test_half_a_character_is_shown_as_unknown() -> None:
    (problem,) = read({"activityMinPercent": "\ud800 %"}).problems
    assert problem.value == "\ufffd %"


def test_what_could_steer_a_terminal_is_not_shown() -> None:
    (problem,) = read({"activityMinPercent": "\x1b[2J\u202e5\n0\x00"}).problems
    assert problem.value == "\ufffd[2J\ufffd5 0\ufffd"
    assert problem.sentence.isprintable()


def test_what_no_rule_reads_is_read_where_it_is_given() -> None:
    later = {
        "notifyUsers": '[{"value": "12"}, 7]', "retentionDays": "90", "maveraJobs": ["cta"],
        "maveraMaxCredits": "", "followupPercent": "80,5 %", "followupTodo": "1",
        "generateAppId": "app-1",
    }  # fmt: skip
    reading = read({**later, "somethingElse": 1, "wistiaApiPassword": "s3cret"})
    assert reading.problems == ()
    assert reading.config == {
        **DEFAULTS, "notifyUsers": ["7", "12"], "retentionDays": 90, "maveraJobs": ["cta"],
        "maveraMaxCredits": 50, "followupPercent": "80.5", "followupTodo": True,
        "generateAppId": "app-1",
    }  # fmt: skip
    assert read({"notifyUsers": 7}).config["notifyUsers"] == ["7"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("notifyUsers", "anna"), ("retentionDays", 0), ("maveraJobs", "spying"),
        ("maveraMaxCredits", -1), ("maveraWorkspaceId", ["a"]), ("followupPercent", 101),
        ("followupTodo", "perhaps"), ("generateAppId", "x" * 201), ("ctaEngine", "dice"),
    ],
)  # fmt: skip
def test_what_no_rule_reads_stops_nothing_when_it_cannot_be_read(name: str, value: Any) -> None:
    (problem,) = read({name: value}).problems
    assert (problem.name, problem.kept, problem.blocks) == (name, "the default", False)
    good = read({"retentionDays": 90, "followupPercent": 50, "maveraMaxCredits": 5}).config
    again = read({name: value}, good)
    assert again.config[name] == good.get(name, LATER_DEFAULTS[name])
    assert again.problems[0].kept == (str(good[name]) if name in good else "the default")


def test_secrets_are_parted_from_the_rules() -> None:
    given_ones = {
        "wistiaApiPassword": " s3cret ", "wistiaPublicToken": "", "wistiaWebhookSecret": None,
        "maveraApiKey": 7, "activityScore": 5,
    }  # fmt: skip
    rules, secrets = split_secrets(given_ones)
    assert rules == {"activityScore": 5}
    assert secrets == {"wistiaApiPassword": "s3cret"}
    assert not set(SECRETS) & set(DEFAULTS)


# ── any JSON at all ──

anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=12)
    | st.sampled_from(["25", "1e400", "[1]", '{"value": "a"}', '"x"', "@a. ", "2026-11-20", "any"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["value", "id", "x"]), inner, max_size=2)
    ),
    max_leaves=6,
)
configs = st.dictionaries(st.sampled_from([*NAMES, *LATER, "other"]), anything, max_size=8)


@given(configs, st.none() | configs)
@example({"startDate": "9999-12-31T23:00:00-23:00"}, None)
def test_any_json_is_read_and_typed(raw: dict[str, Any], before: dict[str, Any] | None) -> None:
    last_good = read(before).config if before is not None else None
    reading = read(raw, last_good)
    json.dumps(reading.config)
    rules = typed(reading.config)
    assert Decimal(0) <= rules.min_percent <= Decimal(100)
    wrong = {problem.name for problem in reading.problems}
    assert wrong <= raw.keys()
    for problem in reading.problems:
        good = LATER_DEFAULTS | (last_good or {})
        assert problem.blocks is (problem.name not in good)
        if not problem.blocks:
            assert reading.config[problem.name] == good[problem.name]


@given(configs)
def test_reading_twice_is_reading_once(raw: dict[str, Any]) -> None:
    once = read(raw)
    blocked = {problem.name for problem in once.problems if problem.blocks}
    again = read(once.config)
    assert again.problems == ()
    same = {name: value for name, value in again.config.items() if name not in blocked}
    assert json.dumps(same, sort_keys=True) == json.dumps(once.config, sort_keys=True)
