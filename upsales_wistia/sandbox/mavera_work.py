"""What the sandbox's Mavera makes for credits; each refuses a body that lacks what it needs."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from .mavera_desk import Desk
from .mavera_notes import Notes
from .mavera_pen import compose, from_example, letter, schema_of, subjects
from .mavera_store import words_of

Body = Mapping[str, Any]

COSTS: Final = {
    "respond": 3,
    "complete": 3,
    "ask_mave": 25,
    "create_persona": 300,
    "create_group": 60,
    "create_voice": 50,
    "generate": 12,
}
MOST_INPUT: Final = 100_000
_LABEL: Final = re.compile(r"\s*Reference: (\S+)")
_PHRASE: Final = re.compile(r"[^.!?,;:\n]+")


class RefusedError(Exception):
    """A body that is not taken: status, code and the field it is about."""

    def __init__(self, code: str, param: str = "", status: int = 400) -> None:
        super().__init__(code)
        self.code, self.param, self.status = code, param, status


@dataclass(frozen=True, slots=True)
class Job:
    """One paid piece of work: whose, what was asked, when, and which misbehaviours."""

    desk: Desk
    body: Body
    moment: str
    unix: int
    faults: frozenset[str]
    stored: Callable[[str], bytes | None]

    def text(self, name: str, least: int = 1) -> str:
        """A text of the body. Raises RefusedError when it lacks it."""
        value = self.body.get(name)
        if not isinstance(value, str) or len(value.strip()) < least:
            raise RefusedError("invalid_field" if name in self.body else "missing_field", name)
        return value

    def persona(self, persona_id: Any) -> dict[str, Any]:
        """One of the personas. Raises RefusedError."""
        found = next((p for p in self.desk.personas if p["id"] == persona_id), None)
        if found is None or "unknown_persona" in self.faults:
            raise RefusedError("invalid_persona", "persona_id")
        return found

    def notes(self, text: str, speaker: str = "") -> Notes:
        """What a prompt tells; ids of personas stand for what the personas are."""
        meanings = {p["id"]: f"{p['name']} {p['description']}" for p in self.desk.personas}
        return Notes(text, meanings, speaker)


def label_of(operation: str, body: Body) -> str:
    """What a call is known by: its name, label or title, or the first line of its text."""
    named = {"create_persona": "name", "create_group": "name", "create_voice": "label"}
    if operation in named or operation == "generate":
        return str(body.get(named.get(operation, "title")) or "")
    text = str(body.get("input") or body.get("message") or _last_message(body))
    found = _LABEL.match(text)
    return found[1] if found else text[:60]


def respond(job: Job) -> dict[str, Any]:
    """A persona's answer, in the reference's shape."""
    prompt = job.text("input")
    text = _persona_text(job, prompt, job.body.get("text"))
    part = {"type": "output_text", "text": text}
    item = {"id": job.desk.number("msg"), "type": "message", "role": "assistant"}
    return {
        "id": job.desk.number("resp"),
        "object": "response",
        "created_at": job.unix,
        "status": "completed",
        "model": "mavera-1",
        "output": [{**item, "status": "completed", "content": [part]}],
        "usage": {"input_tokens": 1, "output_tokens": 1, "total_tokens": 2, **_cost("respond")},
    }


def complete(job: Job) -> dict[str, Any]:
    """A persona's answer, in the older shape."""
    format_ = job.body.get("response_format")
    shape = format_.get("json_schema") if isinstance(format_, Mapping) else None
    wanted = {"format": {"type": "json_schema", **shape}} if isinstance(shape, Mapping) else None
    return in_older_shape(_persona_text(job, _last_message(job.body), wanted), job)


def in_older_shape(text: str, job: Job) -> dict[str, Any]:
    """An answer as the older pages have it."""
    message = {"role": "assistant", "content": text}
    return {
        "id": job.desk.number("chatcmpl"),
        "object": "chat.completion",
        "created": job.unix,
        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
        "usage": _cost("complete"),
    }


