"""What all commands share: options, the object graph, how a result is shown."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from typing import Any

import click

from .. import __version__, terminal
from ..clients.fields import LARGEST_ID
from ..config import Config
from ..services import Services, build
from ..store import database

NUMBER = click.IntRange(1, LARGEST_ID)
CUSTOMER = click.option("--customer", "customer_id", type=NUMBER, required=True, help="Its number.")
AS_JSON = click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
DONE, SOME_FAILED, WRONG_USE = 0, 1, 2
STOPPED = 130


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
def cli() -> None:
    """Brings Wistia video views into Upsales, and says why when one is not there."""


def print_json(document: Any) -> None:
    """One JSON document on stdout."""
    click.echo(json.dumps(document, ensure_ascii=False, indent=2, default=str))


def show(as_json: bool, document: Any, lines: Callable[[], Sequence[str]]) -> None:
    """The document for ``--json``, else the lines for people."""
    if as_json:
        print_json(document)
        return
    for line in lines():
        click.echo(terminal.clean(line))


def open_services() -> Services:
    """The object graph, and a connection for as long as the command lasts."""
    services = build(Config.load(os.environ))
    click.get_current_context().with_resource(database.session())
    return services


def progress_line(as_json: bool) -> Callable[[str], None]:
    """What tells people on stderr what a run does just now; silent for ``--json``."""
    if as_json:
        return lambda text: None
    click.get_current_context().call_on_close(terminal.Progress.end_all)
    return terminal.Progress()


def show_run(document: dict[str, Any], as_json: bool) -> None:
    """A run's document: as JSON, or as the funnel and a few sentences."""
    if as_json:
        print_json(document)
        return
    console = terminal.console()
    console.print(terminal.funnel(document, plain=not console.is_terminal))
    for line in terminal.sentences(document):
        console.print(line, markup=False)
