"""The words of the settings and of What if."""

from __future__ import annotations

from collections.abc import Mapping

from markupsafe import Markup

HEADING = "Settings"
LEAD = (
    "A change counts from the next run, also for views of the last {days} days. “What if?” shows "
    "what it would do before you save."
)
ELSEWHERE: Mapping[str, str] = {
    "domains": "Domains",
    "history": "History of settings",
    "backfill": "Fetch older views",
}

CONNECTION = "Connection"
WHICH = "Which views count"
WRITTEN = "What is written"
NOTICES = "Notices"
WEBHOOK = "Wistia webhook"
KEEPING = "Keeping and forgetting"
MAVERA = "Mavera"

LABELS: Mapping[str, str] = {
    "wistiaApiPassword": "API token",
    "wistiaPublicToken": "Public token",
    "wistiaWebhookSecret": "Webhook secret",
    "maveraApiKey": "Mavera key",
    "activityProjects": "Wistia projects",
    "activityMinPercent": "Minimum watched",
    "identity": "Who counts as known",
    "domainMatching": "Match by domain when no contact has the e-mail",
    "ignoredDomains": "Domains to ignore",
    "notOwnDomains": "Domains that are not your own",
    "waitingDays": "Keep waiting for a contact",
    "startDate": "Start date",
    "activitiesEnabled": "Activity log",
    "activityScore": "Lead score per view",
    "scoreByPercent": "Less score when less was watched",
    "formsEnabled": "Forms",
    "formPolicy": "Which form",
    "formScore": "Lead score per form",
    "formFilters": "The minimum and the projects hold for forms too",
    "notifyUsers": "Users to notify",
    "retentionDays": "Keep views here",
    "maveraJobs": "Jobs",
    "maveraMaxCredits": "Most credits for one run",
    "maveraWorkspaceId": "Workspace",
    "followupPercent": "Draft a follow-up from",
    "followupTodo": "Follow-up drafts as to-dos in Upsales",
    "generateAppId": "Generation app",
    "ctaEngine": "Who compares calls to action",
}
"""What each setting is called on its page, in its history and in What if."""

UNITS: Mapping[str, str] = {
    "activityMinPercent": "%",
    "waitingDays": "days",
    "retentionDays": "days",
    "followupPercent": "%",
    "maveraMaxCredits": "credits",
}
CHOICES: Mapping[str, Mapping[str, str]] = {
    "identity": {"turnstile": "E-mail left in a Turnstile", "any": "Any known e-mail"},
    "formPolicy": {
        "single": "One single form",
        "project": "One per project",
        "video": "One per video",
    },
    "maveraJobs": {
        "personas": "Who is watching",
        "dropoff": "Where viewers leave",
        "cta": "Calls to action",
        "brand-voice": "Your voice",
        "followup": "Follow-up drafts",
    },
    "ctaEngine": {
        "panel": "A panel of personas",
        "focus-group": "A focus group, 50 to 200 credits",
    },
}
HELP: Mapping[str, str] = {
    "activityMinPercent": "Views of which less was watched are left out.",
    "identity": "The safe choice. “Any known e-mail” also takes tagged mail links.",
    "activityProjects": "Choose none to take all projects, also new ones.",
    "domainMatching": (
        "The view is then written on the company, without a trace of who watched. Free-mail and "
        "your own domain never match."
    ),
    "ignoredDomains": "Never matched to a company. Separate with commas.",
    "notOwnDomains": (
        "A domain that two or more of your Upsales users have counts as your own. Name those here "
        "that are not."
    ),
    "waitingDays": "Whoever is not in Upsales yet is written when the contact appears.",
    "startDate": "Nothing older is written.",
    "activityScore": "0 would hide the entries in Upsales.",
    "scoreByPercent": "A view of 83% then gets {part} of {whole}.",
    "formScore": "Below 1 Upsales notifies nobody of a submit.",
    "formPolicy": "Made when first needed, and never twice.",
    "notifyUsers": (
        "Told when something needs you, once a day for each cause, and when it is well again."
    ),
    "retentionDays": "1 to 3,650.",
    "maveraJobs": "Only totals leave for Mavera, and ids that mean nothing elsewhere.",
    "maveraMaxCredits": "A run stops there and keeps what is done.",
    "maveraWorkspaceId": "Only when your key has several.",
    "followupPercent": "Drafts are kept here, never sent.",
    "followupTodo": "For the account manager.",
    "generateAppId": "Only when Mavera gave you one.",
}
DOMAINS_LINK = "How each domain is classed"

# Projects.
FIND_PROJECT = "Find a project"
VIDEOS = ("video", "videos")
CHOSEN = "{n} of {all} chosen. {help}"
GONE_PROJECT = "A project that Wistia no longer shows ({id})"
NO_PROJECTS = "Connect Wistia first: the projects are read with the API token."
PROJECTS_AWAY = "Wistia does not answer just now. These are the projects of the videos we know."

# Users.
USER = "User {id}"
NUMBERS = "Their numbers in Upsales, with commas between them."

