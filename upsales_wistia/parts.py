"""What a process's environment chooses among: how Mavera is spoken with, the app, the engine."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from .clients.limits import Limiters, Limits
from .clients.mavera_dialect import Dialect
from .clients.upsales_app import UpsalesApp
from .config import Config
from .errors import DeploymentError, UsageError
from .queues import Kind
from .store.line import next_turn

if TYPE_CHECKING:
    from .sync.engine import Engine


def dialect_of(config: Config) -> Dialect:
    """How Mavera is spoken with. Raises UsageError, at the start, for what is no dialect."""
    try:
        return Dialect.of(config.mavera_dialect)
    except ValueError as error:
        raise UsageError(f"MAVERA_DIALECT: {error}.") from None


def limiters_of(config: Config, limits: Limits) -> Limiters:
    """How fast this process may ask.

    A customer's limits go from process to process with its lease; those of the whole deployment
    need one line for all its processes.
    """
    if config.engine == "local":
        return Limiters(limits)
    return Limiters(limits, partial(next_turn, "submits"))


def engine_of(config: Config, kinds: Sequence[Kind]) -> Engine | None:
    """What hands the work to workers; None when each process does its own.

    Raises DeploymentError when the library for it is not installed.
    """
    if config.engine == "local":
        return None
    try:
        from .sync.engine import Engine, Job  # noqa: PLC0415 - an optional extra
    except ImportError:
        raise DeploymentError(
            "ENGINE=procrastinate needs its library: pip install 'upsales-wistia[scale]'."
        ) from None
    return Engine(config.database_url, [Job(kind.name, kind.run, kind.threads) for kind in kinds])


def app_of(config: Config) -> UpsalesApp | None:
    """The app as Upsales knows it; None when it is not in Upsales' directory."""
    if config.upsales_app_id is None or not config.upsales_app_key:
        return None
    return UpsalesApp(
        config.upsales_external_url,
        config.upsales_app_id,
        config.upsales_app_key,
        trusts=config.trusts,
    )
