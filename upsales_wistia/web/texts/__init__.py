"""Every word the pages say, in one place: what all pages share, and a module for each page."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from markupsafe import Markup


@dataclass(frozen=True, slots=True)
class ErrorWords:
    """A page that only says something: how things are, and what to do."""

    headline: str
    sentence: str


LINK_EXPIRED = ErrorWords(
    "This link has expired",
    "A link works for 15 minutes, so that a forwarded one opens nothing. Open the app in Upsales, "
    "Status & Troubleshooting, and press Open the full status page, or ask for a new link.",
)
SIGNED_OUT = ErrorWords(
    "You are signed out",
    "Sessions end after 8 hours. What you sent last was not saved. Open the app in Upsales again, "
    "or ask for a new link.",
)
SIGNED_OUT_BY_HAND = ErrorWords(
    "You are signed out", "Close the tab, or open the app in Upsales again."
)
STALE_FORM = ErrorWords(
    "This page was open too long",
    "Nothing was changed. Go back, look at the values, and save again.",
)
AWAY = ErrorWords("We are restarting", "This page tries again by itself.")
AWAY_FOR_NOW = ErrorWords("We are restarting", "Go back, and try it once more in a minute.")
SEARCH_ALL = "Search all views"
NOT_UNDERSTOOD = ErrorWords(
    "That could not be understood", "Nothing was changed. Go back and try it once more."
)
ERRORS: Mapping[int, ErrorWords] = {
    404: ErrorWords(
        "There is nothing here",
        "The view may be older than we keep, or the address is mistyped.",
    ),
    413: ErrorWords("That is too much at once", "Nothing was changed. Send less of it."),
}


HELP = "https://support.upsales.com/hc/en-us/articles/360001848368-Wistia"
"""What Upsales tells its customers about the app."""

TABS: Mapping[str, str] = {
    "status": "Status",
    "views": "Views",
    "videos": "Videos",
    "waiting": "Waiting room",
    "failed": "Failed",
    "enrichment": "Enrichment",
    "settings": "Settings",
}
"""The navigation: the name of a page's blueprint, and its word."""

BELONGS_TO: Mapping[str, str] = {
    "view": "views",
    "runs": "status",
    "enriched": "enrichment",
    **dict.fromkeys(
        ("domains", "history", "erase", "export", "backfill", "undo"),
        "settings",
    ),
}
"""Pages without a place in the navigation, and the one that they belong to."""

ERASE = "Erase a person"
EXPORT = "Export what is kept"

LOOK_ONLY = (
    "You can look and run. To change settings, undo or erase, open the app in Upsales as an "
    "administrator."
)
ERASED = ErrorWords(
    "Somebody who asked to be forgotten", "Nothing is kept, so nothing more can be shown."
)
REFUSED_CHANGE = ErrorWords(
    "Nothing was changed",
    "You can look and run. To change settings, undo or erase, open the app in Upsales as an "
    "administrator.",
)


def typographic(text: str) -> str:
    """``text`` with the quotes of a printed page."""
    return re.sub(r'"([^"]*)"', r"“\1”", text).replace("'", "’")


def too_many(seconds: int) -> ErrorWords:
    """For whoever asks too often."""
    return ErrorWords("One moment", f"Too many requests from here. Try again in {seconds} seconds.")


def broken(number: str) -> ErrorWords:
    """For a fault of ours; ``number`` finds it in the log."""
    return ErrorWords(
        "Something broke on our side",
        "Runs go on and nothing is lost. Try again in a minute; if it stays, send us the number "
        f"{number}.",
    )


# How things are. The sentences are filled with escaped values and <time> elements.

IN_SYNC = "Everything is in sync"
IN_SYNC_SAYS = Markup("The run at {started}, {ago}, read {views} and wrote {wrote}. ")
NOTHING_FAILED = "Nothing failed."
CHECKED = " {views} being checked in Upsales; nothing to do."
NEXT = Markup(" The next run starts at {next}.")

