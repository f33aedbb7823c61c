"""Reads a page as its policy and a person without eyes do."""

from __future__ import annotations

from html.parser import HTMLParser


class Markup(HTMLParser):
    """Collects what the policy forbids and what a reader of the page needs."""

    def __init__(self) -> None:
        super().__init__()
        self.forbidden: list[str] = []
        self.open: list[str] = []
        self.tags: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag == "style" or (tag == "script" and not _is_ours(dict(attrs))):
            self.forbidden.append(tag)
        self.forbidden += [n for n, _ in attrs if n == "style" or n.startswith("on")]
        if tag not in {"meta", "link", "input", "br"}:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def _is_ours(attributes: dict[str, str | None]) -> bool:
    return (attributes.get("src") or "").startswith("/static/")
