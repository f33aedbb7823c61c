"""Commands on customers."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click

from .. import customers as people_of
from .. import terminal
from ..errors import UsageError
from ..store import customers
from .base import AS_JSON, DONE, NUMBER, SOME_FAILED, cli, open_services, show

_LONGEST_NAME = 200


@cli.group(name="customers")
def customers_() -> None:
    """Add, show and remove customers."""


def _name(context: click.Context, parameter: click.Parameter, value: str) -> str:
    name = value.strip()
    if not 0 < len(name) <= _LONGEST_NAME:
        raise click.BadParameter(f"A name has 1 to {_LONGEST_NAME} characters.")
    return name


@customers_.command()
@click.argument("customer_id", type=NUMBER)
@click.option("--name", required=True, callback=_name, help="The customer's name.")
@click.option("--config", "source", required=True, help='A file, or - for stdin: {"apiKey": …}.')
@AS_JSON
def add(customer_id: int, name: str, source: str, as_json: bool) -> int:
    """Add a customer, or update one."""
    given = _read_json(source)
    problems = people_of.add(open_services(), customer_id, name, given)
    told = [problem.sentence for problem in problems] + people_of.unread(given)
    show(
        as_json,
        {"customer": customer_id, "problems": told},
        lambda: [f"Customer {customer_id} is kept.", *told],
    )
    return SOME_FAILED if told else DONE


def _read_json(source: str) -> Any:
    try:
        text = sys.stdin.read() if source == "-" else Path(source).read_text("utf-8")
    except OSError:
        raise UsageError(f"The file {source} cannot be read. Name one that is there.") from None
    except UnicodeDecodeError:
        raise UsageError(f"The file {source} is not text in UTF-8. Save it as such.") from None
    try:
        read = json.loads(text.removeprefix("\ufeff"))
        json.dumps(read, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise UsageError(
            "The config holds half a character, such as \\ud83d alone. Write it whole."
        ) from None
    except (ValueError, RecursionError):
        raise UsageError('The config is not JSON: {"apiKey": "…", "config": {…}}.') from None
    return read


@customers_.command(name="list")
@AS_JSON
def list_(as_json: bool) -> int:
    """List all customers."""
    open_services()
    rows = people_of.listing()
    show(
        as_json,
        {"customers": rows},
        lambda: (
            [terminal.customer(row) for row in rows]
            or [
                "No customers yet. Add one: upsales-wistia customers add ID --name N --config FILE."
            ]
        ),
    )
    return DONE


@customers_.command(name="show")
@click.argument("customer_id", type=NUMBER)
@AS_JSON
def show_(customer_id: int, as_json: bool) -> int:
    """Show a customer; of a credential only that it is there."""
    found = people_of.show(open_services(), customer_id)
    show(as_json, found, lambda: [f"{name}: {value}" for name, value in found.items()])
    return DONE


@customers_.command()
@click.argument("customer_id", type=NUMBER)
@AS_JSON
def pause(customer_id: int, as_json: bool) -> int:
    """Stop polling a customer until it is resumed."""
    open_services()
    customers.load(customer_id)
    customers.set_state(customer_id, "paused")
    return _told(as_json, customer_id, "paused", "is paused. Resume it: customers resume")


@customers_.command()
@click.argument("customer_id", type=NUMBER)
@AS_JSON
def resume(customer_id: int, as_json: bool) -> int:
    """Poll a paused customer again."""
    people_of.resume(open_services(), customer_id)
    return _told(as_json, customer_id, "active", "is polled again")


@customers_.command()
@click.argument("customer_id", type=NUMBER)
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
