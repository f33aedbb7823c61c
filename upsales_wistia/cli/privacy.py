"""Commands on what is kept of a person."""

from __future__ import annotations

from typing import Any

import click

from ..errors import NoUpsalesKey
from ..keyless import with_key
from ..privacy import certificate as told
from ..privacy.erase import Erased
from ..privacy.export import export as exported
from ..privacy.person import checked
from .base import (
    AS_JSON,
    CUSTOMER,
    DONE,
    SOME_FAILED,
    cli,
    open_services,
    print_json,
    progress_line,
    show,
)

_BY = "command line"
EMAIL = click.argument("email")


@cli.command()
@CUSTOMER
@EMAIL
@click.option("--activities", is_flag=True, help="Also delete their activities in Upsales.")
@AS_JSON
def erase(customer_id: int, email: str, activities: bool, as_json: bool) -> int:
    """Erase a person here for good: no poll, webhook or backfill brings them back."""
    services, progress = open_services(), progress_line(as_json)
    address = checked(email)
    number = services.erasing.ask(customer_id, address, entries=activities, by=_BY)
    progress("Waiting for what is going on to end")
    made = services.erasing.run_due(customer_id).get(number)
    if made is None or isinstance(made.error, NoUpsalesKey):
        made = with_key(services, customer_id, number, progress) or made
    assert made is not None  # noqa: S101  (it was asked for just now, and its row stays)
    show(as_json, _document(customer_id, made), lambda: lines(made, address))
    if made.error:
        return made.error.exit_status
    return SOME_FAILED if made.certificate.refused else DONE


@cli.command()
@CUSTOMER
@EMAIL
@AS_JSON
def unforget(customer_id: int, email: str, as_json: bool) -> int:
    """Take a person off the list of those who stay forgotten: their views are kept again."""
    services = open_services()
    address = checked(email)
    lifted = services.erasing.unforget(customer_id, address)
    words = (
        f"{address} is no longer on the list. What Wistia still tells of them comes with the "
        "next run."
        if lifted
        else f"{address} is not on the list of people who stay forgotten."
    )
    show(as_json, {"customer": customer_id, "unforgotten": lifted}, lambda: [words])
    return DONE


@cli.command()
@CUSTOMER
@EMAIL
@AS_JSON
def export(customer_id: int, email: str, as_json: bool) -> int:
    """Print all that is kept on a person; it is JSON, with --json or without."""
    services = open_services()
    print_json(exported(services.keyring, customer_id, email, services.clock.now()))
    return DONE


def _document(customer_id: int, made: Erased) -> dict[str, Any]:
    certificate = made.certificate
    return {
        "customer": customer_id,
        "erasure": made.number,
        "known": certificate.known,
        "done": made.done,
        "found": {
            "views": certificate.views,
            "activities": certificate.activities,
            "forms": certificate.forms,
            "drafts": certificate.drafts,
        },
        "removed": dict(certificate.removed),
        "upsales": {
            "asked": certificate.asked,
            "deleted": certificate.deleted,
            "absent": certificate.absent,
            "refused": certificate.refused,
            "left": made.left,
        },
        "remains": told.remaining(certificate, made.left),
        "reason": made.error.sentence if made.error else None,
        "code": made.error.code if made.error else None,
    }


def lines(made: Erased, address: str) -> list[str]:
    """The certificate as text."""
    certificate = made.certificate
    if not certificate.known:
        return [
            f"We keep nothing about {address}. It is now on the list of people who stay forgotten."
        ]
    said = [f"{address} is erased, and stays forgotten.", told.found(certificate)]
    said += ["Removed:", *(f"  {line}" for line in told.removed(certificate))]
    remains = told.remaining(certificate, made.left)
    said += ["What stays elsewhere:", *(f"  {line}" for line in remains)]
    return said + ([made.error.sentence] if made.error else [])
