"""The command line: thin commands. Every command takes ``--json``; logs go to stderr.

Exit status: 0 done · 1 done, some items failed · 2 wrong use · 3 the customer must act ·
4 a vendor is out of reach · 130 stopped by Ctrl-C.
"""

from __future__ import annotations

import errno
import logging
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

import click

from .. import logs, terminal
from ..errors import AppError, UsageError
from ..store import database
from . import asking, backfill, customers, enrich, failed, keys, privacy, running, undo
from .base import DONE, SOME_FAILED, STOPPED, WRONG_USE, cli, print_json

__all__ = [
    "asking",
    "backfill",
    "cli",
    "customers",
    "enrich",
    "failed",
    "keys",
    "main",
    "privacy",
    "running",
    "undo",
]


log = logs.get(__name__)

_UNHEARD = frozenset({errno.EPIPE, errno.ENOSPC, errno.EIO})
"""What a write to stdout fails with when its reader is gone or its disk is full."""

_KEPT = "What was stored before is kept. Look with upsales-wistia doctor, then try again."
_STOPPED = "Stopped. What was written is kept; the next run goes on."
_BROKEN = "Something broke on our side; nothing is half-done. The log above says what it was."


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and leave the process with its exit status."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        status = _status(given)
        if sys.stdout:
            sys.stdout.flush()
    except OSError:  # Nobody hears us: there is no one to tell it to.
        _silence()
        status = SOME_FAILED
    sys.exit(status)


def _status(given: Sequence[str]) -> int:
    """Run the command line; returns its exit status. Raises OSError when stdout takes nothing."""
    # Who runs one command sees its result; a server's log is all that is seen of it.
    serves = {"serve", "worker"} & set(given)
    logs.configure(level=logging.INFO if serves else logging.WARNING)
    try:
        _refuse_no_text(given)
        status = cli.main(given, prog_name="upsales-wistia", standalone_mode=False)
    except click.exceptions.Exit as stop:
        status = stop.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo(_STOPPED, err=True)
        status = STOPPED
    except click.ClickException as error:
        status = _refuse(error.format_message(), WRONG_USE, given)
    except AppError as error:
        status = _refuse(error.sentence, error.exit_status, given)
    except database.TROUBLE as error:
        status = _refuse(f"{database.cause(error)} {_KEPT}", WRONG_USE, given)
    except Exception as error:
        if isinstance(error, OSError) and error.errno in _UNHEARD:
            raise
        log.exception("command broke")
        status = _refuse(_BROKEN, SOME_FAILED, given)
    finally:
        database.close()
    return status if isinstance(status, int) else DONE


def _refuse_no_text(given: Sequence[str]) -> None:
    """Raises UsageError for an argument that is no text: it could be neither kept nor printed."""
    for argument in given:
        if not argument.isascii() and argument != argument.encode("utf-8", "replace").decode():
            raise UsageError("What was typed is not text in UTF-8. Type it anew.")


def _silence() -> None:
    """Let what stdout still holds go nowhere: Python would complain of it at the end."""
    if sys.stdout:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


def _refuse(sentence: str, status: int, given: Sequence[str]) -> int:
    if "--json" in given:
        print_json({"error": sentence})
    else:
        click.echo(terminal.clean(sentence), err=True)
    return status
