"""The status inside Upsales: the state in the first line, every figure, hostile text escaped."""

from __future__ import annotations

import html
import json
import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from upsales_wistia.errors import DeploymentError
from upsales_wistia.funnel.settings import IdentityRule, Settings
from upsales_wistia.store.hints import Hint
from upsales_wistia.web.status_markdown import escape

from .pages import CUSTOMER, NOW, RULES, STARTED, document, failed_run, run
from .upsales import EMAIL, Upsales


@pytest.fixture
def upsales() -> Upsales:
    return Upsales()


def told(upsales: Upsales, **changes: Any) -> tuple[int, str]:
    answer = upsales.posts("/status", callbackUrl=..., apiKey=..., **changes)
    return answer.status_code, answer.get_json()["message"]


def first_line(upsales: Upsales) -> tuple[int, str]:
    status, message = told(upsales)
    return status, message.splitlines()[0]


EXPECTED = """\
**✅ Everything is in sync.** Last run today 14:20, next 14:40.

193 views → 54 left an e-mail → 30 match → 20 watched enough → 18 in a chosen project → \
**4 new, written**

| The last 3 days | Activity log | Forms |
| :-- | --: | --: |
| Left an e-mail in a Turnstile | 54 | 54 |
| Match a contact or company | 30 | not asked |
| Watched at least 25% | 20 | 40 |
| In a chosen project | 18 | 35 |
| **New, written now** | **4** | **9** |

Waiting for a contact 24 · Still watching 0 · Failed 0 · Being checked 0

[Open the full status page]("""


def test_the_example(upsales: Upsales) -> None:
    status, message = told(upsales)
    assert status == 200
    assert message.startswith(EXPECTED)
    assert message.endswith(") (for 15 minutes)")
    assert upsales.done == []


def test_the_link_opens_the_pages_for_whoever_asked(upsales: Upsales) -> None:
    def entered(**user: Any) -> str:
        (link,) = re.findall(r"\]\((http[^)]*)\)", told(upsales, user=user or None)[1])
        answer = upsales.app.get(link)
        assert answer.status_code == 303
        page = upsales.app.get(answer.location, base_url=upsales.house.config.public_url)
        assert page.status_code == 200
        assert EMAIL not in page.text
        return page.text

    assert "Eva Lind" in entered(id=7, name="Eva Lind", email=EMAIL)
    assert "Upsales" in entered(id=7, name=EMAIL, email=EMAIL)
    assert "Upsales" in entered()


def test_a_stored_run_tells_its_steps_in_the_order_of_the_sieves(upsales: Upsales) -> None:
    stored = json.loads(json.dumps(document(), sort_keys=True))
    upsales.house.shows(runs=(replace(run(), document=stored),))
    assert told(upsales)[1].startswith(EXPECTED)


def test_where_the_zone_is_not_known_it_says_which_is_meant(upsales: Upsales) -> None:
    assert "UTC" not in told(upsales)[1]
    upsales.house.shows(zone="UTC")
    assert "\n\nTimes are in UTC.\n\n[Open the full" in told(upsales)[1]


def test_forms_alone(upsales: Upsales) -> None:
    shown = document()
    shown["funnel"]["activity"] = shown["balance"]["activity"] = None
    upsales.house.shows(
        runs=(replace(run(), document=shown),),
        settings=replace(RULES, activities_enabled=False, projects=frozenset()),
    )
    _, message = told(upsales)
    assert "193 views → 54 left an e-mail → 40 watched enough" in message
    assert "| The last 3 days | Forms |" in message
    assert "Match a contact" not in message
    assert "| In any project | 35 |" in message
    assert "→ 35 in any project →" in message


def test_what_is_not_written_yet_is_told_apart(upsales: Upsales) -> None:
    shown = document(status="partial", settling=2, retrying=1)
    shown["balance"]["activity"].update(written=1, settling=2, retrying=1)
    upsales.house.shows(
        runs=(replace(run(), document=shown),),
        settings=replace(RULES, identity=IdentityRule.ANY),
    )
    _, message = told(upsales)
    assert "→ **4 new**\n" in message
    assert (
        "| **New** | **4: 1 written, 2 still watching, 1 to be tried again** | **9** |" in message
    )
    assert "Still watching 2 · Tries again 1 · Failed 0" in message
    assert "| Have a known e-mail | 54 |" in message


def test_after_a_failure_the_last_good_run_is_told(upsales: Upsales) -> None:
    refused = failed_run("unauthorized_credentials", "Wistia does not know this API token.")
    good = run(NOW - timedelta(days=1))
    upsales.house.shows(runs=(refused,), last_good=good)
    status, message = told(upsales)
    assert status == 400
    assert message.startswith("**❌ Wistia refuses the API token.** Since ")
    assert "Wistia does not know this API token." in message
    assert "The last good run, yesterday 14:24: 193 views →" in message


@pytest.mark.parametrize("code", ["wistia_away", "upsales_away"])
def test_a_vendor_that_is_away(upsales: Upsales, code: str) -> None:
    upsales.house.shows(runs=(failed_run(code, "It does not answer."),))
    status, line = first_line(upsales)
    assert status == 503
    assert re.match(r"\*\*⏳ (Wistia|Upsales) does not answer\.\*\* .*Nothing to do\.", line)