def ask_mave(job: Job) -> dict[str, Any]:
    """The agent's answer; it is kept in a thread."""
    message = job.text("message")
    thread = _thread(job)
    before = [told["content"] for told in thread["messages"] if told["role"] == "user"]
    notes = job.notes("\n\n".join([*before, message]))
    if notes.example:
        _check_told(notes, schema_of(notes.example), "message")
    data = from_example(notes)
    text = f"What I would change, from what you tell:\n\n{notes.subject.said}"
    if data is not None:
        text += f"\n\n```json\n{json.dumps(data, ensure_ascii=False, indent=1)}\n```"
    if "clarifying" in job.faults:
        text = "Before I begin: which audience do you make this video for?"
    text = spoilt(text, job.faults)
    thread["messages"] += [
        {"id": job.desk.number("m"), "role": "user", "content": message, "created_at": job.moment},
        {"id": job.desk.number("m"), "role": "assistant", "content": text},
    ]
    thread["credits_used"] += COSTS["ask_mave"]
    thread |= {"updated_at": job.moment, "message_count": len(thread["messages"])}
    job.desk.threads[thread["id"]] = thread
    return {
        "id": thread["messages"][-1]["id"],
        "object": "mave_message",
        "thread_id": thread["id"],
        "role": "assistant",
        "content": text,
        "sources": [{"title": "Where viewers leave", "url": "https://example.com", "domain": "e"}],
        "personas_used": [],
        "usage": _cost("ask_mave"),
        "created_at": job.moment,
    }


def create_persona(job: Job) -> dict[str, Any]:
    """A custom persona of the simplest kind."""
    name, described = job.text("name", 2), job.text("description")
    if job.body.get("pipeline_type") not in ("north_star", "intermediate", "advanced"):
        raise RefusedError("invalid_field", "pipeline_type")
    if any(persona["name"] == name for persona in job.desk.personas):
        raise RefusedError("invalid_field", "name", 422)
    made = {
        "id": job.desk.number("clxcustom").replace("_", ""),
        "object": "custom_persona",
        "name": name,
        "category": "Custom",
        "description": described,
        "is_custom": True,
        "is_expert": False,
        "created_at": job.unix,
        "credits_charged": COSTS["create_persona"],
    }
    job.desk.personas.append(made)
    return made


def create_group(job: Job) -> dict[str, Any]:
    """A focus group; its results are worked out now and told when it is done."""
    name, workspace = job.text("name"), job.text("workspace_id")
    wanted, questions = job.body.get("persona_ids"), job.body.get("questions")
    sample = job.body.get("sample_size")
    if not isinstance(wanted, list) or not 1 <= len(wanted) <= 10:
        raise RefusedError("invalid_field", "persona_ids")
    personas = [job.persona(one) for one in wanted]
    if not isinstance(questions, list) or not 1 <= len(questions) <= 20:
        raise RefusedError("invalid_field", "questions")
    if not isinstance(sample, int) or sample < 10:
        raise RefusedError("invalid_field", "sample_size")
    results = [_result(job, question, personas, sample) for question in questions]
    made = {
        "id": job.desk.number("fg"),
        "object": "focus_group",
        "name": name,
        "workspace_id": workspace,
        "status": "pending",
        "results": {"summary": results[0]["summary"], "questions": results},
        "created_at": job.moment,
    }
    job.desk.groups[str(made["id"])] = made
    return {key: value for key, value in made.items() if key != "results"}


