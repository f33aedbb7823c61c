"""The command line: thin commands. Every command takes ``--json``; logs go to stderr.

Exit status: 0 done · 1 done, some items failed · 2 wrong use · 3 the customer must act ·
4 a vendor is out of reach.
"""

from __future__ import annotations

import json
import logging
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NoReturn

import click

from . import __version__, doctor, inquiry, logs, terminal
from . import customers as people_of
from .config import Config
from .errors import AppError, UsageError
from .services import Services, build, mark_restored
from .store import customers, database
from .sync.report import exit_status
from .web.security import sign_link

CUSTOMER = click.option("--customer", "customer_id", type=int, required=True, help="Its number.")
AS_JSON = click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
DONE, SOME_FAILED, WRONG_USE = 0, 1, 2


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
def cli() -> None:
    """Brings Wistia video views into Upsales, and says why when one is not there."""


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and leave the process with its exit status."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    # Who runs one command sees its result; a server's log is all that is seen of it.
    logs.configure(level=logging.INFO if "serve" in given else logging.WARNING)
    try:
        status = cli.main(given, prog_name="upsales-wistia", standalone_mode=False)
    except click.exceptions.Exit as stop:
        status = stop.exit_code
    except (click.Abort, KeyboardInterrupt):
        status = WRONG_USE
    except click.ClickException as error:
        status = _refuse(error.format_message(), WRONG_USE, given)
    except AppError as error:
        status = _refuse(error.sentence, error.exit_status, given)
    finally:
        database.close()
    sys.exit(status if isinstance(status, int) else DONE)


def _refuse(sentence: str, status: int, given: Sequence[str]) -> int:
    if "--json" in given:
        _print_json({"error": sentence})
    else:
        click.echo(sentence, err=True)
    return status


def _print_json(document: Any) -> None:
    click.echo(json.dumps(document, ensure_ascii=False, indent=2, default=str))


def _show(as_json: bool, document: Any, lines: Callable[[], Sequence[str]]) -> None:
    if as_json:
        _print_json(document)
        return
    for line in lines():
        click.echo(line)


def _services() -> Services:
    """The object graph, and a connection for as long as the command lasts."""
    services = build(Config.load(os.environ))
    click.get_current_context().with_resource(database.session())
    return services


def _say(as_json: bool) -> Callable[[str], None]:
    if as_json:
        return lambda text: None
    console = terminal.console(stderr=True)
    return lambda text: console.print(text, style="dim", markup=False)


def _show_run(document: dict[str, Any], as_json: bool) -> None:
    if as_json:
        _print_json(document)
        return
    console = terminal.console()
    console.print(terminal.funnel(document, plain=not console.is_terminal))
    for line in terminal.sentences(document):
        console.print(line, markup=False)


@cli.command()
@click.option("--once", is_flag=True, help="End after the run instead of serving the pages.")
@click.option("--port", type=click.IntRange(1, 65535), help="Port of the pages.")
@AS_JSON
def demo(once: bool, port: int | None, as_json: bool) -> int:
    """Run the real job against the sandbox; no account is needed."""
    from . import demo as demonstration  # the sandbox is loaded for the demo alone
    from .serving import check_port, serve_here

    with demonstration.demo(_say(as_json), port) as shown:
        chosen = shown.services.config.port
        if not once:
            check_port(chosen)
        _show_run(shown.document | ({"entries": shown.written} if as_json else {}), as_json)
        if not as_json:
            for line in terminal.entries(shown.written):
                click.echo(line)
        if not once:
            serve_here(shown.services, shown.customer_id, chosen, click.echo)
    return exit_status(shown.document)


@cli.command()
@click.option("--port", type=click.IntRange(1, 65535), help="Port; wins over PORT.")
@AS_JSON
def serve(port: int | None, as_json: bool) -> int:
    """Serve the pages, tick, and run due customers, all in one process."""
    from .serving import check_port, serve_forever

    services = _services()
    chosen = port or services.config.port
    check_port(chosen)
    if as_json:
        _print_json({"url": services.config.public_url, "port": chosen})
    serve_forever(services.config, chosen)
    return DONE


