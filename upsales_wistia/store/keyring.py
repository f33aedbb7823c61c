"""Secrets at rest: encrypted, bound to their customer, readable with any key of the ring."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from ..errors import DeploymentError


class Keyring:
    """Seals with the newest key, opens with any. ``keys`` are Fernet keys, newest first."""

    def __init__(self, keys: Sequence[str]) -> None:
        if not keys:
            raise DeploymentError("There is no encryption key. Set ENCRYPTION_KEYS.")
        try:
            self._fernet = MultiFernet([Fernet(key) for key in keys])
        except ValueError:
            raise DeploymentError(
                "A key in ENCRYPTION_KEYS is not a Fernet key (32 bytes in url-safe base64)."
            ) from None
        # The oldest one: adding a newer key must not change the digests already stored.
        self._digest_key = hashlib.sha256(b"upsales-wistia digest\0" + keys[-1].encode()).digest()

    def seal(self, customer_id: int, text: str) -> str:
        """Encrypt ``text``. The customer's number goes inside, because Fernet binds no context."""
        return self._fernet.encrypt(json.dumps({"c": customer_id, "t": text}).encode()).decode()

    def open(self, customer_id: int, token: str) -> str:
        """The text sealed for this customer.

        Raises DeploymentError when no key of the ring opens it, or it is another customer's.
        """
        try:
            content = json.loads(self._fernet.decrypt(token))
        except InvalidToken:
            raise DeploymentError(
                f"A secret of customer {customer_id} cannot be read with the keys in "
                "ENCRYPTION_KEYS. Put back the key it was saved with."
            ) from None
        if content["c"] != customer_id:
            raise DeploymentError(
                f"A secret stored for customer {customer_id} belongs to another customer. "
                "The database was altered; save the secret again."
            )
        return str(content["t"])

    def digest(self, customer_id: int, text: str) -> str:
        """A keyed hash: equal for equal texts of one customer, useless without the key."""
        message = f"{customer_id}\0{text}".encode()
        return hmac.new(self._digest_key, message, hashlib.sha256).hexdigest()
