"""Closes what Upsales asked of us: a run in one line, and notices to whom the admin chose.

https://support.upsales.com/hc/en-us/articles/360001693348-App-callback
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import structlog

from .clients.upsales_app import UpsalesApp
from .errors import VendorError
from .notices import Notices
from .sync.patience import Patience, Pause
from .sync.run import Document

log = structlog.get_logger(__name__)

JUST_NOW = "The last run was just now."
PAUSED = "Runs are paused until they are resumed. Nothing is lost meanwhile."
NOBODY = "Nobody waits for this contact."
BROKE = "The run was broken off. The next one goes on and nothing is lost."
BUSY = "Another process is at work on this customer."

_LONGEST = 10.0  # seconds of waiting in all: the next run of the customer waits as long


class Callbacks:
    """Calls back, a few times where Upsales does not answer: an address works once.

    ``app`` is None when the app is not in Upsales' directory; ``pause`` sleeps for some seconds.
    """

    def __init__(self, app: UpsalesApp | None, notices: Notices, pause: Pause) -> None:
        self._app = app
        self._notices = notices
        self._pause = pause

    def close(self, customer_id: int, urls: Sequence[str], message: str) -> None:
        """Close each address with ``message``; the first that takes it carries a notice too."""
        for url in filter(None, urls):
            if message == BROKE:  # How the customer is was not found out.
                self._post(url, message, {})
                continue
            with self._notices.carried(customer_id) as notice:
                notice.taken = self._post(url, message, notice.fields)

    def _post(self, url: str, message: str, notice: Mapping[str, Any]) -> bool:
        app = self._app
        if app is None:
            return False
        said = {"status": 1, "message": message, **notice}
        try:
            Patience(self._pause, left=_LONGEST).read(lambda: app.callback(url, said))
        except ValueError:
            log.warning("callback to another host refused")
        except VendorError as error:
            log.warning("callback not delivered", status=error.status)
        else:
            return True
        return False


def one_line(made: Document | None) -> str:
    """A run in one line, as the log in Upsales shows it; None for one that was not begun."""
    if made is None:
        return BUSY
    if made["status"] == "failed":
        return f"Failed: {made['reason']}"
    written = made["written"]
    late = written["late"]
    return (
        f"{written['activities'] + late['activities']} activities and "
        f"{written['forms'] + late['forms']} forms written; {made['funnel']['views']} views read; "
        f"{made['waiting']} waiting."
    )
