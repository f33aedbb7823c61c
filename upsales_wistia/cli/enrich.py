"""The command that runs one of the five jobs with Mavera."""

from __future__ import annotations

import sys
from collections.abc import Callable

import click

from .. import terminal, terminal_enrichment
from ..enriching import price_of
from ..enrichment.rules import JOBS, JobName
from ..enrichment.run import Offer, Wanted, exit_status, not_begun
from ..errors import AppError, UsageError
from .base import AS_JSON, CUSTOMER, WRONG_USE, cli, open_services, progress_line, show

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
    try:
        if dry_run:
            made = enriching.preview(customer_id, job, media, wanted, progress=progress)
        else:
            confirm = _confirm(as_json or max_credits is not None)
            made = enriching.run(
                customer_id, job, media, wanted, by=BY, confirm=confirm, progress=progress
            )
    except AppError as error:
        if error.exit_status == WRONG_USE or not as_json:
            raise
        made = not_begun(customer_id, job, media, error)
        if dry_run:
            made |= {"dry_run": True, "bodies": []}
    if exit_status(made) == WRONG_USE:
        raise UsageError(made["reason"])
    lines = terminal_enrichment.bodies if dry_run else terminal_enrichment.lines
    show(as_json, made, lambda: lines(made))
    return exit_status(made)


def _confirm(agreed: bool) -> Callable[[Offer], bool]:
    """Tell the price before anything is paid, and let a person at a terminal decide.

    Elsewhere the limit in the settings is what was agreed to.
    """
    asks = not agreed and sys.stdin.isatty()

    def confirm(offer: Offer) -> bool:
        terminal.Progress.end_all()
        if not asks:
            click.echo(price_of(offer), err=True)
            return True
        try:
            return click.confirm(f"{price_of(offer)} Go on?", err=True)
        except click.Abort:  # Ctrl-C is a no
            return False

    return confirm