IN_UTC = "Times are in UTC."

FIRST_VISIT = "Connected"
FIRST_VISIT_SAYS = Markup("The first run reads the last {days} days{starts}.")
STARTS = Markup(" and starts at {next}")
RUNNING = "A run is going on. This page shows it when it ends."

PAUSED = "Runs are paused"
PAUSED_SAYS = "No run starts by itself until they are resumed. Nothing is lost meanwhile."

SUSPENDED = "Upsales refuses to be asked"
SUSPENDED_SAYS = (
    "It did so ten times in a row, as it does where the app is switched off. No run starts by "
    "itself meanwhile, and nothing is lost."
)
SUSPENDED_TODO = "Open the app in Upsales and see that it is switched on: then runs go on."

LATE = "The last run was {minutes} minutes ago"
LATE_SAYS = "We are late; it starts by itself. Nothing to do."

SETTING = "A setting cannot be read"

NEEDS_YOU = "{views} you"
NEEDS_YOU_SAYS = (
    "Upsales refused to take what was sent, or cannot tell whether it is there. Everything else "
    "goes on."
)
NEEDS_YOU_TODO = (
    "See why under Failed. What was refused is sent again with Try again, once its cause is "
    "corrected. Where Upsales cannot tell, look there yourself, then press It is there or Send "
    "again."
)
SEE_THEM = ("failed", "See them")
TILE_NEEDS = "{n} you"
TILE_PAUSED = "forms are paused"
TILE_NOTHING = "nothing needs you"

FORMS_PAUSED = "Forms are paused"
FORMS_PAUSED_COUNTED = "{forms} paused"
FORMS_PAUSED_SAYS = (
    "Upsales refused two in a row, so no more are sent. They are kept, and the activity log goes "
    "on."
)
FORMS_PAUSED_TODO = (
    "Correct the cause in Upsales, for example a form that was archived. Then let them go on with "
    "Try all again, under Failed."
)

UNREADABLE = "{views} could not be read"
UNREADABLE_SAYS = (
    "Wistia sent them in a form we do not know. All others are read. This is ours to mend; please "
    "tell us."
)

HIDDEN_SCORE = "Entries are hidden: the lead score is 0"
HIDDEN_SCORE_SAYS = "Upsales does not show entries with score 0."
HIDDEN_SCORE_TODO = "Set a score of 1 or more."

SILENT = "Wistia’s webhook is silent since {since}"
SILENT_SAYS = "Runs still find every view, up to {minutes} minutes later."
SILENT_TODO = "Check it in Wistia: Account, Webhooks."

LATER = "Views reach us later than usual"
LATER_TODAY = "95% within {today} today, usually {usual}. "
LATER_SLOWEST = "One took {slowest}. "
LATER_SAYS = "We look back {days} days now, so nothing is missed. Nothing to do."

AWAY_HEADLINE = "{vendor} does not answer"
AWAY_SAYS = Markup(
    "Since {since}. We try again every {minutes} minutes and lose nothing. Nothing to do."
)

