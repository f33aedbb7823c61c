"""What the jobs with Mavera found, as lines for a terminal. What came back is shown as text."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from .enrichment.dropoff import clock_time
from .terminal import fitted

Document = Mapping[str, Any]

LONGEST_TITLE = 60
SYNTHETIC = "The panel is synthetic: it is made of Mavera's personas, not of people."


def lines(made: Document) -> list[str]:
    """A run of a job: how it ended, what it cost, what it found."""
    told = [f"{made['job']}: {made['status']}. {_cost(made)}."]
    if made["reason"]:
        told.append(made["reason"])
    if made["result"]:
        told += _FOUND[made["job"]](made["result"])
    told += [f"  {s['step']}: {s['state']}. {s['problem']}" for s in made["steps"] if s["problem"]]
    return told


def summaries(all_made: Sequence[Document]) -> list[str]:
    """What several jobs found and cost, a line each."""
    told = [
        f"  {made['job']:<11}  {made['credits']['spent']:>3g} credits  "
        f"{_HEADLINES[made['job']](made['result']) if made['result'] else made['reason']}"
        for made in all_made
    ]
    return ["What Mavera was asked:", *map(fitted, told)] if told else []


def bodies(made: Document) -> list[str]:
    """Every body that would leave."""
    credits = made["credits"]
    told = [f"About {credits['about']} credits, at most {credits['most']}. Nothing was sent."]
    for body in made["bodies"]:
        told.append(f"{body['step']} → {body['operation']}")
        told += json.dumps(body["body"], ensure_ascii=False, indent=2).split("\n")
    return told if made["bodies"] else ["There is nothing to ask. Nothing was sent."]


def _cost(made: Document) -> str:
    credits = made["credits"]
    left = "" if credits["left"] is None else f", {credits['left']:g} left"
    return f"{credits['spent']:g} credits spent{left}"


def _personas(result: Document) -> Iterator[str]:
    of = result["from"]
    yield f"{of['people']} viewers, {of['left_out']} left out: fewer than 5 alike."
    for group in result["groups"]:
        persona = group.get("persona")
        match = f"most like {persona['name']}" if persona else "no persona"
        sure = group.get("confidence")
        told = f" (sure {sure:g} of 10)" if persona and sure is not None else ""
        yield f"  {group['name']}: {group['people']} people, {match}{told}"
        if group.get("content_angle"):
            yield f"    {group['content_angle']}"


def _dropoff(result: Document) -> Iterator[str]:
    yield f"{result['from']['title']}, {result['from']['plays']} plays"
    if not result["drops"]:
        yield "Nobody leaves in a rush. The curve falls evenly."
    for drop in result["drops"]:
        at = clock_time(drop["at"])
        yield f"  {drop['number']}  {at}  {drop['percent']}% leave: “{drop['spoken']}”"
    for edit in result["edits"]:
        yield f"  Edit {edit['drop']}: {edit['edit']}"
    if result.get("question"):
        yield f"Mavera asks: “{result['question']}” Answer on the page."
    yield from result.get("text", "").split("\n") if result.get("text") else ()


def _cta(result: Document) -> Iterator[str]:
    for call in result["calls"]:
        percent = int(call["rate"] * 100 + 1e-6)
        yield f"  {call['number']}  {call['text'] or call['kind']}: {percent}% of {call['shown']}"
    if not result["calls"]:
        yield "No call to action was shown 30 times yet; below that its rate says nothing."
        return
    yield SYNTHETIC
    for verdict in result.get("verdicts", ()):
        if verdict["score"] is not None:
            yield f"  {verdict['number']}: {verdict['score']:g} of 10 by {verdict['voices']}"


def _voice(result: Document) -> Iterator[str]:
    of = result["from"]
    left_out = of["left_out"]
    yield (
        f"{of['transcripts']} transcripts; left out: {left_out['drafts']} unpublished, "
        f"{left_out['protected']} with a password, {left_out['without']} without words."
    )
    profile = result.get("profile") or {}
    for name, word in (("adjectives", "Is"), ("dos", "Do"), ("donts", "Avoid")):
        if profile.get(name):
            yield f"  {word}: {', '.join(profile[name])}"
    if result.get("files_left"):
        yield f"Mavera does not let us delete {result['files_left']} file(s): delete them there."


def _followup(result: Document) -> Iterator[str]:
    made = [one for one in result["drafts"] if one.get("draft")]
    yield f"{len(made)} drafts; {result['more']} more viewers wait for the next run."
    for one in made:
        yield f"  draft {one['draft']}: {one['percent']}% of {_short(one['title'])}"


def _short(title: str) -> str:
    return title if len(title) <= LONGEST_TITLE else title[: LONGEST_TITLE - 1].rstrip() + "…"


_FOUND: Mapping[str, Callable[[Document], Iterator[str]]] = {
    "personas": _personas,
    "dropoff": _dropoff,
    "cta": _cta,
    "brand-voice": _voice,
    "followup": _followup,
}


def _of_personas(result: Document) -> str:
    groups = result["groups"]
    largest = f"; the largest: {groups[0]['name']}" if groups else ""
    return f"{result['from']['people']} viewers, {_many(groups, 'group')}{largest}"


def _of_dropoff(result: Document) -> str:
    drops, edits = _many(result["drops"], "drop"), _many(result["edits"], "edit")
    return f"{result['from']['title']}: {drops}, {edits} proposed"


def _of_cta(result: Document) -> str:
    calls = result["calls"]
    best = f"; best: {calls[0]['text'] or calls[0]['kind']}" if calls else ""
    return f"{_many(calls, 'call')} to action, judged by a synthetic panel{best}"


def _of_voice(result: Document) -> str:
    adjectives = (result.get("profile") or {}).get("adjectives", ())
    return f"{result['from']['transcripts']} transcripts: {', '.join(adjectives)}"


def _of_followup(result: Document) -> str:
    made = [one for one in result["drafts"] if one.get("draft")]
    return f"{_many(made, 'draft')}, kept here; {result['more']} more viewers wait"


def _many(things: Sequence[Any], word: str) -> str:
    return f"{len(things)} {word}" + ("" if len(things) == 1 else "s")


_HEADLINES: Mapping[str, Callable[[Document], str]] = {
    "personas": _of_personas,
    "dropoff": _of_dropoff,
    "cta": _of_cta,
    "brand-voice": _of_voice,
    "followup": _of_followup,
}
