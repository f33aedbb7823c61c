"""Commands that run something: the demo, the server, a sync, the checks."""

from __future__ import annotations

import os
from functools import partial

import click

from .. import doctor, keyless, terminal, terminal_enrichment
from ..config import Config
from ..links import sign_link
from ..privacy.replay import replay_tombstones
from ..services import build, mark_restored
from ..store import database
from ..sync.report import exit_status
from .base import (
    AS_JSON,
    CUSTOMER,
    DONE,
    cli,
    open_services,
    print_json,
    progress_line,
    show,
    show_run,
)


@cli.command()
@click.option("--once", is_flag=True, help="End after the run instead of serving the pages.")
@click.option("--port", type=click.IntRange(1, 65535), help="Port of the pages.")
@AS_JSON
def demo(once: bool, port: int | None, as_json: bool) -> int:
    """Run the real job against the sandbox; no account is needed."""
    from .. import demo as demonstration  # the sandbox is loaded for the demo alone
    from ..serving import check_port, serve_here

    def ready(config: Config) -> None:
        if not once:
            check_port(config.port, 'make demo ARGS="--port N"')

    with demonstration.demo(progress_line(as_json), ready, port) as shown:
        config = shown.services.config
        url = None if once else sign_link(config, shown.customer_id, "demo", admin=True)
        found = {"entries": shown.written, "enrichment": shown.enriched, "url": url}
        show_run(shown.document | (found if as_json else {}), as_json)
        if not as_json:
            for line in (
                *terminal.entries(shown.written),
                *terminal_enrichment.summaries(shown.enriched),
            ):
                click.echo(line)
        if url:
            serve_here(shown.services, url, partial(click.echo, err=as_json))
    return exit_status(shown.document)


@cli.command()
@click.option("--port", type=click.IntRange(1, 65535), help="Port; wins over PORT.")
@AS_JSON
def serve(port: int | None, as_json: bool) -> int:
    """Serve the pages, tick, and run due customers, all in one process."""
    from ..serving import check_port, public_url, serve_forever

    services = build(Config.load(os.environ))
    chosen = port or services.config.port
    check_port(chosen)
    if as_json:
        print_json({"url": public_url(services.config, chosen), "port": chosen})
    serve_forever(services.config, chosen)
    return DONE


@cli.command()
@AS_JSON
def worker(as_json: bool) -> int:
    """Run what is queued, beside any number of others; needs ENGINE=procrastinate."""
    services = build(Config.load(os.environ))
    services.work(partial(print_json, {"engine": services.config.engine}) if as_json else _silent)
    return DONE


def _silent() -> None:
    """Without ``--json`` a worker prints nothing; its log says what it does."""


@cli.command()
@click.option("--restored", is_flag=True, help="A backup was put back: look in Upsales first.")
@AS_JSON
def migrate(restored: bool, as_json: bool) -> int:
    """Bring the database up to date; running it twice does no harm."""
    config = Config.load(os.environ)
    applied = database.migrate(config.database_url)
    database.connect(config.database_url)
    again = replay_tombstones(config)
    database.close()
    if restored:
        mark_restored(config)
    words = [f"Applied: {', '.join(applied)}." if applied else "The database is up to date."]
    if again:
        words.append(f"People who were erased since that backup, erased again: {again}.")
    made = {"applied": applied} | ({"erased_again": again} if again else {})
    show(as_json, made, lambda: words)
    return DONE


@cli.command(name="doctor")
@click.option("--customer", "customer_id", type=int, help="Ask its vendors too; only reads.")
@AS_JSON
def doctor_(customer_id: int | None, as_json: bool) -> int:
    """Check the deployment, and with a customer whether its vendors do what we expect."""
    checks = doctor.examine(Config.load(os.environ))
    probes = None
    if customer_id is not None:
        usable = doctor.is_usable(checks)
        probes = doctor.probe(open_services(), customer_id) if usable else []
    show(as_json, doctor.document(checks, probes), lambda: doctor.lines(checks, probes or []))
    return doctor.exit_status(checks, probes or [])


@cli.command()
@CUSTOMER
@click.option("--dry-run", is_flag=True, help="Show what a run would write; write nothing.")
@AS_JSON
def sync(customer_id: int, dry_run: bool, as_json: bool) -> int:
    """Run one customer now."""
    services, progress = open_services(), progress_line(as_json)
    if dry_run:
        document = services.rehearse(customer_id, progress=progress)
    else:
        made = services.run_now(customer_id, progress=progress)
        document = keyless.finish(services, customer_id, made, progress)
    show_run(document, as_json)
    return exit_status(document)