SINCE = Markup("Since {since}. {cause}")
REFUSED: Mapping[str, tuple[str, str]] = {
    "unauthorized_scope": (
        "Wistia refuses the API token",
        (
            "Ask the owner of your Wistia account for a token that may “Read all folder and media "
            "data” and “Read detailed stats”. Nothing is lost: everything is written once it works "
            "again."
        ),
    ),
    "unauthorized_credentials": (
        "Wistia refuses the API token",
        (
            "Ask the owner of your Wistia account for a new token. Nothing is lost: everything is "
            "written once it works again."
        ),
    ),
    "account_inactive": (
        "Your Wistia account is not active",
        "Its owner can tell why. Views are read again by themselves.",
    ),
    "upsales_key_refused": (
        "Upsales refuses the app’s key",
        (
            "Open the app in Upsales and save its settings once; that renews the key. Where you "
            "run the app yourself, give the new key with: upsales-wistia customers add."
        ),
    ),
    "no_upsales_key": (
        "There is no key to Upsales",
        (
            "Open the app in Upsales and save its settings once; that brings the key. Where you "
            "run the app yourself, give the key with: upsales-wistia customers add."
        ),
    ),
}
REFUSED_BUTTONS: Mapping[str, tuple[str, str]] = {
    "unauthorized_scope": ("settings", "Replace the token"),
    "unauthorized_credentials": ("settings", "Replace the token"),
}
TO_SETTINGS = ("settings", "Open Settings")
SET_A_SCORE = ("settings", "Set a score")
NOT_BEFORE = "Nothing is read or written before that."
NOT_CONNECTED = ("Wistia is not connected yet", "Paste an API token.")
NOTHING_ON = ("Nothing is switched on", "Turn on the activity log, forms, or both.")
OTHER_FAILURE = ("The last run could not finish", "It starts again by itself.")
VENDORS: Mapping[str, str] = {"wistia_away": "Wistia", "upsales_away": "Upsales"}

# The figures around them.

ACTIVITIES = ("activity", "activities")
FORMS = ("form", "forms")
TILE_TODAY = "Written today"
TILE_WAITING = "Waiting for a contact"
TILE_WAITING_NOTE = "{people}, the longest {age}"
TILE_WAITING_TODAY = "{people}, since today"
TILE_NOBODY = "nobody waits"
TILE_HELD = "Still watching"
TILE_HELD_NOTE = "written when the viewing ends"
TILE_FAILED = "Failed"
THIRTY: Mapping[str, str] = {
    "activity": "Activities written, 30 days",
    "form": "Forms submitted, 30 days",
}
IN_ALL = "{n} in all."
ON_DAY = "{day}: {n}"
TROUBLE = "Last trouble {day}: {cause}."
MORE_TROUBLE = "{days} had trouble. Nothing of it is lost."
TROUBLES: Mapping[str, str] = {
    "unauthorized_scope": "Wistia refused the API token",
    "unauthorized_credentials": "Wistia refused the API token",
    "account_inactive": "the Wistia account was not active",
    "upsales_key_refused": "Upsales refused the app’s key",
    "no_upsales_key": "there was no key to Upsales",
    "not_configured": "the app was not set up in full",
    "wistia_away": "Wistia did not answer",
    "upsales_away": "Upsales did not answer",
}
OTHER_TROUBLE = "a run broke off"
HOW_LATE = "How late views reach us"
TOO_FEW = Markup("Too few views yet to say. It takes {fewest} in seven days.")
ARRIVE = Markup("Half arrive within {half}, 95% within {most}.")
MAY_COME = Markup(" Views after {since} may still come.")
SLOWER = Markup(" Slower today: 95% within {today}, usually {usual}.")
LATE_UNDER = "under {end} min"
LATE_MINUTES = "{start}–{end} min"
LATE_HOURS = "{start}–{end} hours"
LATE_LATER = "later"
WITNESSES = (
    "Wistia’s webhook was first for {webhook}%, the poll alone found {poll}%, and they disagreed "
    "on {disagreeing}."
)
RUN_NOW = "Run now"
STARTING = "The run starts"
ASKED_AGAIN = "A run is going on; yours starts when it ends."
ASK_LABEL = "Why is it not here?"
ASK_HINT = "An e-mail, a link to a contact, or a Wistia session"
ASK_BUTTON = "Find the view"
ASK_SAYS = (
    "See what happened to a view at each step, and the smallest change that would let it through."
)
WORTH_KNOWING = "Worth knowing"
HINT = Markup("“{video}” was played {times} this month without a Turnstile.")
HINT_SAYS = "With one, its viewers could be known. Turn it on in Wistia, under Customize."
ALL_RUNS = "All runs"
OLDER = "Older"
NO_RUNS = "No run has ended yet. The first one starts by itself."
RUN_OF = Markup("The run of {started}")
RUN_SAYS: Mapping[str, str] = {
    "ok": "It read and wrote all there was.",
    "partial": "It read all there was; some of it needs another look.",
    "failed": "It could not finish. Nothing is lost: the next good run goes on from there.",
}
RUN_WROTE = "Wrote"
RUN_SETTINGS = "Settings"
RUN_VERSION = "version {number}"
RUN_NO_VERSION = "not kept"
RUN_HEALED = "Doubles healed"
RUN_CALLS = "Calls"
RUN_CALLS_OF = "{wistia} to Wistia, {upsales} to Upsales"
RUN_TOOK = "Took"
RUN_NUMBER = "Number"
STEP_BY_STEP = "Step by step"
LATEST_RUNS = "Latest runs"
ACCOUNTED = "Every view is accounted for"