def create_voice(job: Job) -> dict[str, Any]:
    """A brand voice of the uploaded documents; what they repeat becomes its phrases."""
    label, context = job.text("label", 2), job.text("usage_context", 10)
    documents = job.body.get("documents")
    if not isinstance(documents, list) or not documents:
        raise RefusedError("missing_field", "documents")
    contents = [job.stored(str(d.get("url"))) for d in documents if isinstance(d, Mapping)]
    if len(contents) < len(documents) or any(content is None for content in contents):
        raise RefusedError("invalid_field", "documents")
    words = "\n".join(words_of(content or b"") for content in contents)
    phrases = _repeated(words)
    made: dict[str, Any] = {
        "id": job.desk.number("bv"),
        "object": "brand_voice",
        "label": label,
        "usage_context": context,
        "status": "pending",
        "workspace_id": job.body.get("workspace_id", "ws_main"),
        "created_at": job.moment,
        "updated_at": job.moment,
        "done": _profile(phrases, words),
    }
    job.desk.voices[made["id"]] = made
    return {key: value for key, value in made.items() if key != "done"}


def generate(job: Job) -> dict[str, Any]:
    """A text by an app, out of its fields and of the brand voice."""
    app = next((a for a in job.desk.apps if a["id"] == job.body.get("app_id")), None)
    if app is None:
        raise RefusedError("invalid_field", "app_id")
    given = job.body.get("input_data")
    fields = {field["name"]: field.get("required") for field in app["input_fields"]}
    if not isinstance(given, Mapping) or not set(given) <= set(fields):
        raise RefusedError("invalid_field", "input_data")
    lacking = [name for name, needed in fields.items() if needed and not given.get(name)]
    if lacking:
        raise RefusedError("missing_field", f"input_data.{lacking[0]}")
    voice = job.desk.voices.get(str(job.body.get("brand_voice_id")))
    if job.body.get("brand_voice_id") and voice is None:
        raise RefusedError("invalid_field", "brand_voice_id")
    told = job.notes("\n".join(str(value) for value in given.values()))
    output = spoilt(_letter(given, voice, told), job.faults)
    made = {
        "id": job.desk.number("gen"),
        "object": "generation",
        "title": job.body.get("title") or app["name"],
        "app": {"id": app["id"], "name": app["name"], "category": app["category"]},
        "input_data": dict(given),
        "output": output,
        "content_type": "markdown",
        "usage": {"total_tokens": 2, **_cost("generate")},
        "created_at": job.moment,
    }
    job.desk.generations[str(made["id"])] = made
    return made


WORK: Final[dict[str, Callable[[Job], dict[str, Any]]]] = {
    "respond": respond,
    "complete": complete,
    "ask_mave": ask_mave,
    "create_persona": create_persona,
    "create_group": create_group,
    "create_voice": create_voice,
    "generate": generate,
}


