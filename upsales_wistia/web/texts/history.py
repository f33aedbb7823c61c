"""The words of the history of settings."""

from __future__ import annotations

from markupsafe import Markup

HEADING = "History of settings"
LEAD = "Who changed what, and a way back."
COLUMNS = ("Version", "When", "Who", "What", "Written under it")
VERSION = "Version {n}"
IN_FORCE = "in force"
FIRST = "The first settings"
REPLACED = "{what} replaced"
UNREADABLE = "{what} could not be read"
READABLE = "What could not be read was corrected"
ADDED = "{what}: {items} added"
TAKEN_OUT = "{what}: {items} taken out"
NOTHING = "nothing"
COMPARE = "Compare"
BACK = "Go back to this"
OLDER = "Older"
NEWEST = "Newest"
EMPTY = "No settings were saved yet."

COMPARED = "Version {n} and now"
SAVED = Markup("Saved {when} by {who}.")
DIFFERS = "What differs from version {n}, which is in force:"
SAME = "It has the same settings as version {n}, which is in force."
SETTING, NOW = "Setting", "Now"
BECAME = "became"
AND = " and "
