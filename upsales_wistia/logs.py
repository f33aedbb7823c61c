"""What the process says of itself: one line an event on stderr, without a secret or an e-mail.

A person at a terminal gets ``key=value`` lines, everything else JSON. Lines of the libraries
(gunicorn, werkzeug, urllib3, apscheduler, peewee) take the same way. The redaction is the last
line of defence, not the first: whoever logs leaves such things out in the first place.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from contextlib import AbstractContextManager
from typing import Any, TextIO

import structlog
from structlog.tracebacks import ExceptionDictTransformer
from structlog.typing import EventDict, Processor

HIDDEN = "[hidden]"
E_MAIL = "[e-mail]"
QUIET_LIBRARIES = {
    "apscheduler": logging.WARNING,
    "peewee": logging.WARNING,
    "procrastinate": logging.WARNING,
    # It tells of each try to connect; the worker tells once that it was cut off.
    "psycopg.pool": logging.ERROR,
    # It warns of each try that failed; what came of them all, the run says.
    "urllib3": logging.ERROR,
}

_SECRET_NAME = re.compile(r"(?i)(token|key|keys|passw(or)?d|secrets?|authorization|cookie)$")
_HARMLESS_NAMES = frozenset({"event_key", "visitor_key"})
_WORD = r"[\w.-]{0,40}(?:token|passw(?:or)?d|secret|api_?key|authenticationkey|cookie)"
_ASSIGNED = re.compile(rf"(?i)(\b{_WORD}=|/enter\?t=)(?!\[hidden\])[^&\s\"'<>;,)\]}}]+")
_QUOTED = re.compile(rf"(?i)([\"']{_WORD}[\"']\s*:\s*[\"'])[^\"']*")
_SCHEME = re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]{6,}")
_URL_PASSWORD = re.compile(r"(://[^\s:/@]*:)[^\s/@]+@")
_REQUEST_LINE = re.compile(r"\b((?:GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS) [^\s?\"]*)\?[^\s\"]*")
_ADDRESS = re.compile(r"[^\s@<>\"'(),;:/?&=\[\]{}|]{1,128}(?:@|%40)[^\s@<>\"'(),;:/?&=\[\]{}|]+")
_CONTROL = re.compile(r"\x1b\[[0-9;]*m|[\x00-\x08\x0b-\x1f\x7f]")


def configure(stream: TextIO | None = None, level: int = logging.INFO) -> None:
    """Send everything that is logged from now on to ``stream`` (stderr), from ``level`` up."""
    given, stream = stream, stream or sys.stderr
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream) if given else _Stderr()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                *_rendering(stream.isatty()),
            ],
        )
    )
    logging.basicConfig(handlers=[handler], level=level, force=True)
    logging.captureWarnings(True)
    for name, least in QUIET_LIBRARIES.items():
        logging.getLogger(name).setLevel(max(level, least))


class _Stderr(logging.StreamHandler[TextIO]):
    """Writes to what ``sys.stderr`` is at that moment: a status line may stand in its place."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write one line."""
        self.stream = sys.stderr
        super().emit(record)


def bind(**facts: object) -> AbstractContextManager[None]:
    """Every line inside the ``with`` carries ``facts``, such as ``customer`` and ``run``."""
    return structlog.contextvars.bound_contextvars(**facts)


def get(name: str) -> structlog.stdlib.BoundLogger:
    """A logger. Its events are short verbs, what they are about stands in the values."""
    logger: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(name)
    return logger


def _rendering(terminal: bool) -> list[Processor]:
    # Neither way of showing an exception reads local variables: they hold tokens.
    if terminal:
        return [
            structlog.processors.format_exc_info,
            redact_event,
            structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback),
        ]
    return [
        structlog.processors.ExceptionRenderer(ExceptionDictTransformer(show_locals=False)),
        redact_event,
        structlog.processors.JSONRenderer(ensure_ascii=False),
    ]


def redact_event(_logger: object, _method: str, event: EventDict) -> MutableMapping[str, Any]:
    """A structlog processor: ``event`` without secrets and e-mail addresses, at any depth."""
    return {str(name): _redact_value(str(name), value) for name, value in event.items()}


def redact(text: str) -> str:
    """``text`` with the values of secrets, request queries and e-mail addresses taken out."""
    text = _CONTROL.sub("", text)
    text = _REQUEST_LINE.sub(r"\1", text)
    text = _ASSIGNED.sub(rf"\1{HIDDEN}", text)
    text = _QUOTED.sub(rf"\1{HIDDEN}", text)
    text = _SCHEME.sub(rf"\1 {HIDDEN}", text)
    text = _URL_PASSWORD.sub(rf"\1{HIDDEN}@", text)
    return _ADDRESS.sub(E_MAIL, text) if "@" in text or "%40" in text else text


def _redact_value(name: str, value: object) -> object:
    if _SECRET_NAME.search(name) and name not in _HARMLESS_NAMES:
        return HIDDEN if value else value
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, Mapping):
        return {str(inner): _redact_value(str(inner), item) for inner, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_redact_value("", item) for item in value]
    return redact(str(value))
