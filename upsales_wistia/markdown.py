"""Text of others inside Markdown: nothing in it that Markdown, or HTML in Markdown, would read."""

from __future__ import annotations

import re

_MARKS = re.compile(r"([\\`*_\[\]|~#@])|(?<=\bwww)(\.)|(:)(?=//)", re.I)
_HTML = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_HTML_MARKS = re.compile("|".join(_HTML))


def escape(text: str) -> str:
    """``text`` on one line, so that a reader of Markdown sees it as it is.

    What HTML would read becomes an entity: some renderers leave a tag with a backslash a tag.
    An address becomes no link.
    """
    marked = _MARKS.sub(lambda found: f"\\{found[0]}", " ".join(text.split()))
    return _HTML_MARKS.sub(lambda found: _HTML[found[0]], marked)
