"""Commands that answer a question on what is stored."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

from .. import inquiry, terminal
from ..errors import UsageError
from ..links import sign_link
from ..store import customers
from .base import AS_JSON, CUSTOMER, DONE, cli, open_services, show


@cli.command()
@CUSTOMER
@click.argument("email_or_event_key")
@AS_JSON
def explain(customer_id: int, email_or_event_key: str, as_json: bool) -> int:
    """Say why a person's views, or one view, are or are not in Upsales."""
    found = inquiry.explain_views(open_services(), customer_id, email_or_event_key)
    nothing = f"Wistia has sent no view of {email_or_event_key}. A view can take an hour to arrive."
    show(as_json, found, lambda: terminal.explanation(found) or [nothing])
    return DONE


@cli.command()
@CUSTOMER
@click.option("--set", "changes", multiple=True, required=True, metavar="NAME=VALUE")
@AS_JSON
def simulate(customer_id: int, changes: Sequence[str], as_json: bool) -> int:
    """Say what a change of settings would do to the stored views."""
    found = inquiry.simulate_change(open_services(), customer_id, dict(map(_change, changes)))
    show(
        as_json,
        found,
        lambda: [
            f"{target}: {len(d['gained'])} gained, {len(d['lost'])} lost, "
            f"{len(d['unknown'])} need a look-up in Upsales"
            for target, d in found.items()
        ],
    )
    return DONE


def _change(text: str) -> tuple[str, Any]:
    name, equals, value = text.partition("=")
    if not equals:
        raise UsageError(f"“{text}” is not NAME=VALUE. Write for example activityMinPercent=25.")
    return name.strip(), value


@cli.command()
@CUSTOMER
@AS_JSON
def link(customer_id: int, as_json: bool) -> int:
    """Make a link to a customer's pages; it works for 15 minutes."""
    services = open_services()
    customers.load(customer_id)
    address = sign_link(services.config, customer_id, "command line")
    show(as_json, {"url": address}, lambda: [address])
    return DONE
