"""What Upsales shows inside itself: an entry's details, and the widget on a card.

Components as in Upsales' own helpers:
https://github.com/upsales/upsales-node-integration-template
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any
from urllib.parse import quote

from .funnel.sentences import cut, minute
from .funnel.writes import shown_percent
from .store import entries
from .store.entries import Entry

Row = dict[str, Any]

SHOWN = 5
_BLOCKS = 10
_FRAME_HEIGHT = 70
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+!|<>~-])")


def event_details(customer_id: int, external_id: str, public_token: str) -> dict[str, list[Row]]:
    """The rows of an opened log entry; a sentence when it is not one of ours."""
    entry = entries.by_external_id(customer_id, external_id)
    if entry is None:
        return {"rows": [_text("We know no view with this id. It may be older than we keep.")]}
    rows = [_markdown(f"**{_plain(entry.text)}** ({shown_percent(entry.percent)}%)")]
    rows += [_text(bar(entry)), _text(f"{minute(entry.received_at)}, score {entry.score}")]
    if entry.page:
        rows.append(_text(f"Page: {cut(entry.page)}"))
    rows += _heat_map(entry, public_token)
    return {"rows": rows + _earlier(customer_id, entry)}


def widget(customer_id: int, shown: Mapping[str, Any], link: str) -> dict[str, list[Row]]:
    """The widget ``views`` for the contact or company on screen; ``link`` opens all views."""
    company_id, contact_id = _whose(shown)
    found = _found(customer_id, company_id, contact_id)
    if not found:
        words = "No video views yet. They appear here after a video is watched and an e-mail left."
        return {"rows": [_title("Videos"), _text(words)]}
    rows = [_title("Videos"), *(row for entry in found for row in _in_widget(entry))]
    number = entries.count(customer_id, company_id, contact_id)
    rows.append({"type": "link", "href": link, "text": f"All {number} views"})
    return {"rows": rows}


def iframe(customer_id: int, external_id: str, public_token: str) -> str:
    """The same as an HTML document: the sentence, the bar and Wistia's own picture."""
    entry = entries.by_external_id(customer_id, external_id)
    if entry is None:
        return "<!doctype html><title>Videos</title><p>We know no view with this id.</p>"
    address = heat_map(entry, public_token)
    frame = f'<iframe title="Heat map" src="{escape(address)}" height="70"></iframe>'
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>Videos</title>'
        f"<p>{escape(entry.text)}</p><p>{bar(entry)}</p>{frame if address else ''}</html>"
    )


def bar(entry: Entry) -> str:
    """How much was watched, drawn in text, with the figure beside it."""
    percent = shown_percent(entry.percent)
    full = percent * _BLOCKS // 100
    return "█" * full + "░" * (_BLOCKS - full) + f" {percent}%"


def heat_map(entry: Entry, public_token: str) -> str:
    """The address of Wistia's picture of what was watched; "" without a public token."""
    if not entry.heatmap_url or not public_token:
        return ""
    return f"{entry.heatmap_url}?public_token={quote(public_token, safe='')}"


def _heat_map(entry: Entry, public_token: str) -> list[Row]:
    address = heat_map(entry, public_token)
    if not address:
        return [_text("Add the public token in the settings to see which parts.")]
    return [{"type": "iframe", "url": address, "height": _FRAME_HEIGHT, "width": "100%"}]


def _earlier(customer_id: int, entry: Entry) -> list[Row]:
    """Earlier views of the same contact; none on an anonymous entry, they would tell who."""
    if entry.contact_id is None:
        return []
    found = entries.of_contact(customer_id, entry.company_id, entry.contact_id, SHOWN + 1)
    others = [one for one in found if one.received_at < entry.received_at][:SHOWN]
    lines = [_text(f"{minute(one.received_at)}: {one.text}") for one in others]
    return [_title("Earlier"), *lines] if lines else []


def _in_widget(entry: Entry) -> Sequence[Row]:
    day = f"{entry.received_at.day} {entry.received_at:%b}"
    return _text(f"{cut(entry.text)} · {day} · score {entry.score}"), _text(bar(entry))


def _found(customer_id: int, company_id: int, contact_id: int | None) -> list[Entry]:
    if contact_id is None:
        return entries.of_company(customer_id, company_id, SHOWN)
    return entries.of_contact(customer_id, company_id, contact_id, SHOWN)


def _whose(shown: Mapping[str, Any]) -> tuple[int, int | None]:
    """Company and contact of the card on screen: a contact names its company, as ``client``."""
    client = shown.get("client")
    if isinstance(client, Mapping):
        return _number(client.get("id")), _number(shown.get("id"))
    return _number(shown.get("id")), None


def _number(value: Any) -> int:
    return int(str(value)) if str(value).isdecimal() and len(str(value)) < 19 else 0


def _title(text: str) -> Row:
    return {"type": "title", "text": text, "size": "sm"}


def _text(text: str) -> Row:
    return {"type": "plainText", "text": text}


def _markdown(text: str) -> Row:
    return {"type": "markdown", "markdown": text}


def _plain(text: str) -> str:
    """Hostile text inside Markdown."""
    return _MARKDOWN.sub(r"\\\1", escape(cut(text, 512), quote=False))
