"""Puts the settings page together: the form, its credentials and What if."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import current_app, url_for
from markupsafe import Markup

from .. import webhook_setup
from ..rulebook import Draft, Rulebook, differing
from ..webhook_setup import WebhookState
from ..whatif import WhatIf
from .addresses import view_address
from .credentials_shown import (
    MAVERA_KEY,
    PASTED,
    TOKEN,
    CredentialShown,
    Verdict,
    credential,
    verdict_stored,
)
from .frame import frame_for, show, speech_of
from .known_projects import listed_projects, project_names
from .security import Visitor, services
from .setting_words import Difference, Names, differences
from .settings_form import FieldShown, fields, hint, projects
from .texts import settings as words
from .whatif_shown import answer, exactly
from .wording import Speech

_FOLDS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "notices": (words.NOTICES, ("notifyUsers",)),
    "webhook": (words.WEBHOOK, ()),
    "keeping": (words.KEEPING, ("retentionDays",)),
    "mavera": (
        words.MAVERA,
        (
            "maveraJobs",
            "maveraMaxCredits",
            "followupPercent",
            "followupTodo",
            "ctaEngine",
            "maveraWorkspaceId",
            "generateAppId",
        ),
    ),
}
_SWITCHES = {"activitiesEnabled": words.THE_LOG, "formsEnabled": words.THE_FORMS}


@dataclass(frozen=True, slots=True)
class Page:
    """What is to be shown: settings, changes that are not saved, and what became of a request.

    ``raw`` are the values as typed. ``found`` is None where nothing is asked of What if.
    ``problem`` is "" or why nothing was saved: wrong, token, overtaken, or sure (a person must say
    yes first). ``checked`` names a credential that was tried, ``back`` a version gone back to,
    ``webhook_secret`` is one that was just made, shown this once.
    """

    who: Visitor
    book: Rulebook
    made: Draft
    raw: Mapping[str, Any]
    found: WhatIf | None = None
    secrets: Mapping[str, str] = field(default_factory=dict)
    verdicts: Mapping[str, Verdict] = field(default_factory=dict)
    find: str = ""
    problem: str = ""
    checked: str = ""
    saved: bool = False
    back: int = 0
    webhook_secret: str = ""

    @property
    def off(self) -> list[str]:
        """What the changes switch off, in words."""
        changes, before = self.made.changes, self.book.config
        return [
            what for name, what in _SWITCHES.items() if before[name] and changes.get(name) is False
        ]

    @property
    def asks(self) -> str:
        """What a person must say yes to before it is saved; "" for nothing."""
        lost = self.found.lost if self.found else 0
        return f"{lost} {' '.join(self.off)}".strip() if lost or self.off else ""


def render(page: Page) -> str:
    """The whole page."""
    frame = frame_for(page.who)
    say = speech_of(frame)
    with services().answering():
        listed, away = listed_projects(page.book.customer_id)
        names = Names(project_names(page.book.customer_id), page.book.users)
        shown = fields(page.book, page.made, page.raw, names)
        changes = _changes(page, names)
        credentials = {name: _credential(page, name, say) for name in PASTED}
        hook = webhook_setup.state(page.book.customer_id)
    next_at = say.time(page.book.next_at) if page.book.next_at else None
    return show(
        "settings.html",
        page.who,
        frame=frame,
        words=words,
        page=page,
        fields=shown,
        hints={name: hint(one, _score(page), len(listed)) for name, one in shown.items()},
        credentials=credentials,
        projects=projects(
            listed,
            names,
            shown["activityProjects"].value,
            page.book.config["activityProjects"],
            page.find,
            lambda count: say.count(count, *words.VIDEOS),
        ),
        away=away,
        folds=_folds(page, shown, hook, names, say),
        webhook=hook,
        webhook_address=webhook_setup.address(services().config, page.book.customer_id),
        webhook_events=", ".join(webhook_setup.EVENTS[:-1]) + words.AND + webhook_setup.EVENTS[-1],
        said=_said(page, say),
        dock=_dock(page.found, say),
        changes=changes,
        answer=answer(page.found, changes, say) if page.found else None,
        exactly=exactly(next_at),
        uses_it=words.USES_IT_AT.format(when=next_at) if next_at else words.USES_IT,
        elsewhere=_elsewhere(page.who),
        can_undo=page.saved and _can_undo(page.book),
        view_link=lambda key: view_address(page.who.customer_id, key),
        days=services().config.window_days,
    )


def _score(page: Page) -> int:
    score = page.made.changes.get("activityScore", page.book.config["activityScore"])
    return int(score)


def _changes(page: Page, names: Names) -> list[Difference]:
    changed = {**page.book.config, **page.made.changes}
    which = differing(page.book.config, changed)
    return differences(names, page.book.config, changed, which)


def _credential(page: Page, name: str, say: Speech) -> CredentialShown:
    verdict = page.verdicts.get(name)
    if verdict is None and name == TOKEN and name in page.book.saved:
        verdict = verdict_stored(page.book.customer_id, say)
    return credential(name, page.book, verdict, say, is_open=name in page.secrets)


def _elsewhere(who: Visitor) -> list[tuple[str, str]]:
    return [
        (url_for(f"{page}.page", customer_id=who.customer_id), text)
        for page, text in words.ELSEWHERE.items()
        if f"{page}.page" in current_app.view_functions
    ]


def _can_undo(book: Rulebook) -> bool:
    """Whether anything but credentials was changed: those cannot be got back."""
    version = book.version
    return version is not None and version.number > 1 and not version.secrets


@dataclass(frozen=True, slots=True)
class Fold:
    """A folded group of settings, with its state in the line."""

    name: str
    title: str
    state: str | Markup
    open: bool


def _folds(
    page: Page, shown: Mapping[str, FieldShown], hook: WebhookState, names: Names, say: Speech
) -> list[Fold]:
    """The folded groups; unfolded where something in them is not as it is in force."""
    news = {
        name: any(_is_news(shown[one]) for one in inside) for name, (_, inside) in _FOLDS.items()
    }
    news["webhook"] = bool(page.webhook_secret)
    news["mavera"] |= MAVERA_KEY in page.secrets
    return [
        Fold(name, title, _state(name, page, hook, names, say), news[name])
        for name, (title, _) in _FOLDS.items()
    ]


def _is_news(field: FieldShown) -> bool:
    return bool(field.saved or field.wrong or field.upsales)


def _state(name: str, page: Page, hook: WebhookState, names: Names, say: Speech) -> str | Markup:
    config = page.book.config
    if name == "webhook":
        if hook.first_at:
            return words.WEBHOOK_ON_SINCE.format(when=say.time(hook.first_at))
        return words.WEBHOOK_WAITS if hook.is_waiting else words.WEBHOOK_OFF
    if name == "notices":
        users = names.value("notifyUsers", config["notifyUsers"])
        return words.TO_USERS.format(users=users) if config["notifyUsers"] else words.TO_NOBODY
    if name == "keeping":
        return words.KEPT_FOR.format(n=say.number(config["retentionDays"]))
    if MAVERA_KEY not in page.book.saved:
        return words.NO_KEY
    jobs = len(config["maveraJobs"])
    return words.JOBS_ON[jobs != 1].format(n=jobs)


def _dock(found: WhatIf | None, say: Speech) -> str:
    """What stands at the bottom of a phone."""
    if found is None or found.nothing:
        return words.NOTHING
    gained = {
        target.value: "+" + say.count(len(one.gained), *words.OF_TARGET[target.value])
        for target, one in found.changes.items()
    }
    return words.DOCK.format(**gained, lost=say.number(found.lost))


def _said(page: Page, say: Speech) -> str | Markup:
    """Why nothing was saved."""
    version = page.book.version
    if page.problem != "overtaken" or version is None:
        return {"wrong": words.WRONG, "token": words.KEPT_OLD}.get(page.problem, "")
    return words.OVERTAKEN.format(
        who=say.who(version.by), n=version.number, when=say.time(version.at)
    )
