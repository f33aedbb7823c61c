"""The store that a presigned address leads to: another host, which must never see a key.

What lies in it can be read by whoever knows its public address, as at Mavera.
"""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
from typing import Any

from .mavera_desk import Desk, Uploaded
from .server import Call, LoopbackServer, Reply, text_reply

SECRET_HEADERS = ("authorization", "x-mavera-api-key", "cookie")
LARGEST = 10 * 1024 * 1024


class Store:
    """Takes bytes by signed addresses and gives them to everybody."""

    def __init__(self) -> None:
        self.server = LoopbackServer(0, self.answer)
        self._desks: dict[str, Desk] = {}
        self._types: dict[str, str] = {}

    def place(self, desk: Desk, name: str, file_type: str) -> dict[str, Any]:
        """A place for a file: where its bytes go, and where everybody will read them."""
        key = f"uploads/{desk.number('key')}/{re.sub(r'[^A-Za-z0-9.-]+', '-', name)}"
        self._desks[key], self._types[key] = desk, file_type
        address = f"{self.server.url}/{key}"
        signed = f"{address}?X-Amz-Expires=3600&X-Amz-Signature={_signature(key)}"
        return {
            "object": "upload_url",
            "upload_url": signed,
            "public_url": address,
            "key": key,
            "expires_in": 3600,
            "method": "PUT",
            "headers": {"Content-Type": file_type},
        }

    def key_of(self, public_url: str) -> str:
        """The key of a public address, "" for a foreign one."""
        key = public_url.removeprefix(f"{self.server.url}/")
        return key if key in self._desks else ""

    def answer(self, call: Call) -> Reply:
        """PUT with the signature, GET by anybody."""
        key = call.path.lstrip("/")
        desk = self._desks.get(key)
        if desk is None:
            return text_reply("NoSuchKey", 404)
        if call.method == "GET":
            content = desk.stored.get(key)
            return text_reply("NoSuchKey", 404) if content is None else _file(content)
        if call.method != "PUT" or call.first("X-Amz-Signature") != _signature(key):
            return text_reply("SignatureDoesNotMatch", 403)
        kind = call.headers.get("content-type", "")
        secrets = tuple(name for name in SECRET_HEADERS if name in call.headers)
        desk.uploads.append(Uploaded(key, len(call.body), kind, secrets))
        if kind != self._types[key] or secrets or len(call.body) > LARGEST:
            return text_reply("SignatureDoesNotMatch", 403)
        desk.stored[key] = call.body
        return Reply(200)


def words_of(content: bytes) -> str:
    """The text of a stored file: of a DOCX its paragraphs, of anything else all of it."""
    if not content.startswith(b"PK"):
        return content.decode("utf-8", "replace")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            document = packed.read("word/document.xml").decode("utf-8", "replace")
    except (zipfile.BadZipFile, KeyError):
        return ""
    lines = re.sub(r"</w:p>", "\n", document)
    plain = re.sub(r"<[^>]*>", "", lines)
    entities = (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&apos;", "'"), ("&amp;", "&"))
    for entity, char in entities:
        plain = plain.replace(entity, char)
    return plain


def _file(content: bytes) -> Reply:
    return Reply(200, content, "application/octet-stream")


def _signature(key: str) -> str:
    return hashlib.sha256(f"signed {key}".encode()).hexdigest()
