"""The words of the list of videos and of one video."""

from __future__ import annotations

from collections.abc import Mapping

from markupsafe import Markup

HEADING = "Videos"
LEAD = (
    "The most played first. Plays, average and e-mails are Wistia’s totals since each video was "
    "published; where a video has no Turnstile, e-mails are those of the views kept here."
)
NONE = "No videos yet. They appear with the first views; a run reads the last {days} days."
SEARCH = "Name of a video or a project"
FIND = "Find"
NOTHING = "No video is called so. Search for fewer words."
COLUMNS = ("Video", "Plays", "Watched on average", "E-mails", "Where people watch")
UNREAD = "not read yet"
UNKNOWN = "–"
NO_LONGER = "no longer in Wistia"
FEW = "too few plays"
NO_CURVE = "no curve"
SPARK = "{start}% watch at the start, {middle}% in the middle, {end}% at the end"
LAST_READ = "These are the last figures we read."
READING = "Reading {videos} more from Wistia."
SHOWN = "{first} to {last} of {total}"
PREVIOUS = "Previous"
NEXT = "Next"
NO_TITLE = "Video without a name"

OPEN = "Open in Wistia"
ITS_VIEWS = "See its {views}"

PLAYS = "Plays"
VISITORS = Markup("by {visitors}{since}")
SINCE = Markup(", since {day}")
AVERAGE = "Watched on average"
OF_LENGTH = "{watched} of {length}"
NO_LENGTH = "of its length"
EMAILS = "Left an e-mail"
OF_ASKED = "{percent}% of those asked"
NOBODY_ASKED = "nobody was asked yet"
OF_KEPT = "in the views kept here"
WRITTEN: Mapping[str, str] = {"activity": "Written to Upsales", "form": "Submitted to Upsales"}
WRITTEN_NOTE: Mapping[str, str] = {
    "activity": "activities, last {days} days",
    "form": "forms, last {days} days",
}

CURVE = "Where people watch and where they leave"
TOO_FEW = "Too few plays for a curve: {plays}. It appears at {fewest}."
NO_LENGTH_NO_CURVE = "Wistia does not say how long this video is, so there is no curve."
EMPTY_CURVE = "Wistia has no curve of this video yet."
HEAT = "heat"
AVERAGE_LABEL = "average {percent}%"
AGAIN = "Watched again, in % of plays"
PEAK = "{start}–{end} most replayed"
LEAVE = "{percent}% leave"
LEAVE_WORD = "leave"
DROP_TITLE = "{at}: {leave}"
CELL = "{start}–{end}: {watching}% watch, {again}% once more"
PICTURE = (
    "{title}, {length}: {start}% watch at the start, {middle}% in the middle, {end}% at the end."
)
PICTURE_AVERAGE = " On average {percent}% is watched."
PICTURE_DROPS = " Viewers leave in a rush at {drops}."
PICTURE_AGAIN = " {peak}."
TABLE = "The same as a table, every {step}"
TABLE_COLUMNS = ("Time", "Watch", "Plays", "Once more")

DROPS = ("The drop", "The two drops", "The three drops", "The {n} drops")
COMES_UP: Mapping[str, str] = {
    "Turnstile": "The Turnstile asks for an e-mail",
    "Call to Action": "The call to action comes up",
    "Annotation": "The link “{title}” comes up",
    "Chapter": "“{title}” begins",
}
"""What comes up in a video where viewers leave, by its kind."""
NO_DROPS_HEADING = "The drops"
NO_DROPS = "Nobody leaves in a rush. The curve falls evenly."
NO_CAPTIONS = "Add captions in Wistia to see what is said here."
NOTHING_SAID = "Nothing is said here."
EDITS = "Ask for edits to these places"
SEE_EDITS = "See the {edits} proposed {day}"

CALLS = "Calls to action"
CALL_COLUMNS = ("What", "Shown", "Used", "Rate")
NO_CALLS = (
    "This video asks for nothing. A Turnstile or a call to action is set in Wistia, under "
    "Customize."
)
KINDS: Mapping[str, str] = {
    "Turnstile": "Turnstile",
    "Call to Action": "Call to action",
    "Annotation": "Link",
}
AT = "{kind} at {time}"
AT_THE_END = "{kind} at the end"
NEVER_SHOWN = "not shown yet"

ALL_FIGURES = Markup("All figures are Wistia’s totals since the video was published, read at {at}.")
LAST_FIGURES = Markup("These figures were read {at}.")
READ_AGAIN = "Read again"
READ = "Read from Wistia just now."

TROUBLES: Mapping[str, str] = {
    "no_token": "Paste an API token in Settings to see how your videos are watched.",
    "refused": "Wistia refuses the API token. {sentence}",
    "throttled": "Wistia asks us to wait a little. Nothing to do.",
    "away": "Wistia does not answer just now. Try again in a minute.",
    "slow": "Wistia takes its time. This page tries again by itself.",
}
TO_SETTINGS: Mapping[str, str] = {
    "no_token": "Open Settings",
    "refused": "Replace the token",
}
GONE = "Wistia no longer has this video. Its views stay here."
