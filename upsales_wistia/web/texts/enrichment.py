"""The words of the enrichment pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from markupsafe import Markup

from ...enrichment import brand_voice
from ...enrichment.rules import JobName

HEADING = "Enrichment"
CONSENT = brand_voice.CONSENT
WHAT_LEFT = "What left for Mavera"
CREDITS_IN_DETAIL = "Credits in detail"
BACK = "Enrichment"

CREDITS = "Credits this month"
LEFT = Markup("<b class=big>{left}</b> of {included} left{until}")
UNTIL = " until {day}"
SPENT = Markup("<b class=big>{spent}</b> spent")
READ_AT = Markup("As Mavera said {when}.")
NEVER_READ = "What is left is read when a job runs."
PROMISE = (
    "A run asks before it spends, and stops at {cap} credits. No e-mail address, name, phone, IP "
    "address or visitor key leaves for Mavera: only totals, and ids that mean nothing elsewhere. "
    "What comes back is written by AI: read it before you use it."
)


@dataclass(frozen=True, slots=True)
class JobWords:
    """What a job is called, and what for."""

    name: str
    purpose: str


JOBS: Mapping[JobName, JobWords] = {
    "personas": JobWords(
        "Who is watching",
        ("Groups your viewers by what they watched and finds the persona each group is most like."),
    ),
    "dropoff": JobWords(
        "Where viewers leave",
        (
            "Finds the drops in a video, reads what is said there, and asks for edits to exactly "
            "those places."
        ),
    ),
    "cta": JobWords(
        "Calls to action",
        (
            "Lets a panel of personas compare your calls to action, and proposes where and how to "
            "ask."
        ),
    ),
    "brand-voice": JobWords(
        "Your voice",
        "Learns how your company speaks from the transcripts of your videos. Follow-ups use it.",
    ),
    "followup": JobWords(
        "Follow-up drafts",
        "Drafts a personal e-mail to each viewer who watched at least {percent}%. Kept here, "
        "never sent.",
    ),
}

STATES: Mapping[str, tuple[str, str, str]] = {
    "off": ("off", "mut", "Off"),
    "ready": ("would", "acc", "Ready to run"),
    "queued": ("settle", "wait", "Starts in a moment"),
    "running": ("settle", "wait", "Running"),
    "done": ("ok", "ok", "Done {when}"),
    "partial": ("warn", "warn", "Done {when}, in part"),
    "asks": ("ask", "warn", "Mavera asks something"),
    "stopped": ("warn", "warn", "Stopped"),
    "died": ("warn", "warn", "Broken off"),
    "failed": ("bad", "bad", "Failed"),
}
"""Icon, colour and word of each state."""

OFF = Markup(
    'Add a Mavera key in <a href="{settings}">Settings</a>; nothing leaves before you run a job.'
)
DIED = "It ended in its course."
NOTHING_TWICE = "Nothing is charged twice: going on starts where it stopped."
DONE_OF = "{done} of {all} are done and kept."
ODD: Mapping[str, Markup] = {
    "unreadable": Markup(
        'The answer could not be read. It is kept as it came; <a href="{there}">show it</a>.'
    ),
    "uncertain": Markup(
        "An answer was lost on its way, and Mavera may have charged for it. It is not asked for "
        'again by itself. <a href="{there}">Show what is there</a>.'
    ),
    "refused": Markup('Mavera refused a question. <a href="{there}">Show why</a>.'),
}
"""What came of a call that has no answer that can be used, the worst first."""
RUN = "Run for about {about} credits"
RUN_AGAIN = "Run again, about {about} credits"
GO_ON = "Go on"
START_OVER = "Start over"
STOP = "Stop after this one"
OPEN = "Open"
SEE = "See what would leave"
SEE_EDITS = "See the {n}"
OPEN_PROFILE = "Open the profile"
ANSWER = "Answer, about {about} credits"
YOUR_ANSWER = "Your answer"
ASKS = "Mavera asks: “{question}”"
CHOOSE = "Choose another video"
VIDEO = "Video"
ANYWAY = "Run anyway"
MOST = "about {about} credits, at most {most}"
AGREE = "I agree, upload the transcripts ({credits} credits)"
NOTHING_YET = "What it finds is shown here."
BEFORE = "About {about} credits, at most {most}.{left}"
YOU_HAVE = " You have {left}."
RUN_IT = "Run it"

GROUP, PEOPLE, LIKE = "Group", "People", "Most like"
SURE = "sure {n} of 10"
NO_PERSONA = "No answer"
LEFT_OUT = "{n} left out: fewer than 5 alike"
ALL_GROUPS = "All {n} groups"
NO_GROUPS = "No five viewers of the last 30 days are alike yet."
IN_GROUPS = "in {n}"
NO_DROPS = "Nobody leaves in a rush. The curve falls evenly."
LEAVES = "{percent}% leave"
CURVE = "{title}: {drops}, in a curve from {start}% to {end}%."
EDIT_AT = Markup("<b>{at}</b> “{edit}”")
NO_CTAS = "No call to action was shown 30 times yet; below that its rate says nothing."
SYNTHETIC = "Rates from Wistia. The panel’s answers are synthetic and marked so."
SCORE = "the panel gives it {score} of 10"
TOO_FEW = "{n} shown too rarely to compare"
DO, AVOID = "Do", "Avoid"
TRANSCRIPTS = "{n}"
VOICE_LEFT_OUT = "{drafts} and {protected} with a password left out"
AGREED = Markup("{who} agreed to the upload {when}")
FILES_LEFT = "Mavera does not let us delete {files}; delete them in Mavera."
TO_READ = "{n} to read"
NONE_TO_READ = "Nothing to read"
DRAFTED = "{made} this month, {done} done"
DRAFT_AFTER = "Draft after each run"
AS_TODO = "Also as a to-do in Upsales"
SAVE = "Save"
READ = "Read"
TO = "to {who} · {title}, {percent}%"
ALL_DRAFTS = "All {n}"
NO_DRAFTS = "No drafts. They come when somebody watches enough."
DRAFTS = "Follow-up drafts"
MARK_DONE = "Mark as done"
MARK_NEW = "Not done yet"
SUBJECT, CALL = "Subject", "Call to action"
NEVER_SENT = "Written by AI and never sent by us: read it, change it, send it yourself."
THE_VIEW = "The view it is about"
TODO: Mapping[str, str] = {
    "planned": "Becomes a to-do in Upsales with the next run.",
    "sending": "Is being made a to-do in Upsales.",
    "retry": "Upsales refused the to-do: “{answer}”. It is tried again by itself.",
    "failed": "No to-do was made: “{answer}”.",
    "uncertain": (
        "Upsales did not answer in time, so the to-do may be there or not. Look in Upsales; it is "
        "not made again by itself."
    ),
    "written": "It is a to-do in Upsales, number {number}.",
}

BODIES = "What would leave"
BODIES_SAY = "Nothing was sent. These are all the bodies, exactly as they would leave."
NOTHING_TO_ASK = "There is nothing to ask."
LEFT_SAYS = "Every body that left, newest first, with what came back."
NOTHING_LEFT = "Nothing has left for Mavera."
WHOLE = "It is longer: all of it as a file"
OLDER = "Older"
CAME_BACK = "What came back"
SENT = "What left"
STEP_STATES: Mapping[str, tuple[str, str, str]] = {
    "answered": ("ok", "ok", "Answered"),
    "unreadable": ("warn", "warn", "Could not be read"),
    "uncertain": ("ask", "warn", "Answer lost"),
    "refused": ("bad", "bad", "Refused"),
    "sending": ("settle", "wait", "Being asked"),
}
DELETED = "deleted at Mavera"
COST_COLUMNS = ("When", "Job", "Step", "Credits", "How we know")
HOW: Mapping[str, str] = {
    "told": "Mavera said so",
    "measured": "by what Mavera says was used",
    "reckoned": "the dearest it can be: Mavera did not say",
}
NOTHING_SPENT = "No credits were spent this month."

WHY = "Why"
RULE = "Who is in it"
ANGLE = "An angle for the next video"
MOVES = "What may move them"
ITS_VIEWS = "Its {n}"
COUNTRIES, VIDEOS = "Countries", "Videos"
WHEN = "When"
VIEWER = "Viewer"
WATCHED = "Watched"
NO_TITLE = "Video without a name"
NO_LONGER_KEPT = "What left and what came back is kept for 30 days."
GONE = "Views that were erased since are not shown."
PANEL = "The panel"
PANEL_SAYS = "Synthetic: made of Mavera’s personas, not of people."
PLACEMENT, WORDING = "Where", "How to say it"
SUMMARY = "In short"
SENTENCES, JARGON = "Sentences", "Jargon"
PREFERRED, AVOIDED, EXAMPLES = "Words it likes", "Words it avoids", "Examples"
DROP_COLUMNS = ("Drop", "Leave", "What is said there", "Edit")
NOTHING_SAID = "Add captions in Wistia to see what is said here."
SOURCES = "Mavera says it used"
STEPS = "Step by step"
