"""A form as a browser without scripts sees it: its fields, filled in as the page has them."""

from __future__ import annotations

from collections.abc import Iterable
from html.parser import HTMLParser


class Form(HTMLParser):
    """The fields of the form of class ``name``, and what would be sent of them."""

    def __init__(self, page: str, name: str) -> None:
        super().__init__()
        self.fields: dict[str, list[str]] = {}
        self._name = name
        self._inside = False
        self._select = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._inside = given.get("class") == self._name
        elif self._inside and tag == "input":
            self._input(given)
        elif self._inside and tag == "select":
            self._select = given["name"]
        elif self._inside and tag == "option" and "selected" in given:
            self.fields[self._select] = [given["value"]]

    def _input(self, given: dict[str, str]) -> None:
        if given.get("type") == "checkbox":
            if "checked" in given:
                self.fields.setdefault(given["name"], []).append(given.get("value", "on"))
        else:
            self.fields[given["name"]] = [given["value"]]

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False

    def with_(self, **changes: str | bool | Iterable[str]) -> dict[str, list[str]]:
        """What is sent after filling in ``changes``: a text, a tick, or several ticks."""
        sent = {name: list(values) for name, values in self.fields.items()}
        for name, value in changes.items():
            sent.pop(name, None)
            if value is True:
                sent[name] = ["on"]
            elif value is not False:
                sent[name] = [value] if isinstance(value, str) else list(value)
        return sent
