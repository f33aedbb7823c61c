"""The words of the page of what failed and of what is being checked."""

from __future__ import annotations

from collections.abc import Mapping

from markupsafe import Markup

HEADLINE = "{views} you"
HEADLINE_SAYS = "Everything else goes on. Nothing of this is lost, and nothing is sent twice."
CALM = "Nothing needs you"
CALM_SAYS = "What stands below goes on by itself."
EMPTY = "Nothing failed, and nothing is being checked"
EMPTY_SAYS = (
    "What Upsales refuses, or does not answer in time, is shown here with its reason and with "
    "what you can do."
)

GROUPS: Mapping[str, tuple[str, str]] = {
    "needs": ("Needs you", ""),
    "again": ("Tries again by itself", "Nothing to do. The next runs send it again."),
    "checked": (
        "Being checked",
        (
            "Nothing to do. Upsales did not answer in time, so each may be there already: we look "
            "before anything is sent again."
        ),
    ),
}

SHORT: Mapping[str, Markup] = {
    "parked": Markup("needs you"),
    "uncertain_you": Markup("needs you"),
    "left_by_hand": Markup("left out by {by}"),
    "undone": Markup("taken back by {by}"),
}
REASONS: Mapping[str, str | Markup] = {
    "parked": "Upsales refused it {tries}. Correct the cause, then press Try again.",
    "paused": (
        "Forms are paused, because Upsales refused two in a row. Correct the cause in Upsales, for "
        "example a form that was archived, then press Try again."
    ),
    "retry": Markup("It is tried again at {retry}; nothing to do."),
    "planned": "Everything lets it through. The next run writes it; nothing to do.",
    "uncertain": Markup(
        "Upsales did not answer in time, so it may be there already. We ask Upsales at {check} "
        "before anything is sent again; nothing to do."
    ),
    "uncertain_you": Markup(
        "Upsales cannot tell us whether it is there. Look at {where}, then press It is there or "
        "Send again."
    ),
    "left_by_hand": Markup("{by} left it out at {at}, after Upsales refused it."),
    "undone": Markup("{by} took it back at {at}. It is not written again until that is asked for."),
    "registered": Markup("Written at {at}{on}."),
    "submitted": Markup("Submitted at {at}{on}."),
}
SOON = "the next run"
NOBODY = "the viewer"
SUBMITS = Markup("the submits of {form}")
ANSWERED = "Upsales answered “{answer}”"
REQUEST = "request {number}"
WHAT_WE_SENT = "What we sent"
NO_VIEW = "The view is not kept any more"
ON_FORM = "Form"
ON_LOG = "Activity log"

TRY_AGAIN = "Try again"
TRY_ALL = "Try all {n} again"
LEAVE = "Leave it out"
IT_IS_THERE = "It is there"
SEND_AGAIN = "Send again"
SEND_ASKS = "If it is there already, it will be there twice."
UNDO = "Undo"
SHOW_ALL = "Show all {n}"
OLDER = "Show more"
BACK = "Back to all"

GOING_ON: Mapping[str, str] = {
    "again": "Trying again: {done} of {n} done.",
    "send": "Sending again: {done} of {n} done.",
}
DONE: Mapping[str, str] = {
    "again": "Tried again: {parts}.",
    "send": "Sent again: {parts}.",
    "there": "Taken as there: {n}.",
    "leave": "Left out: {n}. Each stays out until you take that back.",
    "back": "Back on the list: {n}.",
}
PARTS: Mapping[str, str] = {
    "written": "{n} written",
    "refused": "{n} still refused",
    "checked": "{n} being checked",
    "left": "{n} left out",
    "waits": "{n} not sent yet, the next run goes on",
}
MEANWHILE = "Nothing was changed: it stands differently by now. See below."
