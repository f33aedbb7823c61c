"""Files of others are the ones their licence note names, unchanged."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import upsales_wistia.web

VENDORED = Path(upsales_wistia.web.__file__).parent / "static" / "vendor"


def test_every_file_is_noted_with_its_hash() -> None:
    notes = (VENDORED / "LICENSES.txt").read_text(encoding="utf-8")
    noted = dict(
        re.findall(r"^file: +(\S+)\n(?:.+\n)*?sha256: +([0-9a-f]{64})$", notes, re.MULTILINE)
    )
    found = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in VENDORED.iterdir()
        if path.name != "LICENSES.txt"
    }
    assert found == noted
