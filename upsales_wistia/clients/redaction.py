"""Keeps what a URL carries out of other people's log lines.

Upsales' documented way takes the key in the query string, and a search carries e-mail addresses
there; urllib3 writes paths with their query into its debug lines and its retry warnings.
"""

from __future__ import annotations

import logging
import re
from typing import Final

_QUERY: Final = re.compile(r"\?[^\s'\"<>)]*")
_TALKATIVE: Final = (
    "urllib3.connection",
    "urllib3.connectionpool",
    "urllib3.poolmanager",
    "urllib3.response",
    "urllib3.util.retry",
)


class QueryFilter(logging.Filter):
    """Cuts the query off every URL in a log record, and drops the record's exception."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite ``record``; it is always kept."""
        record.msg = without_queries(record.getMessage())
        record.args = ()
        record.exc_info = record.exc_text = record.stack_info = None
        return True


def without_queries(text: str) -> str:
    """``text`` with ``?…`` in place of every query string in it."""
    return _QUERY.sub("?…", text)


def install() -> None:
    """Put the filter on the loggers that print URLs. Doing it twice changes nothing."""
    for name in _TALKATIVE:
        logger = logging.getLogger(name)
        if not any(isinstance(one, QueryFilter) for one in logger.filters):
            logger.addFilter(QueryFilter())
