"""A person's e-mail as an id for addresses: the same each time, and readable by us alone."""

from __future__ import annotations

import base64
import binascii

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from .keyring import Keyring

_LONGEST = 320  # an e-mail address; https://www.rfc-editor.org/rfc/rfc3696#section-3


def viewer_id(keyring: Keyring, customer_id: int, email: str) -> str:
    """The id of ``email`` (not empty) within this customer."""
    sealed = _cipher(keyring, customer_id).encrypt(email[:_LONGEST].encode(), None)
    return base64.urlsafe_b64encode(sealed).decode().rstrip("=")


def email_of(keyring: Keyring, customer_id: int, viewer: str) -> str | None:
    """The e-mail behind an id; None for what is none of this customer's."""
    try:
        sealed = base64.urlsafe_b64decode(viewer + "=" * (-len(viewer) % 4))
        return _cipher(keyring, customer_id).decrypt(sealed, None).decode()
    except (InvalidTag, ValueError, binascii.Error):
        return None


def _cipher(keyring: Keyring, customer_id: int) -> AESSIV:
    # A mode without a nonce: equal addresses give equal ids, which is what an address needs.
    return AESSIV(bytes.fromhex(keyring.digest(customer_id, "viewer ids")))
