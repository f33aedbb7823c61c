"""Commands on customers."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click

from .. import customers as people_of
from ..errors import UsageError
from ..store import customers
from .base import AS_JSON, DONE, SOME_FAILED, cli, open_services, show


@cli.group(name="customers")
def customers_() -> None:
    """Add, show and remove customers."""


@customers_.command()
@click.argument("customer_id", type=click.IntRange(1))
@click.option("--name", required=True, help="The customer's name.")
@click.option("--config", "source", required=True, help='A file, or - for stdin: {"apiKey": …}.')
@AS_JSON
def add(customer_id: int, name: str, source: str, as_json: bool) -> int:
    """Add a customer, or update one."""
    given = _read_json(source)
    problems = people_of.add(open_services(), customer_id, name, given)
    told = [problem.sentence for problem in problems]
    show(
        as_json,
        {"customer": customer_id, "problems": told},
        lambda: [f"Customer {customer_id} is kept.", *told],
    )
    return SOME_FAILED if problems else DONE


def _read_json(source: str) -> Any:
    try:
        text = sys.stdin.read() if source == "-" else Path(source).read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        raise UsageError(f"The file {source} cannot be read. Name one that is there.") from None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise UsageError('The config is not JSON: {"apiKey": "…", "config": {…}}.') from None


@customers_.command(name="list")
@AS_JSON
def list_(as_json: bool) -> int:
    """List all customers."""
    open_services()
    rows = [{"customer": c.id, "name": c.name, "state": c.state} for c in customers.list_all()]
    show(
        as_json,
        {"customers": rows},
        lambda: (
            [f"{r['customer']}  {r['state']}  {r['name']}" for r in rows]
            or [
                "No customers yet. Add one: upsales-wistia customers add ID --name N --config FILE."
            ]
        ),
    )
    return DONE


@customers_.command(name="show")
@click.argument("customer_id", type=int)
@AS_JSON
def show_(customer_id: int, as_json: bool) -> int:
    """Show a customer; of a credential only that it is there."""
    found = people_of.show(open_services(), customer_id)
    show(as_json, found, lambda: [f"{name}: {value}" for name, value in found.items()])
    return DONE


@customers_.command()
@click.argument("customer_id", type=int)
@AS_JSON
def pause(customer_id: int, as_json: bool) -> int:
    """Stop polling a customer until it is resumed."""
    open_services()
    customers.load(customer_id)
    customers.set_state(customer_id, "paused")
    return _told(as_json, customer_id, "paused", "is paused. Resume it: customers resume")


@customers_.command()
@click.argument("customer_id", type=int)
@AS_JSON
def resume(customer_id: int, as_json: bool) -> int:
    """Poll a paused customer again."""
    people_of.resume(open_services(), customer_id)
    return _told(as_json, customer_id, "active", "is polled again")


@customers_.command()
@click.argument("customer_id", type=int)
@AS_JSON
def remove(customer_id: int, as_json: bool) -> int:
    """Remove a customer and everything that is kept of it."""
    services = open_services()
    people_of.remove(services, customer_id)
    return _told(as_json, customer_id, "removed", "and all that was kept of it are gone")


def _told(as_json: bool, customer_id: int, state: str, words: str) -> int:
    show(
        as_json,
        {"customer": customer_id, "state": state},
        lambda: [f"Customer {customer_id} {words}."],
    )
    return DONE
