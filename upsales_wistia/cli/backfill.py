"""Views from before the app, or from a long outage."""

from __future__ import annotations

from datetime import date, datetime

import click

from .. import terminal, terminal_backfill
from ..errors import UsageError
from ..sync.period import Wanted
from ..sync.report import exit_status
from .base import AS_JSON, CUSTOMER, cli, open_services, print_json, progress_line, show_run

_BY = "command line"


@cli.command()
@CUSTOMER
@click.option("--since", required=True, metavar="DATE", help="The first day, as 2026-10-12 (UTC).")
@click.option("--until", metavar="DATE", help="The last day; without it, up to now.")
@click.option("--forms", is_flag=True, help="Submit forms too: each is a new submit.")
@click.option("--commit", is_flag=True, help="Write; without it you see what would be written.")
@AS_JSON
def backfill(
    customer_id: int, since: str, until: str | None, forms: bool, commit: bool, as_json: bool
) -> int:
    """Fetch older views. First see what would be written, then write it with --commit."""
    wanted = Wanted(_day(since), _day(until) if until else None, forms, commit)
    services, progress = open_services(), progress_line(as_json)
    document = services.fetching.run(customer_id, wanted, _BY, progress)
    if as_json:
        print_json(document)
        return exit_status(document)
    show_run(document, as_json)
    for line in terminal_backfill.lines(document):
        click.echo(terminal.clean(line))
    return exit_status(document)


def _day(text: str) -> date:
    try:
        return datetime.strptime(text.strip(), "%Y-%m-%d").date()  # noqa: DTZ007  (a day only)
    except ValueError:
        raise UsageError(f"“{text}” is no day. Write for example 2026-10-12.") from None
