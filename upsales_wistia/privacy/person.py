"""How a person is named from outside."""

from __future__ import annotations

from ..errors import UsageError
from ..funnel.identity import address


def checked(email: str) -> str:
    """The address in the form in which people are known here. Raises UsageError for none."""
    found = address(email)
    if found is None:
        raise UsageError("This is not an e-mail address. Write it whole, as name@company.com.")
    return found