@pytest.mark.parametrize(
    ("shown", "status", "begins"),
    [
        ({"paused": True}, 200, "**⚠️ Runs are paused.** "),
        ({"suspended": True}, 400, "**⚠️ Upsales refuses to be asked.** "),
        ({"unreadable": 3}, 200, "**⚠️ 3 views could not be read.** "),
        ({"runs": (run(NOW - timedelta(hours=3)),)}, 200, "**⚠️ The last run was 180 minutes"),
        ({"need_person": 2}, 400, "**⚠️ 2 views need you.** "),
        ({"forms_paused": True}, 400, "**⚠️ Forms are paused.** "),
        ({"settings": replace(RULES, activity_score=0)}, 400, "**⚠️ Entries are hidden"),
        ({"problems": ('The setting "x" came as "y".',)}, 400, "**❌ A setting cannot be read.** "),
        ({"runs": ()}, 200, "**✅ Connected.** The first run reads the last 3 days"),
        ({"runs": (failed_run("no_upsales_key", ""),)}, 400, "**❌ There is no key to Upsales.** "),
        ({"runs": (failed_run("", ""),)}, 400, "**❌ The last run could not finish.** "),
    ],
)
def test_every_state(upsales: Upsales, shown: dict[str, Any], status: int, begins: str) -> None:
    upsales.house.shows(**shown)
    answered, line = first_line(upsales)
    assert answered == status
    assert line.startswith(begins)


def test_what_else_is_likely_not_meant(upsales: Upsales) -> None:
    upsales.house.shows(
        runs=(failed_run("unauthorized_credentials", ""),),
        problems=('The setting "a" came as "b".',),
        settings=replace(RULES, activity_score=0, form_score=0),
    )
    _, message = told(upsales)
    assert '\n\nA setting cannot be read. The setting "a" came as "b".\n\n' in message
    assert "\n\nEntries are hidden: the lead score is 0. Set a score of 1 or more.\n\n" in message
    assert "\n\nThe score on forms is 0" in message


def test_what_would_make_more_viewers_known(upsales: Upsales) -> None:
    upsales.house.shows(hints=(Hint("m1", "Tour *of* [us](http://evil.example)", 41),))
    _, message = told(upsales)
    assert "was played 41 times this month without a Turnstile. With one, its viewers" in message
    assert r"Tour \*of\* \[us\](http\://evil.example)" in message


def test_somebody_new_is_told_so_and_noted(upsales: Upsales) -> None:
    status, message = told(upsales, customer={"id": CUSTOMER + 1, "name": "Other AB"})
    assert status == 200
    assert message == "**✅ Connected.** The first run reads the last 3 days."
    assert upsales.house.hooks.calls == [("unknown", (CUSTOMER + 1, "Other AB"))]


@pytest.mark.parametrize("known", [True, False])
def test_before_the_settings_are_saved_it_says_what_is_missing(
    upsales: Upsales, known: bool
) -> None:
    upsales.house.shows(runs=(), settings=Settings())
    customer = {"id": CUSTOMER if known else CUSTOMER + 1, "name": "AB"}
    for config, begins in (
        ({}, "**❌ Wistia is not connected yet.** Nothing is read or written before that. Paste"),
        ({"activitiesEnabled": "true"}, "**❌ Wistia is not connected yet.** "),
        ({"wistiaApiPassword": "t"}, "**❌ Nothing is switched on.** "),
    ):
        status, message = told(upsales, customer=customer, config=config)
        assert (status, message[: len(begins)]) == (400, begins)
    whole = {"wistiaApiPassword": "t", "formsEnabled": 1}
    for unknown_or_whole in (..., whole):
        status, message = told(upsales, customer=customer, config=unknown_or_whole)
        assert (status, message.startswith("**✅ Connected.** ")) == (200, True)


def test_what_was_saved_here_counts_more_than_what_the_question_carries(upsales: Upsales) -> None:
    assert told(upsales, config={})[0] == 200


def test_when_the_database_is_away(upsales: Upsales) -> None:
    upsales.house.loses_its_database()
    status, line = first_line(upsales)
    assert status == 503
    assert line.startswith("**⏳ We are restarting.** ")
    upsales.house.broken = None
    upsales.house.hooks.raises = DeploymentError("The database does not answer.")
    assert told(upsales, customer={"id": 5})[0] == 503


HOSTILE = (
    "<script>alert(1)</script> [click](https://evil.example) **bold** `x` | _y_ www.evil.example"
)


def test_hostile_words_stay_words(upsales: Upsales) -> None:
    for shown in (
        {"runs": (failed_run("unauthorized_credentials", HOSTILE),)},
        {"problems": (HOSTILE,)},
    ):
        upsales.house.shows(**{"runs": (run(STARTED),), "problems": (), **shown})
        _, message = told(upsales)
        assert escape(HOSTILE) in message
        ours = message.replace(escape(HOSTILE), "").rpartition("[Open the full")[0]
        for mark in ("<", "`", "_", "[", "://", "www"):
            assert mark not in ours
    escaped = escape(HOSTILE)
    assert "&lt;script&gt;" in escaped
    assert "\\[click\\](https\\://evil.example)" in escaped
    assert "www\\.evil" in escaped


def test_what_was_html_is_escaped_as_text() -> None:
    shown = Markup("Since <time>14:20</time>. {}").format("<b>A & B</b>")
    assert escape(shown) == "Since 14:20. &lt;b&gt;A &amp; B&lt;/b&gt;"


def rendered(markdown: str) -> str:
    """What a reader of Markdown makes of backslashes and entities."""
    return html.unescape(re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", markdown))


@given(st.text())
def test_escaped_text_reads_as_it_was_and_marks_nothing(text: str) -> None:
    escaped = escape(text)
    assert rendered(escaped) == " ".join(text.split())
    assert not re.search(r"[`*_\[\]|~#@]", re.sub(r"\\.", "", escaped))
    assert not re.search(r"[<>]|&(?!amp;|lt;|gt;)", escaped)
    assert "\n" not in escaped
    assert "://" not in escaped
