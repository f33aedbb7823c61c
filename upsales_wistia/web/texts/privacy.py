"""The words of erasing a person, and of exporting what is kept."""

from __future__ import annotations

from markupsafe import Markup

ERASE = "Erase a person"
ERASE_LEAD = (
    "Removes the e-mail, name and browser from everything kept here. The person stays forgotten: "
    "no later view of theirs is kept."
)
EMAIL = "E-mail"
LOOK = "Continue"
LOOK_SAYS = (
    "First you see what is kept. If that is nothing, the address goes on the list of people who "
    "stay forgotten right away."
)
PLACEHOLDER = "name@company.com"
NOT_AN_ADDRESS = "This is not an e-mail address. Write it whole, as name@company.com."

FOUND_OF = Markup("Kept of {who}")
ALSO = "Also delete the {activities} in Upsales"
THE_ACTIVITY = "activity"
THE_ACTIVITIES = "{n} activities"
ERASE_IT = "Erase"
CANCEL = "Cancel"
NO_WAY_BACK = "This cannot be taken back. What Wistia still has can be read again if you allow it."

UNFORGET = "Let somebody come again"
UNFORGET_SAYS = (
    "For a person who was erased, left an e-mail again and wants to be known. What Wistia still "
    "tells of them comes with the next run."
)
UNFORGET_IT = "Take off the list"
LIFTED = Markup("{who} is no longer on the list. Their views are kept again from the next run on.")
NOT_ON_IT = Markup("{who} is not on the list of people who stay forgotten.")
STAY = ("person stays forgotten.", "people stay forgotten.")

CERTIFICATE = "Erased"
ERASED_WHO = Markup("{who} is erased, and stays forgotten.")
ERASED = "The person is erased, and stays forgotten."
UNKNOWN = Markup("We keep nothing about {who}. It is now on the list of people who stay forgotten.")
UNKNOWN_SOMEBODY = (
    "We keep nothing about this person. The address is now on the list of people who stay "
    "forgotten."
)
WAITS = "Waiting for the run that is going on"
WAITS_SAYS = "Everything here is erased as soon as it ends. You may leave this page."
DELETING = "Erased here. Deleting in Upsales"
REMOVED = "Removed"
REMAINS = "What stays elsewhere"
NUMBER = Markup("Erasure {n}, asked for by {who} {when}.")
AS_TEXT = "As text"
BACK = "Erase somebody else"

EXPORT = "Export what is kept"
EXPORT_LEAD = (
    "All that is kept on a person, in one file: views, e-mails left, what was written to Upsales, "
    "drafts. The file is JSON, which people and programs can read."
)
EXPORT_IT = "Export"
NOTHING_KEPT = Markup("We keep nothing about {who}.")
STAYS_FORGOTTEN = Markup("{who} was erased and stays forgotten. Nothing is kept.")
