"""What the tests of Mavera's client and sandbox ask for."""

from __future__ import annotations

from upsales_wistia.clients.mavera_drafts import (
    BrandVoiceDraft,
    Draft,
    FocusGroupDraft,
    GenerationDraft,
    MaveDraft,
    PersonaDraft,
    Question,
    ResponseDraft,
    SourceDocument,
)
from upsales_wistia.sandbox.mavera_desk import PERSONAS

ANALYST, BUYER, EXECUTIVE = (str(PERSONAS[number]["id"]) for number in (0, 3, 4))
LABEL = "uw-4711-test-1"

MATCH = {
    "type": "object",
    "properties": {
        "persona_id": {"type": "string", "enum": [BUYER, EXECUTIVE]},
        "rationale": {"type": "string"},
        "confidence": {"type": "number"},
    },
}
PROMPT = "Twelve viewers watched demos to the end, again and again: 83% of “How it works”."
MESSAGE = """Viewers leave at these places:
- at 1:40, 20 % of them; spoken there: "Now to the price."
- at 3:05, 12 % of them; spoken there: "Any questions?"

Answer with a JSON block such as
```json
{"edits": [{"at": 12.5, "edit": "…", "why": "…"}]}
```
"""


def response(label: str = LABEL, prompt: str = PROMPT) -> ResponseDraft:
    return ResponseDraft(label, ANALYST, prompt, "match", MATCH)


def mave(label: str = LABEL, message: str = MESSAGE, thread_id: str = "") -> MaveDraft:
    return MaveDraft(label, message, thread_id)


def group(label: str = LABEL) -> FocusGroupDraft:
    text = "Which one would you follow? Book a visit: 12 % did. Read more: 24 % did."
    which = Question(text, "choice", ("Book a visit", "Read more"))
    return FocusGroupDraft(label, [BUYER, EXECUTIVE], [which], 20)


def persona(label: str = LABEL) -> PersonaDraft:
    return PersonaDraft(label, "Watches everything to the end.")


def generation(label: str = LABEL) -> GenerationDraft:
    fields = {"topic": "How it works", "context": "Watched 83 %, twice"}
    return GenerationDraft(label, "follow_up_email", fields)


def voice(document: SourceDocument, label: str = LABEL) -> BrandVoiceDraft:
    return BrandVoiceDraft(label, "E-mails to those who watched", [document])


PAID: dict[str, Draft] = {
    "respond": response(),
    "ask_mave": mave(),
    "create_group": group(),
    "create_persona": persona(),
    "generate": generation(),
}
"""Each paid operation of the sandbox that needs nothing made before, and a draft for it."""
