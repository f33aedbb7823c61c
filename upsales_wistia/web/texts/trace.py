"""The words of one view's page."""

from __future__ import annotations

from collections.abc import Mapping

from markupsafe import Markup

SOMEBODY = "Somebody"

IN_UPSALES = "In Upsales"
NOT_IN = "Not in Upsales: {why}"
HEADLINES: Mapping[str, str] = {
    "written": IN_UPSALES,
    "registered": IN_UPSALES,
    "waiting": "Waiting for a contact",
    "settling": "Still watching",
    "retrying": "Not in Upsales yet: tried again",
    "planned": "Not in Upsales yet: the next run writes it",
    "failed": "Failed: needs you",
    "uncertain": "Being checked",
}
NOT_IN_BECAUSE: Mapping[str, str] = {
    "no_email": "no e-mail left",
    "email_not_turnstile": "e-mail known another way",
    "not_an_email": "not an e-mail address",
    "waited_out": "nobody came for it",
    "ignored_viewer": "the viewer is ignored",
    "below_minimum": "watched too little",
    "other_project": "in another project",
    "project_unknown": "project unknown",
    "before_start": "before your start date",
    "left_by_hand": "left out by hand",
    "undone": "taken back",
    "off": "nothing is switched on",
}
WATCHED = Markup("{who} watched {percent}% of {video} {when}. {reason}")
AT = Markup("{day} at {time}")

OFF: Mapping[str, str] = {
    "activity": "The activity log is off. Turn it on in Settings.",
    "form": "Forms are off. Turn them on in Settings.",
}
WRITTEN = Markup("Written {at}{on}{score}.")
SUBMITTED = Markup("Submitted {at}{on}{unconfirmed}.")
ON = Markup(" on {place}")
AS_SOMEONE = Markup(" on {place} as “Someone”")
SHARED = "{contacts} there {have} {domain}"
AS_FORM = Markup(" as {place}")
SCORE = ", score {score}"
UNCONFIRMED = "; Upsales has not confirmed it yet"

CHANGE = "The smallest change that lets it through"
TRY = "Try it in What if?"
BY_NAME: Mapping[str, Markup] = {
    "activityMinPercent": Markup("Lower the minimum from {minimum}% to <b>{value}%</b>"),
    "activityProjects": Markup("Add the project <b>{project}</b>"),
    "ignoredDomains": Markup("Take <b>{domain}</b> off your ignored domains"),
    "domainMatching": Markup("Turn on matching by domain, without a name on {company}"),
    "identity": Markup("Count any known e-mail"),
    "startDate": Markup("Move your start date to <b>{start}</b>"),
    "activitiesEnabled": Markup("Turn on the activity log"),
    "formsEnabled": Markup("Turn on forms"),
}
"""What changes, by the name of the setting."""
THE_COMPANY = "the company"
TWO = Markup("Two changes are needed: {first}, and {second}.")
ONE = Markup("{change}.")
THEN = Markup(" The next run{at} then writes this view.")
THEN_RECKONED = Markup(" The next run{at} then writes this view{others}; {lost}.")
RUN_AT = Markup(" at {time}")
OTHERS = " and {n} others"
ONE_OTHER = " and one other"
NOTHING_LOST = "nothing is lost"
ONE_LOST = "one is left out"
LOST = "{n} are left out"
OLD_TOO = Markup(
    " It is older than the {days} days a run reads, so also fetch it under Fetch older views."
)
ADD = Markup("add {email} as a contact in Upsales")
A_PERSON = Markup(
    "No setting lets it through. Add {email} as a contact in Upsales, and it is written by itself."
)
NO_EMAIL = Markup(
    "Nothing lets this view through, because nobody left an e-mail. A Turnstile on “{video}” "
    "helps with the next viewer."
)
NO_CHANGE = "Nothing lets this view through."
NOT_KNOWN = "Whether it matches is known after a look-up in Upsales: the next run tells."

CAN = "What you can do"

TO_THE_ROOM = "Open the Waiting room"
STEPS = "Step by step"
FORM = "Form"
QUESTIONS: Mapping[str, str] = {
    "turnstile": "Did the viewer leave an e-mail?",
    "matched": "Is it somebody in Upsales?",
    "watched": "Was enough watched?",
    "project": "Is the video in a chosen project?",
    "new": "Is it new?",
}
MARKS: Mapping[str, tuple[str, str, str]] = {
    "passes": ("ok", "ok", "Passes"),
    "stops": ("drop", "ink", "Stops here"),
    "waits": ("wait", "wait", "Waits here"),
    "would": ("would", "mut", "Would pass"),
    "not_asked": ("", "mut", "Not asked"),
    "off": ("off", "mut", "Off"),
}
"""Icon, colour and word of what came of a question."""

