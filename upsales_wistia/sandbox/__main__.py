"""``python -m upsales_wistia.sandbox``: the sandbox as a process of its own."""

from __future__ import annotations

import argparse
import json
import signal
import sys
import threading
from collections.abc import Sequence
from datetime import UTC, datetime

from .core import Sandbox
from .example import example_world
from .traffic import Limits
from .world import World


def main() -> int:
    """Serve until interrupted. Prints one JSON line with addresses, tokens and keys."""
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    return serve(sys.argv[1:], ended)


def serve(arguments: Sequence[str], ended: threading.Event) -> int:
    """Serve as the arguments say, until ``ended`` is set. Returns the exit status."""
    wanted = _parser().parse_args(arguments)
    now = wanted.now or datetime.now(UTC)
    limits = Limits() if wanted.limits == "documented" else Limits.off()
    ports = {name: getattr(wanted, name) for name in ("port_wistia", "port_upsales", "port_mavera")}
    with Sandbox(**ports, limits=limits) as sandbox:
        for customer in wanted.customer or [4711]:
            world = example_world(now) if wanted.world == "example" else World(now)
            sandbox.add_customer(customer, world)
        sandbox.platform.address = wanted.app.rstrip("/")
        sys.stdout.write(json.dumps(sandbox.overview()) + "\n")
        sys.stdout.flush()
        ended.wait()
    return 0


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m upsales_wistia.sandbox", description=main.__doc__
    )
    parser.add_argument("--port-wistia", type=int, default=0)
    parser.add_argument("--port-upsales", type=int, default=0)
    parser.add_argument("--port-mavera", type=int, default=0)
    parser.add_argument("--world", choices=("example", "empty"), default="example")
    parser.add_argument("--now", type=_moment, help="the world's today, ISO 8601; default: now")
    parser.add_argument("--customer", type=int, action="append", help="id; may be repeated")
    parser.add_argument("--app", default="", help="where the app listens, for what Upsales posts")
    parser.add_argument("--limits", choices=("documented", "off"), default="documented")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
