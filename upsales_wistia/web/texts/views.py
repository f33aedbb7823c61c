"""The words of the list of views."""

from __future__ import annotations

from collections.abc import Mapping

from markupsafe import Markup

HEADING = "Views"
DOWNLOAD = "Download as CSV"
OLDER_VIEWS = "Fetch older views"

SEARCH_FOR = "E-mail, name, video or session"
PROJECT = "Project"
ALL_PROJECTS = "All projects"
FROM = "From"
TO = "To"
FIND = "Find"
ALL = "All"
ONLY = "Only"
TAKE_AWAY = "Take away"

COLUMNS = ("When", "Viewer", "Video", "Watched", "Activity log", "Form")
NO_EMAIL = "No e-mail left"
SESSION = "session …{end}"
DOMAIN_KNOWN = "no contact, domain known"
NO_TITLE = "Video without a name"

NEWER = "Newer"
OLDER = "Older"
SHOWN = "{first} to {last} of {total}, newest first"
NONE_SHOWN = "No view"

NOTHING = "No view matches. Take away a filter, or search a longer time."
NOTHING_OF = Markup("Wistia has sent no view of {text} since {since}.")
NOTHING_WHY = (
    (
        "Views by people signed in to Wistia, from filtered addresses and from podcast apps never "
        "reach us."
    ),
    "A view can take {late} to arrive.",
)
NOTHING_OLDER = "For older ones use Fetch older views."
A_WHILE = "an hour"
NEVER_ANY = "No views yet. The first run reads the last {days} days."

IN_LISTS: Mapping[str, str] = {
    "no_email": "no e-mail",
    "email_not_turnstile": "known another way",
    "not_an_email": "not an address",
    "unknown": "not in Upsales yet",
    "free_mail": "free-mail, no contact",
    "disposable": "throw-away address",
    "own_domain": "your own domain",
    "ignored_domain": "ignored domain",
    "matching_off": "matching by domain is off",
    "form_first": "after the form",
    "waited_out": "waited {days} days",
    "ignored_viewer": "ignored by {by}",
    "below_minimum": "under your {minimum}%",
    "other_project": "project {project}",
    "project_unknown": "project unknown",
    "before_start": "before your start date",
    "undone": "taken back",
    "registered": "{done}",
    "settling": "about {over}",
    "written": "{place}",
    "retry": "again {retry}",
    "parked": "needs you",
    "uncertain": "asked {check}",
    "uncertain_you": "needs you",
    "off": "",
}
"""A few words for each reason code, beside the state."""

SOMEONE = "{company}, “Someone”"
SOMEBODY = "somebody"
NEXT_RUN = "with the next run"
SOON = "soon"

PASSED: Mapping[str, str] = {
    "turnstile": "left an e-mail",
    "matched": "match somebody in Upsales",
    "watched": "watched enough",
    "project": "in a chosen project",
    "new": "new",
}
"""What views did that got through a stage."""

FILTERS: Mapping[str, str] = {
    "viewer": "{text}",
    "contact": "contact {text}",
    "run": "the run of {text}",
    "version": "written under settings version {text}",
    "video": "{text}",
    "domain": "{text}",
    "code": "{text}",
    "passed": "{text}",
}
"""Filters that have no field of their own, as a person names them."""

CSV_COLUMNS = (
    "When ({zone})",
    "Name",
    "E-mail",
    "Video",
    "Project",
    "Watched %",
    "Activity log",
    "Activity log: why",
    "Form",
    "Form: why",
    "Page",
    "Session",
)
