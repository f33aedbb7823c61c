"""The command that runs one of the five jobs with Mavera."""

from __future__ import annotations

import sys
from collections.abc import Callable

import click

from .. import terminal, terminal_enrichment
from ..enriching import price_of
from ..enrichment.rules import JOBS, JobName
from ..enrichment.run import Document, Offer, Wanted, exit_status
from .base import AS_JSON, CUSTOMER, DONE, cli, open_services, print_json, progress_line

BY = "command line"


@cli.command()
@click.argument("job", type=click.Choice(JOBS))
@CUSTOMER
@click.option("--media", default="", help="The video (its hashed id), for dropoff.")
@click.option("--dry-run", is_flag=True, help="Print every body that would leave; send nothing.")
@click.option("--max-credits", type=click.IntRange(0), help="Spend at most so many; do not ask.")
@click.option("--consent", is_flag=True, help="Agree to the upload of transcripts (brand-voice).")
@click.option("--force", is_flag=True, help="Also within 48 hours of publishing (dropoff).")
@click.option("--custom-personas", is_flag=True, help="Make personas, 300 credits each.")
@AS_JSON
def enrich(
    job: JobName,
    customer_id: int,
    media: str,
    dry_run: bool,
    max_credits: int | None,
    consent: bool,
    force: bool,
    custom_personas: bool,
    as_json: bool,
) -> int:
    """Ask Mavera about the viewing; one that ended early goes on, and pays nothing twice."""
    enriching = open_services().enriching
    wanted = Wanted(max_credits, force, consent, custom_personas)
    progress = progress_line(as_json)
    if dry_run:
        _show(
            enriching.preview(customer_id, job, media, wanted, progress=progress),
            as_json,
            terminal_enrichment.bodies,
        )
        return DONE
    made = enriching.run(
        customer_id,
        job,
        media,
        wanted,
        by=BY,
        confirm=_confirm(as_json or max_credits is not None),
        progress=progress,
    )
    _show(made, as_json, terminal_enrichment.lines)
    return exit_status(made)


def _confirm(agreed: bool) -> Callable[[Offer], bool]:
    """Ask a person at a terminal; elsewhere the limit in the settings is what was agreed to."""
    if agreed or not sys.stdin.isatty():
        return lambda offer: True
    return lambda offer: click.confirm(f"{price_of(offer)} Go on?", err=True)


def _show(document: Document, as_json: bool, lines: Callable[[Document], list[str]]) -> None:
    if as_json:
        print_json(document)
        return
    for line in lines(document):
        click.echo(terminal.clean(line))
