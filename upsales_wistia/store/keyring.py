"""Secrets at rest: encrypted, bound to their customer, readable with any key of the ring."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from ..errors import DeploymentError
from . import instance
from .models import InstanceRow

DIGEST_KEY = "digest_key"
"""Where the key of the digests is kept, sealed."""

SEALED_WITH = "sealed_with"
"""Where it is kept which key the last rotation sealed with: a name of it, not the key."""

_DEPLOYMENT = 0
"""Stands in the place of a customer in what belongs to the whole deployment."""


class Keyring:
    """Seals with the newest key, opens with any. ``keys`` are Fernet keys, newest first.

    The key of the digests is none of them: it is made once, and stored sealed like a credential.
    So digests outlive every rotation, whatever is added to the ring or dropped from it.
    """

    def __init__(self, keys: Sequence[str]) -> None:
        if not keys:
            raise DeploymentError("There is no encryption key. Set ENCRYPTION_KEYS.")
        try:
            self._fernet = MultiFernet([Fernet(key) for key in keys])
        except ValueError:
            raise DeploymentError(
                "A key in ENCRYPTION_KEYS is not a Fernet key (32 bytes in url-safe base64)."
            ) from None
        self._newest = Fernet(keys[0])
        self._names = [_digest("name", key) for key in keys]
        # What digests were made with before their key was stored: those in use stay good.
        self._first_digest_key = _digest("digest", keys[-1])
        self._digest_key: str | None = None

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
                "ENCRYPTION_KEYS. Put back the key it was saved with; if the keys were rotated "
                "just now, restart this process."
            ) from None
        if content["c"] != customer_id:
            raise DeploymentError(
                f"A secret stored for customer {customer_id} belongs to another customer. "
                "The database was altered; save the secret again."
            )
        return str(content["t"])

    def reseal(self, customer_id: int, token: str) -> str | None:
        """``token`` sealed with the newest key; None when it is so already. Raises as ``open``."""
        text = self.open(customer_id, token)
        try:
            self._newest.decrypt(token)
        except InvalidToken:
            return self.seal(customer_id, text)
        return None

    def digest(self, customer_id: int, text: str) -> str:
        """A keyed hash: equal for equal texts of one customer, useless without the key.

        Raises DeploymentError when the key of the digests cannot be read.
        """
        if self._digest_key is None:
            self._digest_key = self._stored_digest_key()
        message = f"{customer_id}\0{text}".encode()
        return hmac.new(bytes.fromhex(self._digest_key), message, hashlib.sha256).hexdigest()

    def check_current(self) -> None:
        """Raise DeploymentError when the keys were rotated and this ring lacks the newest one.

        A process that was started before would seal with a key that is dropped any moment.
        """
        sealed_with = instance.read(SEALED_WITH)
        if sealed_with is not None and sealed_with not in self._names:
            raise DeploymentError(
                "The keys were rotated, and this process does not have the new one. Restart it; "
                "if that key is lost, run upsales-wistia keys rotate first."
            )

    def take_over(self) -> bool:
        """From now on only rings that hold the newest key may seal; the digests' key is resealed.

        False when that one cannot be read: it is replaced, and digests made so far are void.
        """
        instance.write(SEALED_WITH, self._names[0])
        try:
            self._digest_key, readable = self._stored_digest_key(), True
        except DeploymentError:
            self._digest_key, readable = self._first_digest_key, False
        instance.write(DIGEST_KEY, self.seal(_DEPLOYMENT, self._digest_key))
        return readable

    def _stored_digest_key(self) -> str:
        sealed = instance.read(DIGEST_KEY)
        if sealed is None:
            fresh = self.seal(_DEPLOYMENT, self._first_digest_key)
            # Never over another process's: that may be sealed with a newer key than ours.
            InstanceRow.insert(key=DIGEST_KEY, value=fresh).on_conflict_ignore().execute()
            sealed = instance.read(DIGEST_KEY) or fresh
        try:
            return self.open(_DEPLOYMENT, sealed)
        except DeploymentError:
            raise DeploymentError(
                "The key of the contacts' hashes cannot be read with the keys in ENCRYPTION_KEYS. "
                "Put back the key it was saved with, or, if that is lost, run upsales-wistia keys "
                "rotate; if the keys were rotated just now, restart this process."
            ) from None


def _digest(purpose: str, key: str) -> str:
    return hashlib.sha256(f"upsales-wistia {purpose}\0{key}".encode()).hexdigest()
