"""The words of the Waiting room."""

from __future__ import annotations

from collections.abc import Mapping

from markupsafe import Markup

HEADING = "Waiting room"
HEADLINE = "{views} by {people}"
ONE_WAITS = "waits"
MORE_WAIT = "wait"
SAYS = "Each is written by itself, with its original time, as soon as the contact is in Upsales."
ONE_SAYS = "It is written by itself, with its original time, as soon as the contact is in Upsales."
EMPTY = "Nobody is waiting"
EMPTY_SAYS = (
    "Whoever leaves an e-mail in a video and is not in Upsales yet is shown here, until the "
    "contact is there."
)
OFF_SAYS = "The activity log is switched off, so no contact is waited for."
FORMS_TOO = "Ignoring a viewer is for the activity log. Forms are sent all the same."

GROUPS: Mapping[str, str] = {
    "unknown": "Not in Upsales",
    "free": "Free-mail",
    "own": "Your own domain",
    "other": "Other",
}
IGNORED = "Ignored"
IGNORED_SAYS = "Their views are left out of the activity log, those to come too."

COLUMNS = ("Viewer", "Videos", "Waits", "Why no company")
IGNORED_COLUMNS = ("Viewer", "Views left out", "Ignored")
ACTS = "What you can do"
SINCE = Markup("since {since}")
UNTIL = Markup("until {until}")
MORE = "and {n} more"
NO_TITLE = "Video without a name"

NOT_ASKED = Markup("Not looked up in Upsales yet: the next run does.")
REASONS: Mapping[str, Markup] = {
    "unknown": Markup("No contact has an address at {domain}."),
    "free_mail": Markup("{domain} is free-mail, which says nothing about a company."),
    "disposable": Markup(
        "{domain} gives out throw-away addresses. Most likely there is nothing to do."
    ),
    "own_domain": Markup("{domain} is your own: {users} of your Upsales users have it."),
    "ignored_domain": Markup("{domain} is on your list of ignored domains."),
    "matching_off": Markup("Matching by domain is off, so {domain} is not looked for."),
    "form_first": Markup(
        "A company with {domain} is known. The form was sent, and Upsales may make the contact of "
        "it; nothing to do."
    ),
}
NOT_YOURS = Markup('<a href="{address}">Not yours?</a>')
OFF_THE_LIST = Markup('<a href="{address}">Take it off the list</a>')
GUESS = Markup("Did they mean {domain}? {contacts}.")
HAVE_IT = ("contact has it", "contacts have it")
AT_LEAST = "At least {contacts}"
WRITTEN_ON = Markup("on {place}")

ADD = "Add in Upsales"
IGNORE = "Ignore"
UNDO = "Undo"
TAKE_BACK = "Take it back"
OLDER = "Show the next"
BACK = "All who wait"
LOOK_AGAIN = "Look again"
TOLD = Markup("{who}: written to Upsales.")

BY = Markup("by {who}, {at}")
RESULTS: Mapping[str, Markup] = {
    "ignore": Markup("{email} is ignored. {views}."),
    "back": Markup("{email} is not ignored any more. {views}."),
    "already": Markup("{who} ignored {email} {at} already. Nothing was changed."),
    "not": Markup("{email} is not ignored. Nothing was changed."),
}
LEFT_OUT = ("view is left out", "views are left out")
NONE_LEFT_OUT = "No view waits for them"
COME = "The next run looks at the views again"