# The funnel and the balance.

TARGETS: Mapping[str, str] = {"activity": "Activity log", "form": "Forms"}
LAST_RUN = "The last run, step by step"
LAST_GOOD_RUN = Markup("The last good run, {started}, step by step")
STEPS: Mapping[str, str] = {
    "views": "Views in the last {days} days",
    "turnstile": "Left an e-mail in a Turnstile",
    "turnstile_any": "Have a known e-mail",
    "matched": "Match a contact or company",
    "watched": "Watched at least {minimum}%",
    "project": "In a chosen project",
    "project_any": "In any project",
    "new": "New, written now",
    "new_mixed": "New: {parts}",
}
EVERYTHING_SINCE = Markup("everything Wistia received since {since}")
LEFT_OUT = "{n} left out"
WAITING = "{n} waiting"
ALREADY_THERE = "{n} already there"
BY_EARLIER_RUNS = "written by earlier runs"
WHY: Mapping[str, str] = {
    "no_email": "left no e-mail",
    "email_not_turnstile": "known another way",
    "not_an_email": "not an address",
    "unknown": "not in Upsales",
    "free_mail": "free-mail",
    "disposable": "throw-away address",
    "own_domain": "your own domain",
    "ignored_domain": "ignored domain",
    "matching_off": "matching by domain is off",
    "form_first": "after the form",
    "waited_out": "waited too long",
    "ignored_viewer": "ignored by you",
    "below_minimum": "watched less",
    "other_project": "in another project",
    "project_unknown": "project unknown",
    "before_start": "before your start date",
    "left_by_hand": "left out by hand",
    "undone": "taken back",
}
STATES: Mapping[str, str] = {
    "written": "Written",
    "registered": "Already there",
    "dropped": "Left out",
    "waiting": "Waiting",
    "settling": "Still watching",
    "retrying": "Tries again",
    "failed": "Failed",
    "uncertain": "Being checked",
    "off": "Off",
    "would": "Would pass",
}
ICONS: Mapping[str, tuple[str, str]] = {
    "written": ("ok", "ok"),
    "registered": ("there", "there"),
    "dropped": ("drop", "mut"),
    "waiting": ("wait", "wait"),
    "settling": ("settle", "wait"),
    "retrying": ("retry", "warn"),
    "failed": ("bad", "bad"),
    "uncertain": ("ask", "warn"),
    "off": ("off", "mut"),
    "would": ("would", "acc"),
}
"""The icon and the colour of each state, always beside its word."""
PARTS: Mapping[str, str] = {
    "written": "written",
    "settling": "still watching",
    "retrying": "to be tried again",
    "failed": "failed",
    "uncertain": "being checked",
}
ADDS_UP = "{sum} = {views}. It adds up."
FAULT = "{views} not accounted for. This is our fault; please tell us, with run {run}."

RESULTS: Mapping[str, tuple[str, str, str]] = {
    "ok": ("ok", "ok", "In sync"),
    "partial": ("warn", "warn", "In part"),
    "failed": ("bad", "bad", "Stopped"),
}
