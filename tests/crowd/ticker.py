"""A process that ticks and runs due customers until its standard input is closed."""

from __future__ import annotations

import logging
import os
import sys

from upsales_wistia import logs
from upsales_wistia.clients.limits import Limits
from upsales_wistia.config import Config
from upsales_wistia.services import Services
from upsales_wistia.store import database


def main() -> None:
    """Tick; the first line on standard output says that it has begun."""
    logs.configure(level=logging.WARNING)
    config = Config.load(os.environ)
    database.connect(config.database_url)
    services = Services(config, limits=Limits().scaled(1000))
    services.start_tick()
    sys.stdout.write("ticking\n")
    sys.stdout.flush()
    sys.stdin.read()
    services.stop()
    database.close()


if __name__ == "__main__":
    main()
