"""The words of fetching older views."""

from __future__ import annotations

from collections.abc import Mapping

HEADING = "Fetch older views"
LEAD = "Views from before the app, or from a long outage. Nothing is written before you say so."
FROM, TO = "From", "To"
FORMS = "Forms too (each is a new submit)"
DAYS = "Whole days, in UTC. Wistia keeps views for two years: from {oldest}."
LOOK = "Show what would happen"
OTHER = "Choose other days"

OF_DAYS = "{since} to {until}"
NOW = "now"

CREATE = "Create"
THERE = "Already there"
WATCHING = "Still watching"
LEFT_OUT = "Left out"
WAITING = "Waiting"
CREATED = "Created"
AGAIN = "Tries again"
FAILED = "Failed"
CHECKED = "Being checked"
TARGETS: Mapping[str, str] = {"activity": "Activity log", "form": "Forms"}
ACTIVITIES = ("activity", "activities")
SUBMITS = ("form", "forms")
WRITE = "Write {what}"
AND = " and "
NOTHING = "Nothing would be written."
POINTS = "Lead score: +{points} on {companies}."
COMPANIES = ("company", "companies")
MORE = "and {n} more"
TIME = "About {time}, because Upsales takes {limit}; the {minutes}-minute runs stay on time."
LIMIT_HOUR, LIMIT_SECOND = "4,500 entries an hour", "3 entries a second"
WHY = "Left out, by reason"

LOOKING = "Looking at older views"
WRITING = "Writing older views"
DAY = "Day {n} of {days}: {day}."
COUNTING = "All days are read. Looking people up in Upsales and counting."
SO_FAR = "Written so far: {what}."
LEFT = "About {time} left."
TOLD = "{tenths}% of the days are done."
PAUSE, STOP, GO_ON = "Pause", "Stop", "Go on"
PAUSING = "It pauses after the write that it is making."
STOPPING = "It stops after the write that it is making."
PAUSED = "Paused after {day}."
PAUSED_AT_ONCE = "Paused before the first day."
CANNOT = "It could not go on."
WAITS = "It goes on by itself: {reason}"
QUICK = "Less than a minute; the {minutes}-minute runs stay on time."
LEFT_AT_ONCE = "Less than a minute left."

DONE = "{days}: {what} written"
STOPPED = "Stopped. What was written stays; what was not is taken back."
OLDER = "Earlier fetches"
COLUMNS = ("Asked for", "Days", "By whom", "Written")
RESULT = "Result"
UNDER_WAY = "under way"
NONE_WRITTEN = "nothing"
