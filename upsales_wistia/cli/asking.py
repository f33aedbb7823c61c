"""Commands that answer a question on what is stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import click

from .. import inquiry, terminal
from ..errors import UsageError
from ..links import sign_link
from ..store import customers
from .base import AS_JSON, CUSTOMER, DONE, cli, open_services, show

_KEYS_TOLD = 10


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
        lambda: [line for target, changed in found.items() for line in _told(target, changed)],
    )
    return DONE


def _told(target: str, changed: Mapping[str, Sequence[str]]) -> list[str]:
    """What a change would do for a target; of the event keys the first of each kind."""
    counted = (
        f"{target}: {len(changed['gained'])} gained, {len(changed['lost'])} lost, "
        f"{len(changed['unknown'])} need a look-up in Upsales"
    )
    lines = [counted]
    for kind, keys in changed.items():
        lines += [f"  {kind}  {key}" for key in keys[:_KEYS_TOLD]]
        if len(keys) > _KEYS_TOLD:
            lines.append(f"  {kind}  and {len(keys) - _KEYS_TOLD} more; --json lists them all")
    return lines


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
    address = sign_link(services.config, customer_id, "", admin=True)
    show(as_json, {"url": address}, lambda: [address])
    return DONE
