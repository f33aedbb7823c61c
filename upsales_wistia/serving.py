"""Starts the web server: gunicorn for ``serve``, a thread of this process for the demo."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable

from gunicorn.app.base import BaseApplication
from werkzeug.serving import make_server

from . import gunicorn_conf
from .clients.reach import is_local
from .config import Config
from .errors import UsageError
from .services import Services
from .store import database
from .web import create_app

LOOPBACK = "127.0.0.1"


def check_port(port: int, another: str = "upsales-wistia serve --port N") -> None:
    """Raise UsageError, with the command for ``another``, when something listens on ``port``."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            raise UsageError(f"Port {port} is in use. Choose another: {another}.") from None


def host_for(public_url: str) -> str:
    """Where to listen: on loopback, unless the pages' address is another host's."""
    return LOOPBACK if is_local(public_url) else "0.0.0.0"  # noqa: S104


class _Server(BaseApplication):  # type: ignore[misc]
    def __init__(self, host: str, port: int) -> None:
        self._bind = f"{host}:{port}"
        super().__init__()

    def load_config(self) -> None:
        for name in dir(gunicorn_conf):
            if name in self.cfg.settings:
                self.cfg.set(name, getattr(gunicorn_conf, name))
        self.cfg.set("bind", self._bind)
        self.cfg.set("workers", 1)

    def load(self) -> object:
        return gunicorn_conf.application()


def public_url(config: Config, port: int) -> str:
    """The address of the pages when they are served on ``port``."""
    default = f"http://{LOOPBACK}:{config.port}"
    return f"http://{LOOPBACK}:{port}" if config.public_url == default else config.public_url


def serve_forever(config: Config, port: int) -> None:
    """Serve the pages, tick and run due customers until the process is told to stop."""
    os.environ["PORT"] = str(port)  # for the worker, which reads its own environment
    database.close()  # a worker is forked: it must not share this connection
    _Server(host_for(config.public_url), port).run()


def serve_here(services: Services, url: str, say: Callable[[str], None]) -> None:
    """Serve the demo's pages in this process until Ctrl-C; ``url`` opens them."""
    server = make_server(LOOPBACK, services.config.port, create_app(services), threaded=True)
    say(f"The pages: {url}")
    say("Ctrl-C ends it.")
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        say("Ended. The demo's state is kept for the next time.")
    finally:
        server.server_close()