TYPED = Markup("{email}, typed in the Turnstile of this video{at}")
TYPED_AT = Markup(" at {time}")
LEFT_BEFORE = Markup("{email}, left in a Turnstile {at}")
ANOTHER_WAY = Markup("{email}, known to Wistia another way")
NOT_ADDRESS = Markup("“{email}”, which is not an e-mail address")
NOBODY_LEFT = "No e-mail was left"
WHO_COUNTS: Mapping[str, str] = {
    "turnstile": "You count whoever left an e-mail in a Turnstile.",
    "any": "You count any e-mail that Wistia knows.",
}
BY_EMAIL = Markup("{contact} at {company}, by the same e-mail")
BY_DOMAIN = Markup("{company}, by the domain {domain}: {contacts} {have} it")
NO_CONTACT = Markup("No contact has {email}: {why}")
NO_ONE = "Nobody to look for"
MATCH_RULE = (
    "A contact with the e-mail, or else a company with its domain. For a form Upsales finds or "
    "makes the contact itself."
)
SO_MUCH = "{percent}%, that is {seen} of {length}"
PERCENT = "{percent}%"
MINIMUM = "Your minimum is {minimum}%."
IN_PROJECT = Markup("{video} is in {project}")
IN_NO_PROJECT = Markup("Wistia does not say in which project {video} is")
CHOSEN = "You chose {projects}."
AND = " and "
ALL_PROJECTS = "You chose no project, so every video counts."
OTHERS_CHOSEN = "{n} more"
NOTHING_WRITTEN = "Nothing is written for this view yet"
EACH = Markup("{target}: {words}")
ONCE = "Each view is written once."
ONCE_SINCE = "Each view is written once. Nothing before {start} is written."

SEEN = "What was watched"
FRAME = "Wistia’s picture of which parts were watched"
ABOUT = "About {seen} of {length} ({percent}%)"
ABOUT_PERCENT = "{percent}% of it"
PICTURE = "The picture is Wistia’s own and is kept there for two years. The percentage stays here."
WITHOUT_PICTURE = "Add the public token in Settings to see which parts."
NO_PICTURE = "Wistia gave no picture of which parts were watched."

FACTS = "The view"
VIEWER = "Viewer"
VIDEO = "Video"
PAGE = "Page"
DEVICE = "Device"
SESSION = "Session"
VERSION_IS = "settings version {n}"
VERSION_NOW = "settings version {n} holds now"
WRITTEN_WHERE = "In Upsales"
NOTHING_YET = "Nothing written yet"
ENTRY = "Log entry {number}"
AN_ENTRY = "A log entry"
FORM_ON = Markup("Form {form}")
A_FORM = "A form"
OPEN = "Open in Upsales"

HAPPENED = "What happened"
STARTS = "Viewing starts."
STARTS_ON = Markup("Viewing starts on {page}.")
FIRST_POLL = "Poll: the view is read."
FIRST_WEBHOOK = "Poll: the same view, after the webhook."
GREW = "Poll: {percent}% watched."
WEBHOOK: Mapping[str, str] = {
    "viewing_session.play": "Webhook: the video is played.",
    "viewing_session.percent_watched": "Webhook: {percent}% watched.",
    "viewing_session.turnstile.converted": "Webhook: e-mail left in the Turnstile.",
}
OVER = "The viewing is over: its length and 5 minutes have passed."
OVER_UNKNOWN = "The viewing is over: half an hour has passed, and it grew no more."
DECIDED = Markup("Decided with settings version {version}: {what}.")
DECIDED_AS: Mapping[str, str] = {
    "dropped": "left out",
    "waiting": "it waits",
    "settling": "still watching",
    "other": "to be written",
}
PLANNED: Mapping[str, str] = {
    "activity": "Decided with settings version {version}: to be written.",
    "form": "Decided with settings version {version}: to be submitted.",
    "both": "Decided with settings version {version}: to be written and submitted.",
}
DONE: Mapping[str, str] = {
    "activity": "Written to Upsales, entry {number}.",
    "form": "Submitted to Upsales, submit {number}.",
}
DONE_BLANK: Mapping[str, str] = {
    "activity": "Written to Upsales.",
    "form": "Submitted to Upsales.",
}
ANSWERED = Markup("Upsales answered “{answer}”.")
NO_ANSWER = "Upsales did not answer in time."
RUN = "Run {id}"

ALSO = "Also by {name}"
ALSO_PLAIN = "Also by this viewer"
ALL_OF_THEM = "All views"
