"""What Upsales shows inside itself: an entry's details, and the widget on a card.

Components as in Upsales' own helpers:
https://github.com/upsales/upsales-node-integration-template
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

from . import markdown
from .clients.text import heatmap_shown
from .funnel.sentences import cut, minute
from .funnel.writes import shown_percent
from .store import entries
from .store.entries import Entry

Row = dict[str, Any]

SHOWN = 5
_BLOCKS = 10
_FRAME_HEIGHT = 70
_UNKNOWN = "We know no view with this id."


def event_details(
    customer_id: int, asked: Mapping[str, Any], public_token: str
) -> dict[str, list[Row]]:
    """The rows of an opened log entry; a sentence when it is not one of ours.

    ``asked`` is the request's data. Where the entry's id stands in it is not documented: ours
    and that of Upsales are both looked for.
    """
    entry = _by_our_id(customer_id, asked) or _by_their_id(customer_id, asked)
    if entry is None:
        return {"rows": [_text(f"{_UNKNOWN} It may be older than we keep.")]}
    rows = [_markdown(f"**{markdown.escape(cut(entry.text, 512))}**"), _text(bar(entry))]
    rows += _heat_map(entry, public_token)
    rows += map(_text, _facts(entry))
    earlier = [_text(line) for line in _earlier(customer_id, entry)]
    return {"rows": rows + ([_title("Earlier"), *earlier] if earlier else [])}


def widget(
    customer_id: int, shown: Mapping[str, Any], link: str, public_token: str
) -> dict[str, list[Row]]:
    """The widget ``views`` for the contact or company on screen; ``link`` opens the pages."""
    company_id, contact_id = _whose(shown)
    found = _found(customer_id, company_id, contact_id)
    if not found:
        words = "No video views yet. They appear here after a video is watched and an e-mail left."
        return {"rows": [_title("Videos"), _text(words)]}
    rows = [_title("Videos"), *(row for entry in found for row in _in_widget(entry, public_token))]
    number = entries.count(customer_id, company_id, contact_id)
    whose = f"&contact={contact_id}" if contact_id else ""
    name = f"All {number} views" if number > 1 else "All views"
    rows.append(_link(f"{link}&to=views{whose}", name))
    return {"rows": rows}


def iframe(customer_id: int, asked: Mapping[str, Any], public_token: str) -> str:
    """An opened log entry as an HTML document."""
    entry = _by_our_id(customer_id, asked)
    if entry is None:
        return _document(f"<p>{_UNKNOWN}</p>")
    address = heat_map(entry, public_token)
    frame = f'<iframe title="Heat map" src="{escape(address)}" height="{_FRAME_HEIGHT}"></iframe>'
    facts = "".join(f"<p>{escape(line)}</p>" for line in _facts(entry))
    earlier = "".join(f"<li>{escape(line)}</li>" for line in _earlier(customer_id, entry))
    return _document(
        f"<p>{escape(entry.text)}</p><p>{bar(entry)}</p>{frame if address else ''}{facts}"
        + (f"<h2>Earlier</h2><ul>{earlier}</ul>" if earlier else "")
    )


def _document(body: str) -> str:
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>Videos</title>{body}</html>'
    )


def bar(entry: Entry) -> str:
    """How much was watched, drawn in text, with the figure beside it."""
    percent = shown_percent(entry.percent)
    full = percent * _BLOCKS // 100
    return "█" * full + "░" * (_BLOCKS - full) + f" {percent}%"


def heat_map(entry: Entry, public_token: str) -> str:
    """The address of Wistia's picture of what was watched; "" without a public token."""
    return heatmap_shown(entry.heatmap_url, public_token)


def _heat_map(entry: Entry, public_token: str) -> list[Row]:
    address = heat_map(entry, public_token)
    if not address:
        return [_text("Add the public token in the settings to see which parts.")]
    return [{"type": "iframe", "url": address, "height": _FRAME_HEIGHT, "width": "100%"}]


def _facts(entry: Entry) -> list[str]:
    """When it was watched, its score, and on which page."""
    facts = [f"{minute(entry.received_at)}{_score(entry, ', ')}"]
    return [*facts, f"Page: {cut(entry.page)}"] if entry.page else facts


def _earlier(customer_id: int, entry: Entry) -> list[str]:
    """Earlier views of the same contact; none on an anonymous entry, they would tell who."""
    if entry.contact_id is None:
        return []
    found = entries.of_contact(customer_id, entry.company_id, entry.contact_id, SHOWN + 1)
    others = [one for one in found if one.received_at < entry.received_at][:SHOWN]
    return [f"{minute(one.received_at)}: {one.text}" for one in others]


def _score(entry: Entry, before: str) -> str:
    """The score; nothing once that is no longer kept."""
    return "" if entry.score is None else f"{before}score {entry.score}"


def _in_widget(entry: Entry, public_token: str) -> Iterator[Row]:
    day = f"{entry.received_at.day} {entry.received_at:%b}"
    yield _text(f"{cut(entry.text)} · {day}{_score(entry, ' · ')}")
    yield _text(bar(entry))
    # Its address names the session: not on an anonymous entry.
    if entry.contact_id is not None and (address := heat_map(entry, public_token)):
        yield _link(address, "Heat map")


def _by_our_id(customer_id: int, asked: Mapping[str, Any]) -> Entry | None:
    given = (asked.get("externalId"), _object(asked).get("externalId"), asked.get("objectId"))
    ours = next((text for text in given if isinstance(text, str)), "")
    return entries.by_external_id(customer_id, ours)


def _by_their_id(customer_id: int, asked: Mapping[str, Any]) -> Entry | None:
    given = map(_number, (asked.get("objectId"), _object(asked).get("id")))
    number = next(filter(None, given), 0)
    return entries.by_upsales_id(customer_id, number) if number else None


def _object(asked: Mapping[str, Any]) -> Mapping[str, Any]:
    found = asked.get("object")
    return found if isinstance(found, Mapping) else {}


def _found(customer_id: int, company_id: int, contact_id: int | None) -> list[Entry]:
    if contact_id is None:
        return entries.of_company(customer_id, company_id, SHOWN)
    return entries.of_contact(customer_id, company_id, contact_id, SHOWN)


def _whose(shown: Mapping[str, Any]) -> tuple[int, int | None]:
    """Company and contact of the card on screen: a contact names its company, as ``client``."""
    client = shown.get("client")
    if client is None:
        return _number(shown.get("id")), None
    company = client.get("id") if isinstance(client, Mapping) else client
    return _number(company), _number(shown.get("id"))


def _number(value: Any) -> int:
    return int(str(value)) if str(value).isdecimal() and len(str(value)) < 19 else 0


def _title(text: str) -> Row:
    return {"type": "title", "text": text, "size": "sm"}


def _text(text: str) -> Row:
    return {"type": "plainText", "text": text}


def _link(address: str, text: str) -> Row:
    return {"type": "link", "href": address, "text": text}


def _markdown(text: str) -> Row:
    return {"type": "markdown", "markdown": text}
