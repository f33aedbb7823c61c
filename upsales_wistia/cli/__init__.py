"""The command line: thin commands. Every command takes ``--json``; logs go to stderr.

Exit status: 0 done · 1 done, some items failed · 2 wrong use · 3 the customer must act ·
4 a vendor is out of reach.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Sequence
from typing import NoReturn

import click

from .. import logs, terminal
from ..errors import AppError
from ..store import database
from . import asking, customers, failed, keys, running
from .base import DONE, SOME_FAILED, WRONG_USE, cli, print_json

__all__ = ["asking", "cli", "customers", "failed", "keys", "main", "running"]


log = logs.get(__name__)

_DATABASE_AWAY = (
    "The database stopped answering in the middle. What was stored is kept. Look at it with "
    "upsales-wistia doctor, then try again."
)
_BROKEN = "Something broke on our side; nothing is half-done. The log above says what it was."


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
    except database.TROUBLE:
        status = _refuse(_DATABASE_AWAY, WRONG_USE, given)
    except Exception:
        log.exception("command broke")
        status = _refuse(_BROKEN, SOME_FAILED, given)
    finally:
        database.close()
    sys.exit(status if isinstance(status, int) else DONE)


def _refuse(sentence: str, status: int, given: Sequence[str]) -> int:
    if "--json" in given:
        print_json({"error": sentence})
    else:
        click.echo(terminal.clean(sentence), err=True)
    return status
