"""How gunicorn serves the app: ``gunicorn --config python:upsales_wistia.gunicorn_conf``.

Each worker process ticks; that is safe, because a customer's run is claimed by a lease.
"""

from __future__ import annotations

import logging
import os
import socket
import struct
import sys
from typing import Any

from flask import Flask
from gunicorn.glogging import Logger

from . import logs
from .config import Config
from .errors import AppError
from .services import build
from .web import create_app

wsgi_app = "upsales_wistia.gunicorn_conf:application()"
bind = f"0.0.0.0:{os.environ.get('PORT') or 8000}"
worker_class = "gthread"
# One process, so that our limits hold; with ENGINE=procrastinate all processes share them.
workers = 1
threads = 8
timeout = 60
graceful_timeout = 30
# Neither recycle a worker, which would kill the runs in it, nor fork one that already ticks.
max_requests = 0
preload_app = False
control_socket_disable = True
accesslog = "-"
# The path without its query: that carries signed links.
access_log_format = "%(m)s %(U)s %(s)s %(M)sms"


SILENCE = 10.0
"""Seconds without a byte after which a client is given up: there are few threads to wait."""


class HouseLogger(Logger):  # type: ignore[misc]
    """gunicorn's own lines take the way of all others, redaction included."""

    def setup(self, cfg: Any) -> None:
        """Hand what gunicorn logs to the root logger."""
        super().setup(cfg)
        for logger in (self.error_log, self.access_log):
            logger.handlers.clear()
            logger.propagate = True
        logs.configure(level=logging.INFO)


logger_class = HouseLogger


def application() -> Flask:
    """The web application, on the object graph of this process's environment."""
    return create_app(build(Config.load(os.environ)))


def on_starting(server: Any) -> None:
    """Stop with one clear sentence, before any worker, when the environment is not in order."""
    try:
        Config.load(os.environ)
    except AppError as error:
        server.log.error(error.sentence)
        sys.exit(error.exit_status)


def post_worker_init(worker: Any) -> None:
    """Start this process's tick, once its application is there."""
    for listener in worker.sockets:
        give_up_after(listener, SILENCE)
    worker.wsgi.extensions["services"].start_tick()


def give_up_after(listener: Any, seconds: float) -> None:
    """End whatever waits for ``seconds`` to hear from a client of ``listener``, or to be heard.

    The server's threads read without a time-out: a client that went away in the middle of its
    request would hold one for good. Linux hands these two on to the sockets it accepts.
    """
    whole = int(seconds)
    timeval = struct.pack("ll", whole, int((seconds - whole) * 1_000_000))
    for option in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
        listener.setsockopt(socket.SOL_SOCKET, option, timeval)


def worker_exit(_server: Any, worker: Any) -> None:
    """Stop the tick; a run that is cut off goes on elsewhere from what is committed."""
    app = getattr(worker, "wsgi", None)
    if app is not None:
        app.extensions["services"].stop()
