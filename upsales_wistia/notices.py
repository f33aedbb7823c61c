"""Notices in Upsales: what is amiss and the next step, to the users whom the admin chose.

How a customer is stands in the database, so a notice waits until a callback comes that can carry
it; what was told stands there too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

import structlog

from .clock import Clock
from .config import Config
from .errors import DeploymentError
from .status import state_data
from .store import database, notices, versions
from .web.health import Subject, health_of
from .web.notice import Notice, notice_of
from .web.wording import Speech

log = structlog.get_logger(__name__)


@dataclass
class Carried:
    """What a callback carries beside its message. ``taken`` once Upsales has accepted it."""

    fields: Mapping[str, Any] = field(default_factory=dict)
    taken: bool = False


class Notices:
    """Tells each cause once a day, and once when it is well again."""

    def __init__(self, config: Config, clock: Clock) -> None:
        self._config = config
        self._clock = clock

    def due(self, customer_id: int) -> bool:
        """Whether somebody is to be told something."""
        if not _users(customer_id):
            return False
        return notices.is_due(customer_id, self._notice(customer_id).cause, self._clock.now())

    @contextmanager
    def carried(self, customer_id: int) -> Iterator[Carried]:
        """What a callback that is about to be sent carries; told once it was ``taken``."""
        carried = Carried()
        cause = self._claim(customer_id, carried)
        try:
            yield carried
        finally:
            if cause is not None:
                self._settle(customer_id, cause, carried.taken)

    def _claim(self, customer_id: int, carried: Carried) -> str | None:
        try:
            with database.answering():
                users = _users(customer_id)
                notice = self._notice(customer_id) if users else None
                if notice is None or not notices.claim(
                    customer_id, notice.cause, self._clock.now()
                ):
                    return None
        except DeploymentError as error:
            log.warning("notice kept", cause=error.sentence)
            return None
        carried.fields = {"notify": notice.words, "notifyUserIds": users}
        return notice.cause

    def _settle(self, customer_id: int, cause: str, taken: bool) -> None:
        try:
            with database.answering():
                if taken:
                    notices.told(customer_id, cause, self._clock.now())
                else:
                    notices.release(customer_id, cause)
        except DeploymentError as error:
            log.warning("notice told, not noted", cause=error.sentence)

    def _notice(self, customer_id: int) -> Notice:
        now, config = self._clock.now(), self._config
        data = state_data(customer_id, now, config.window_days)
        if data is None:
            return Notice()
        say = Speech(now, ZoneInfo(data.zone))
        subject = Subject(customer_id, data, say, config.poll_minutes, config.window_days)
        return notice_of(health_of(subject))


def _users(customer_id: int) -> list[int]:
    version = versions.current(customer_id)
    wanted = version.config.get("notifyUsers", []) if version else []
    return [int(number) for number in wanted]
