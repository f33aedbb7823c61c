"""The queues of a process, one for each kind of work, and the tick that fills them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog
from apscheduler.schedulers.background import BackgroundScheduler

from .clock import Clock
from .errors import DeploymentError
from .store import database
from .sync.queue import THREADS, LocalQueue, OwnQueue, Queue
from .sync.scheduler import start_ticking

if TYPE_CHECKING:
    from .sync.engine import Engine

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of work: how a customer's is done, and who puts in which customers it is due for.

    ``run`` returns True when there is more to do for the customer, after the others' turn. With
    ``repeats`` a customer that is put in while it waits or runs is run once more. One that is
    ``done_anywhere`` is also done by a process that does not tick, as a command is.
    """

    name: str
    run: Callable[[int], object]
    fill: Callable[[Queue, Clock], int]
    threads: int = THREADS
    repeats: bool = False
    done_anywhere: bool = False


class Queues:
    """A queue for each kind, and the tick. With an ``engine`` workers do what is put in."""

    def __init__(self, kinds: Sequence[Kind], clock: Clock, engine: Engine | None = None) -> None:
        self._kinds = {kind.name: kind for kind in kinds}
        self._clock = clock
        self._engine = engine
        self._scheduler: BackgroundScheduler | None = None
        self._queues: dict[str, OwnQueue] = {}
        self._open(kind for kind in kinds if engine or kind.done_anywhere)

    def _open(self, kinds: Iterable[Kind]) -> None:
        for kind in kinds:
            if kind.name not in self._queues:
                engine = self._engine
                self._queues[kind.name] = engine.queue(kind.name) if engine else _made(kind)

    def start(self, poll_minutes: float, also: Callable[[], object]) -> None:
        """Begin to tick: fill the queues and call ``also``, in a session."""
        self._open(self._kinds.values())
        self._scheduler = start_ticking(lambda: self._tick(also), poll_minutes)

    def _tick(self, also: Callable[[], object]) -> None:
        try:
            for name, queue in list(self._queues.items()):
                self._kinds[name].fill(queue, self._clock)
            with database.session():
                also()
        except (DeploymentError, *database.TROUBLE) as error:
            log.warning("tick put off", cause=type(error).__name__)

    def put(self, kind: str, customer_id: int) -> None:
        """Let this process do a customer's work soon; nothing happens where it does none."""
        queue = self._queues.get(kind)
        if queue:
            queue.put(customer_id)

    def join(self, kind: str) -> None:
        """Wait until all work of a kind that was put in is done."""
        queue = self._queues.get(kind)
        if queue:
            queue.join()

    def stop(self) -> None:
        """Stop ticking, and wait for the work that is going on."""
        if self._scheduler:
            self._scheduler.shutdown(wait=False)
        for queue in self._queues.values():
            queue.close()
        self._queues = {}
        self._scheduler = None


def _made(kind: Kind) -> LocalQueue:
    return LocalQueue(kind.run, kind.threads, repeats=kind.repeats)
