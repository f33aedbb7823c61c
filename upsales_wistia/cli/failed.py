"""Commands on what failed or is uncertain."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import click

from .. import failed, keyless, terminal
from ..funnel.view import Target
from ..sync.report import exit_status
from .base import AS_JSON, CUSTOMER, DONE, cli, open_services, progress_line, show, show_run


@cli.group(name="failed")
def failed_() -> None:
    """Show, try again or settle by hand what failed or is uncertain."""


KEYS = click.argument("keys", nargs=-1, metavar="[EVENT_KEY]...")
TARGET = click.option(
    "--target", type=click.Choice([t.value for t in Target]), help="Of one target."
)


@failed_.command(name="list")
@CUSTOMER
@KEYS
@TARGET
@AS_JSON
def failed_list(customer_id: int, keys: Sequence[str], target: str | None, as_json: bool) -> int:
    """List failed and uncertain items with reason, request id and payload."""
    open_services()
    items = failed.listing(customer_id, keys, Target(target) if target else None)
    show(
        as_json,
        {"customer": customer_id, "items": items},
        lambda: terminal.failed_items(items) or ["Nothing failed, and nothing is being checked."],
    )
    return DONE


@failed_.command(name="retry")
@CUSTOMER
@KEYS
@TARGET
@AS_JSON
def failed_retry(customer_id: int, keys: Sequence[str], target: str | None, as_json: bool) -> int:
    """Send failed items again, now; all of them when none is named."""
    return _sent_again(failed.retry, customer_id, keys, target, as_json)


@failed_.command(name="resend")
@CUSTOMER
@KEYS
@TARGET
@AS_JSON
def failed_resend(customer_id: int, keys: Sequence[str], target: str | None, as_json: bool) -> int:
    """Send uncertain items again, now: you have looked, and they are not in Upsales."""
    return _sent_again(failed.resend, customer_id, keys, target, as_json)


@failed_.command(name="there")
@CUSTOMER
@KEYS
@TARGET
@AS_JSON
def failed_there(customer_id: int, keys: Sequence[str], target: str | None, as_json: bool) -> int:
    """Take items as registered: you have looked, and they are in Upsales."""
    found = failed.there(open_services(), customer_id, keys, Target(target) if target else None)
    show(as_json, found, lambda: [f"{found['changed']} taken as registered."])
    return DONE


def _sent_again(
    send: Callable[..., dict[str, Any]],
    customer_id: int,
    keys: Sequence[str],
    target: str | None,
    as_json: bool,
) -> int:
    chosen = Target(target) if target else None
    services, progress = open_services(), progress_line(as_json)
    made = send(services, customer_id, keys, chosen, progress)
    if made["run"] is not None:
        made["run"] = keyless.finish(services, customer_id, made["run"], progress)
    show(as_json, made, lambda: [f"{made['changed']} sent again."])
    if made["run"] is None:
        return DONE
    if not as_json:
        show_run(made["run"], as_json)
    return exit_status(made["run"])
