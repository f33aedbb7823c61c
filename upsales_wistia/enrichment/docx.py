"""A document that any word processor reads: plain paragraphs, nothing else. Pure.

The only kinds of file that Mavera's examples upload are PDF and DOCX.
https://docs.mavera.io/features/files
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable
from typing import Final
from xml.sax.saxutils import escape

MIME: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

_W: Final = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_HEAD: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
_PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006"
_TYPES: Final = (
    f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" '
    'ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override '
    'PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.'
    'wordprocessingml.document.main+xml"/></Types>'
)
_RELATIONS: Final = (
    f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" '
    'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" '
    'Target="word/document.xml"/></Relationships>'
)
_LONG_AGO: Final = (1980, 1, 1, 0, 0, 0)  # The same words give the same bytes.


def make_docx(paragraphs: Iterable[str]) -> bytes:
    """The document's bytes, the same for the same paragraphs."""
    body = "".join(
        f'<w:p><w:r><w:t xml:space="preserve">{escape(_printable(text))}</w:t></w:r></w:p>'
        for text in paragraphs
    )
    document = f'{_HEAD}<w:document xmlns:w="{_W}"><w:body>{body}</w:body></w:document>'
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in (
            ("[Content_Types].xml", _TYPES),
            ("_rels/.rels", _RELATIONS),
            ("word/document.xml", document),
        ):
            entry = zipfile.ZipInfo(name, _LONG_AGO)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, text)
    return made.getvalue()


def _printable(text: str) -> str:
    """Without what XML cannot hold."""
    return "".join(char for char in text if char.isprintable() or char == "\t")
