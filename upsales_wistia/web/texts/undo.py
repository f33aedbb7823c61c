"""The words of taking back what was written."""

from __future__ import annotations

HEADING = "Take back what was written"
OF_RUN = "What the run of {started} wrote"
OF_VERSION = "What was written under version {n} of the settings"
OF_VIEW = "The entry of one view"
ACTIVITIES = ("activity", "activities")
SAYS = "Takes back {what} in Upsales."
FORMS = "{what} submitted too and cannot be taken back."
FORMS_WERE = ("form was", "forms were")
CHECKED = "{what} being checked and stays as it is."
CHECKED_ARE = ("is", "are")
PROMISE = "Nothing of it is written again until you ask."
TAKE = "Take back {what}"
GOING = "Taking back {n} of {of}"
WAITS = "It goes on by itself: {reason}"
CANNOT = "It could not go on."
GO_ON = "Go on"
DONE = "{n} taken back."
REFUSED = "{n} could not be taken back and stay in Upsales:"
ANSWERED = "Upsales answered “{answer}”"
ALREADY = "Already taken back on {date}."
NOTHING = "Nothing of it is in Upsales, so there is nothing to take back."
CHOOSE = "Open a run, or a version of the settings, to take back what it wrote."
AGAIN = "Write them again"
AGAIN_DONE = "{what} written again with the next run."
AGAIN_ARE = ("activity is", "activities are")
BUSY = "Something else is being taken back just now. Wait until it has ended."
THIS_RUN = "Undo this run"
THIS_VERSION = "Undo what it wrote"
THIS_VIEW = "Take back"