def spoilt(text: str, faults: frozenset[str]) -> str:
    """The text, or what a fault makes of it."""
    if "empty" in faults:
        return ""
    return text[: len(text) // 2] if "malformed" in faults else text


def _persona_text(job: Job, prompt: str, wanted: Any) -> str:
    if job.body.get("model") != "mavera-1":
        raise RefusedError("invalid_model", "model")
    if not prompt.strip() or len(prompt) > MOST_INPUT:
        raise RefusedError("invalid_field", "input")
    speaker = str(job.persona(job.body.get("persona_id"))["name"])
    format_ = wanted.get("format") if isinstance(wanted, Mapping) else None
    if not isinstance(format_, Mapping) or not isinstance(format_.get("schema"), Mapping):
        return spoilt(job.notes(prompt).subject.said, job.faults)
    notes = job.notes(prompt, speaker)
    _check_told(notes, format_["schema"], "input")
    data = compose(format_["schema"], notes)
    if "persona_not_offered" in job.faults and isinstance(data, dict):
        data = {k: "clxnobody" if k == "persona_id" else v for k, v in data.items()}
    return spoilt(json.dumps(data, ensure_ascii=False), job.faults)


def _check_told(notes: Notes, schema: Mapping[str, Any], param: str) -> None:
    """Raises RefusedError where a prompt lacks what its answer would have to be made of."""
    persona = schema.get("properties", {}).get("persona_id")
    nobody = persona is not None and not persona.get("enum") and not notes.offered()
    if nobody or not notes.tells:
        raise RefusedError("missing_field", param)
    for wanted in schema.get("properties", {}).values():
        items = wanted.get("items", {})
        if items.get("properties") and not subjects(items, notes):
            raise RefusedError("missing_field", param)


def _thread(job: Job) -> dict[str, Any]:
    wanted = job.body.get("thread_id")
    if not wanted:
        opening = {"title": str(job.body["message"])[:60], "created_at": job.moment}
        return {"id": job.desk.number("thr"), "messages": [], "credits_used": 0, **opening}
    if wanted not in job.desk.threads:
        raise RefusedError("resource_not_found", "thread_id", 404)
    return job.desk.threads[wanted]


def _result(job: Job, question: Any, personas: list[dict[str, Any]], sample: int) -> dict[str, Any]:
    if not isinstance(question, Mapping) or not question.get("text") or not question.get("type"):
        raise RefusedError("invalid_field", "questions")
    text = str(question["text"])
    notes = job.notes(text)
    options = [str(option) for option in question.get("options") or []]
    weights = {one: job.notes(notes.about(one)).subject.share or 0.01 for one in options}
    total = sum(weights.values()) or 1.0
    shares = {option: round(sample * weight / total) for option, weight in weights.items()}
    best = max(weights, key=lambda option: weights[option]) if weights else text
    score = {} if options else {"mean": round(1 + 9 * (notes.subject.share or 0.6), 1)}
    voices = [
        {
            "persona_id": persona["id"],
            "persona_name": persona["name"],
            "answer": best,
            "reasoning": f"{best} is what I would do; {persona['description']}",
        }
        for persona in personas
    ]
    asked = {"text": text, "type": question["type"]}
    return {
        **asked,
        "summary": best,
        "aggregate": {"distribution": shares, **score},
        "responses": voices,
    }


def _profile(phrases: list[str], words: str) -> dict[str, Any]:
    if not words.strip():
        return {"status": "failed", "error": "The documents hold no text."}
    often = Counter(word.lower() for word in re.findall(r"[^\W\d_]{5,}", words))
    return {
        "status": "completed",
        "error": None,
        "voice_summary": f"Speaks plainly and comes back to “{phrases[0]}”.",
        "tone": {
            "adjectives": ["plain", "warm"],
            "dos": [f"Say “{phrase}”." for phrase in phrases[:2]],
            "donts": ["Do not shout."],
        },
        "writing_style": {"sentence_structure": "Short sentences.", "jargon_usage": "Little."},
        "vocabulary": {
            "preferred_terms": [word for word, _ in often.most_common(6)],
            "avoid_terms": ["synergy"],
        },
        "example_phrases": [{"use_case": "anywhere", "example": phrase} for phrase in phrases[:5]],
    }


def _repeated(words: str) -> list[str]:
    """The phrases of a text, the most repeated first."""
    said = Counter(" ".join(phrase.split()) for phrase in _PHRASE.findall(words))
    said.pop("", None)
    return [phrase for phrase, _ in said.most_common(8)] or [""]


def _letter(given: Mapping[str, Any], voice: Mapping[str, Any] | None, notes: Notes) -> str:
    phrases = (voice or {}).get("done", {}).get("example_phrases", [])
    phrase = f"\n\n{phrases[0]['example']}." if phrases else ""
    topic = str(next(iter(given.values()), ""))[:70]
    return f"Subject: {topic}\n\n{letter(notes)}{phrase}\n\nBook a visit"


def _last_message(body: Body) -> str:
    messages = body.get("messages")
    last = messages[-1] if isinstance(messages, list) and messages else {}
    return str(last.get("content") or "") if isinstance(last, Mapping) else ""


def _cost(operation: str) -> dict[str, int]:
    return {"credits_used": COSTS[operation]}
