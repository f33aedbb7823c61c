"""The words of the operator's page."""

from __future__ import annotations

from collections.abc import Mapping

from ...deployment import Case

TITLE = "All customers"
EMPTY = "No customers yet"
EMPTY_SAYS = (
    "They appear when the app is activated in Upsales, or with upsales-wistia customers add."
)

SUMMARY: Mapping[Case, str] = {
    "sync": "{n} in sync",
    "admin": "{n} need something from their admin",
    "ours": "{n} need us",
    "vendor": "{n} wait for a vendor",
    "suspended": "{n} suspended",
    "paused": "{n} paused",
    "new": "{n} before their first run",
}

STATES: Mapping[Case, tuple[str, str, str]] = {
    "ours": ("bad", "bad", "Needs us"),
    "admin": ("warn", "warn", "Needs its admin"),
    "vendor": ("wait", "wait", "Waits for a vendor"),
    "suspended": ("off", "mut", "Suspended"),
    "paused": ("off", "mut", "Paused"),
    "new": ("settle", "wait", "Before its first run"),
    "sync": ("ok", "ok", "In sync"),
}
"""Icon, colour and word of each case."""

LATE = "Its run has been due for {lasting}."
SUSPENDED = "Upsales refuses to be asked for it, as it does where the app is switched off."
ERASED_IN = " It is erased in {days}."
PAUSED = "No runs until it is resumed."
NEEDING = "{writes} of its views need its admin."
NO_CAUSE = "The run broke. The logs say why, under its number."

COLUMNS = ("Customer", "State and cause", "Last run", "Late by", "Failed", "Checking", "")
RUNS = "Its latest runs"
RUN_COLUMNS = ("Started", "Result", "Cause", "Wistia", "Upsales", "Took")
NO_RUNS = "No run yet."
ALL = "All"
OLDER, NEWER = "More", "Back"

PAUSE, RESUME, ASK, LINK = "Pause", "Resume", "Ask Upsales now", "Link"
PAUSED_DONE = "{name} is paused. A run that is going on ends first."
RESUMED_DONE = "{name} is resumed. Its next run begins with the next tick."
ASKED_DONE = "Upsales was asked to call us for {name}."
ASKED_VAIN = "Upsales did not take it. The state of {name} says more after a while."
NOT_IN_DIRECTORY = "UPSALES_APP_ID and UPSALES_APP_KEY are not set, so Upsales cannot be asked."
LINK_DONE = "A link to the pages of {name}, for 15 minutes, with full rights:"

TILES = (
    ("Runs late", "95% are on time or late by less"),
    ("Waiting to be written", "in the next runs, within Upsales' limits"),
    ("Failed", "parked until an admin looks"),
    ("Calls today", "to Wistia and to Upsales; {failed} failed"),
)
BELOW = "The deployment"
WHO = "operator"
"""The name under which the operator's link opens the pages."""
