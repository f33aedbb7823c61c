"""Workers as processes of their own, and what waits for them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any

import psycopg

from tests.engine.processes import PATIENCE, ROOT

PROGRAM = "import sys; from upsales_wistia.cli import main; main(sys.argv[1:])"


class Process:
    """A command of the app in a process of its own; its log goes to a file."""

    def __init__(self, environ: dict[str, str], log: Path, *arguments: str) -> None:
        self.log = log
        with log.open("ab") as file:
            self.process = subprocess.Popen(
                [sys.executable, "-c", PROGRAM, *arguments],
                env={**os.environ, **environ},
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=file,
            )

    def __enter__(self) -> Process:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(PATIENCE)

    def send(self, number: signal.Signals) -> None:
        """Send it a signal."""
        self.process.send_signal(number)

    def stop(self, seconds: float = PATIENCE) -> int:
        """Ask it to end; its exit status."""
        self.send(signal.SIGTERM)
        return self.process.wait(seconds)

    def told(self) -> str:
        """Its log."""
        return self.log.read_text(encoding="utf-8")[-6000:]


def eventually(what: Callable[[], Any], seconds: float = PATIENCE) -> Any:
    """What ``what`` returns once that is true; fails when it does not become so."""
    deadline = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < deadline, "it does not happen"
        time.sleep(0.05)
    return found


def rows(url: str, statement: str) -> list[tuple[Any, ...]]:
    """The rows of a query, on a connection of its own."""
    with psycopg.connect(url, autocommit=True) as connection:
        return connection.execute(statement.encode()).fetchall()


def several(stack: ExitStack, make: Callable[[int], Process], count: int) -> Iterator[Process]:
    """So many processes, which end with the stack."""
    for number in range(count):
        yield stack.enter_context(make(number))