@cli.command()
@click.option("--restored", is_flag=True, help="A backup was put back: look in Upsales first.")
@AS_JSON
def migrate(restored: bool, as_json: bool) -> int:
    """Bring the database up to date; running it twice does no harm."""
    config = Config.load(os.environ)
    applied = database.migrate(config.database_url)
    if restored:
        mark_restored(config)
    words = f"Applied: {', '.join(applied)}." if applied else "The database is up to date."
    _show(as_json, {"applied": applied}, lambda: [words])
    return DONE


@cli.command(name="doctor")
@AS_JSON
def doctor_(as_json: bool) -> int:
    """Check the deployment: database, migrations, keys, clock, queue, addresses."""
    checks = doctor.examine(Config.load(os.environ))
    _show(
        as_json,
        doctor.document(checks),
        lambda: [f"{'ok ' if c.ok else 'NOT'}  {c.name}: {c.sentence}" for c in checks],
    )
    return DONE if all(check.ok for check in checks) else SOME_FAILED


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
    problems = people_of.add(_services(), customer_id, name, given)
    told = [problem.sentence for problem in problems]
    _show(
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
    _services()
    rows = [{"customer": c.id, "name": c.name, "state": c.state} for c in customers.list_all()]
    _show(
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


@customers_.command()
@click.argument("customer_id", type=int)
@AS_JSON
def show(customer_id: int, as_json: bool) -> int:
    """Show a customer; of a credential only that it is there."""
    found = people_of.show(_services(), customer_id)
    _show(as_json, found, lambda: [f"{name}: {value}" for name, value in found.items()])
    return DONE


@customers_.command()
@click.argument("customer_id", type=int)
@AS_JSON
def pause(customer_id: int, as_json: bool) -> int:
    """Stop polling a customer until it is resumed."""
    _services()
    customers.load(customer_id)
    customers.set_state(customer_id, "paused")
    return _told(as_json, customer_id, "paused", "is paused. Resume it: customers resume")


@customers_.command()
@click.argument("customer_id", type=int)
@AS_JSON
def resume(customer_id: int, as_json: bool) -> int:
    """Poll a paused customer again."""
    people_of.resume(_services(), customer_id)
    return _told(as_json, customer_id, "active", "is polled again")


@customers_.command()
@click.argument("customer_id", type=int)
@AS_JSON
def remove(customer_id: int, as_json: bool) -> int:
    """Remove a customer and everything that is kept of it."""
    services = _services()
    people_of.remove(services, customer_id)
    return _told(as_json, customer_id, "removed", "and all that was kept of it are gone")


def _told(as_json: bool, customer_id: int, state: str, words: str) -> int:
    _show(
        as_json,
        {"customer": customer_id, "state": state},
        lambda: [f"Customer {customer_id} {words}."],
    )
    return DONE


@cli.command()
@CUSTOMER
@click.option("--dry-run", is_flag=True, help="Show what a run would write; write nothing.")
@AS_JSON
def sync(customer_id: int, dry_run: bool, as_json: bool) -> int:
    """Run one customer now."""
    services = _services()
    run = services.rehearse if dry_run else services.run_now
    document = run(customer_id, progress=_say(as_json))
    _show_run(document, as_json)
    return exit_status(document)


@cli.command()
@CUSTOMER
@click.argument("email_or_event_key")
@AS_JSON
def explain(customer_id: int, email_or_event_key: str, as_json: bool) -> int:
    """Say why a person's views, or one view, are or are not in Upsales."""
    found = inquiry.explain_views(_services(), customer_id, email_or_event_key)
    nothing = f"Wistia has sent no view of {email_or_event_key}. A view can take an hour to arrive."
    _show(as_json, found, lambda: terminal.explanation(found) or [nothing])
    return DONE


@cli.command()
@CUSTOMER
@click.option("--set", "changes", multiple=True, required=True, metavar="NAME=VALUE")
@AS_JSON
def simulate(customer_id: int, changes: Sequence[str], as_json: bool) -> int:
    """Say what a change of settings would do to the stored views."""
    found = inquiry.simulate_change(_services(), customer_id, dict(map(_change, changes)))
    _show(
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
    services = _services()
    customers.load(customer_id)
    address = sign_link(services.config, customer_id, "command line")
    _show(as_json, {"url": address}, lambda: [address])
    return DONE
