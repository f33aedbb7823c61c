"""The words of the page of viewers' domains."""

from __future__ import annotations

from collections.abc import Mapping

from markupsafe import Markup

HEADING = "Domains"
LEAD = (
    "A viewer whose e-mail is not a contact’s is matched by domain, as Upsales does it for forms."
)
MATCHING_OFF = Markup(
    "Matching by domain is off, so only contacts are found. "
    '<a href="{address}">See what turning it on would do</a>'
)
EMPTY = "No domains yet: they come with the first e-mails."
NONE_BEGINS = Markup("No viewer has a domain that begins with {text}.")
FIND_LABEL = "Domain"
FIND = "Find"
ALL = "All domains"
SHOWN = ("domain", "domains")
NEXT = "Show the next"

COLUMNS = ("Domain", "Class", "Why", "Views", "Goes to", "Say otherwise")

CLASSES: Mapping[str, str] = {
    "company": "Company",
    "free_mail": "Free-mail",
    "disposable": "Throw-away",
    "own_domain": "Your own",
    "ignored_domain": "Ignored",
    "nobody": "Nobody has it",
    "unasked": "Not looked up yet",
    "needless": "Contacts",
}
WHY: Mapping[str, Markup] = {
    "company": Markup("{contacts} at {company}"),
    "several": Markup(
        "{company}, of {n}: furthest journey step, then a planned activity, then the oldest"
    ),
    "free_mail": Markup("Anybody can have an address there"),
    "disposable": Markup("It gives out throw-away addresses"),
    "own_domain": Markup("{users} it"),
    "ignored_domain": Markup("By {who}, {at}"),
    "ignored_long": Markup("It is on your list of ignored domains"),
    "nobody": Markup("No contact in Upsales has an address there"),
    "unasked": Markup("The next run asks Upsales"),
    "needless": Markup("Not looked up: its viewers are contacts, or left out"),
}
CONTACTS = ("contact", "contacts")
USERS = ("Upsales user has", "Upsales users have")
NOT_OWN = Markup("Not your own, says {who}: {users} it")
BELOW = Markup("Also ignored: {domains}")
TO_CONTACTS = "contacts only"
OTHERS_WAIT = "Whoever is no contact waits."

CHOICES: Mapping[str, str] = {
    "classed": "As classed",
    "ignore": "Ignore",
    "not_own": "Not our own",
}
CHOICE_OF = "{domain}: what it is to you"
WHAT_IF = "What if?"
WHAT_IF_SAYS = (
    "“What if?” shows in Settings which views would come and go. Nothing is saved before you press "
    "Save there."
)
