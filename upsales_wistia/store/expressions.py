"""What indexes for the search are made of: a query must say it in the same words to use them.

Written with functions that both databases have. ``lower`` is that of the database (SQLite's knows
ASCII alone), so what is sought goes through it too.
"""

from __future__ import annotations


def after_last(text: str, mark: str) -> str:
    """SQL for what stands behind the last ``mark`` in ``text``; all of it where there is none."""
    return f"replace({text}, rtrim({text}, replace({text}, '{mark}', '')), '')"


WAITS = (
    "activity_code IN ('disposable', 'form_first', 'free_mail', 'ignored_domain', "
    "'matching_off', 'own_domain', 'unknown')"
)
"""A view that waits for a contact. Literals: parameters could not be proved to be these."""

NOBODY = "person = '' AND (email <> '' OR conversion_email <> '')"
"""A view with an e-mail that does not count."""

KNOWN_AS = "lower(CASE WHEN conversion_email <> '' THEN conversion_email ELSE email END)"
"""The e-mail of such a view, as a list shows it."""

KNOWN_AT = after_last(KNOWN_AS, "@")
"""Its domain."""

CONVERTED_NAME = "lower(first_name || ' ' || last_name)"
CONVERTED_LAST_NAME = "lower(last_name)"
CONTACT_NAME = "lower(contact_name)"
CONTACT_LAST_NAME = after_last(CONTACT_NAME, " ")