# Credentials.
SAVED_BY = Markup("Saved {when} by {who}. It is never shown again.")
SAVED_THERE: Mapping[str, Markup] = {
    "": Markup("Saved {when}. It is never shown again."),
    "command line": Markup("Saved {when} on the command line. It is never shown again."),
    "from Upsales": Markup("Saved {when} from Upsales. It is never shown again."),
}
NOT_SAVED: Mapping[str, str] = {
    "wistiaApiPassword": (
        "In Wistia under Account, Settings, API Access. It needs “Read all folder and media data” "
        "and “Read detailed stats”, no more."
    ),
    "wistiaPublicToken": "Only for Wistia’s heat maps inside Upsales.",
    "maveraApiKey": "For the enrichment jobs; none run without.",
}
REPLACE = "Replace"
GIVE = "Give one"
NEW: Mapping[str, str] = {
    "wistiaApiPassword": "New API token",
    "wistiaPublicToken": "New public token",
    "maveraApiKey": "New Mavera key",
}
WEBHOOK_SAYS = (
    "It makes views appear within seconds; runs find every view without it. In Wistia open "
    "Account, Webhooks. Paste this address and this secret. Tick {events}."
)
WEBHOOK_ADDRESS = "Address"
WEBHOOK_SECRET = "Secret, shown this once"  # noqa: S105
WEBHOOK_OFF = "off"
WEBHOOK_WAITS = "Waiting for the first signed event"
WEBHOOK_ON = Markup("First signed event {when}")
WEBHOOK_ON_SINCE = Markup("on; first signed event {when}")
MAKE_SECRET = "Make a secret"  # noqa: S105
MAKE_ANOTHER = "Make another secret"
ANOTHER_SAYS = "Events signed with the present one are then refused, until Wistia has the new one."
OLD_HOLDS = "The old one stays in use until the new one works and is saved."
CHECK = "Check"
CHECK_NOW = "Check now"
CHECKING = "Checking…"
PASTE_AGAIN = "Paste it once more to save it."
TOO_OLD = "Works, but is {n} days old. Time for a new one."
WORKED = Markup("Worked in the run of {when}")
REFUSED_IN_RUN = Markup("Refused in the run of {when}")
NOT_TRIED = "Not tried yet"

# A field.
NOW_SAVED = "Saved: {value}. Not saved yet."
DIFFERS = "differs from Upsales"
UPSALES_HAS = "Upsales has {value}."
USE = "Use {value}"
EMPTY = "Give a value."
CAME_AS = "It came from Upsales as “{value}”, which cannot be read. We go on with {kept}."
CAME_AS_BLOCKING = (
    "It came from Upsales as “{value}”, which cannot be read. Nothing is written until it is "
    "corrected: look at the value here and save."
)

# Words of values.
ON, OFF = "on", "off"
NONE = "none"
ALL_PROJECTS = "all projects"

# What if?
WHAT_IF = "What if?"
NOT_SAVED_TAG = "Not saved"
IS_NEW = "new"
INVITES = (
    "Move a setting and see here which views would come and go. Nothing is saved until you press "
    "Save."
)
WITHOUT_EFFECT = "Nothing changes for the {views}."
STORED = ("stored view", "stored views")
NOW, THEN = "Now", "Then"
TILES: Mapping[str, str] = {"activity": "Activities", "form": "Forms", "lost": "Lost"}
ROWS: Mapping[str, str] = {
    "matched": "Match a contact or company",
    "watched": "Watched enough",
    "project": "In a chosen project",
    "writes": "To write at the next run",
}
OF_TARGET: Mapping[str, tuple[str, str]] = {
    "activity": ("activity", "activities"),
    "form": ("form", "forms"),
}
LISTS: Mapping[str, str] = {
    "gained": "{n} gained",
    "lost": "{n} lost",
    "unknown": "{n} not known yet",
}
LOOK_UP = (
    "It needs a look-up in Upsales; the next run tells.",
    "{n} need a look-up in Upsales; the next run tells.",
)
MORE = "and {n} more"
SOMEONE = "{company}, “Someone”"
SETTLING = "still watching"
AFTER_FORM = "after the form"
NO_NAME = "No e-mail left"
LEAD_SCORE = "Lead score: {points} on {companies}."
COMPANIES = ("company", "companies")
EXACTLY = Markup("This is exactly what the next run{at} does with these views.")
AT = Markup(" at {when}")
LATER = "{n} of the gained wait for the end of the viewing, or for the form’s contact."
CORRECT_FIRST = "Correct what is marked in red; then this shows what the change would do."
SHOW = "Show what would change"
SAVE = "Save settings"
SAVE_SHORT = "Save"
DISCARD = "Discard"
WHO = "Who?"
ASK_LOSE = "Save and leave out {views}?"
ASK_OFF = "Save and switch {what} off?"
ASK_SAYS = "What is in Upsales already stays there."
YES_LOSE = "Save and leave them out"
YES_OFF = "Save and switch it off"
TO_USERS = "to {users}, once a day for each cause"
TO_NOBODY = "to nobody"
KEPT_FOR = "views {n} days"
JOBS_ON = ("key saved, {n} job on", "key saved, {n} jobs on")
NO_KEY = "no key"
DOCK = "{activity}, {form}, {lost} lost"
THE_LOG, THE_FORMS = "the activity log", "forms"
VIEWS = ("view", "views")

# The sentence that is heard.
SENTENCE = "{gained} gained, {lost} lost."
NONE_LOST = "none"
UNKNOWN = " {n} not known before a look-up."
NOTHING = "Nothing changes."
NO_GAIN = "Nothing"
AND = " and "

# After saving.
DONE = Markup("Saved as version {n}. {next}")
USES_IT_AT = Markup("The next run at {when} uses it.")
USES_IT = "The next run uses it."
UNDO = "Undo"
NOT_CHANGED = "Nothing was changed, so nothing was saved."
OVERTAKEN = Markup(
    "{who} saved version {n} at {when}. Your change is kept below; look at both and save again."
)
WRONG = "Nothing was saved. Correct what is marked in red."
KEPT_OLD = "Nothing was saved. The old token stays in use until the new one works."
BACK_TO = "These are the values of version {n}. Look at what they would do, and save."
