"""Quick ways to views: newest first with all that a filter asks for, by address, by name."""

from __future__ import annotations

from peewee import Database
from playhouse.migrate import SchemaMigrator

_KNOWN = "lower(CASE WHEN conversion_email <> '' THEN conversion_email ELSE email END)"
_NOBODY = "person = '' AND (email <> '' OR conversion_email <> '')"


def _after(text: str, mark: str) -> str:
    """What stands behind the last ``mark`` in ``text``, in words that both databases know."""
    return f"replace({text}, rtrim({text}, replace({text}, '{mark}', '')), '')"


def up(migrator: SchemaMigrator, db: Database) -> None:
    """Add indexes; the one by time gives way to one that also holds what lists are filtered by."""
    made = (
        ("views_known_as", f"views (customer_id, {_KNOWN}) WHERE {_NOBODY}"),
        ("views_known_at", f"views (customer_id, {_after(_KNOWN, '@')}) WHERE {_NOBODY}"),
        ("conversions_name", "conversions (customer_id, lower(first_name || ' ' || last_name))"),
        ("conversions_last_name", "conversions (customer_id, lower(last_name))"),
        ("people_name", "people (customer_id, lower(contact_name))"),
        ("people_last_name", f"people (customer_id, {_after('lower(contact_name)', ' ')})"),
        ("people_contact", "people (customer_id, contact_id) WHERE contact_id IS NOT NULL"),
        (
            "views_listed",
            "views (customer_id, received_at, id, activity_code, form_code, media_id, event_key)",
        ),
    )
    for name, what in made:
        db.execute_sql(f'CREATE INDEX "{name}" ON {what}')
    db.execute_sql('DROP INDEX "viewrow_customer_id_received_at"')
