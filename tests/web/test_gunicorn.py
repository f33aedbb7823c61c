"""The server as a platform starts it: it answers, ticks, logs without queries, and stops."""

from __future__ import annotations

import io
import json
import logging
import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
import structlog
from gunicorn.config import Config as GunicornConfig

from upsales_wistia import gunicorn_conf

START = [sys.executable, "-m", "gunicorn", "--config", "python:upsales_wistia.gunicorn_conf"]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(folder: Path, **more: str) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return kept | {"DATABASE_URL": f"sqlite:///{folder}/app.db"} | more


def answer(url: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(url, timeout=10) as response:
            return response.status, response.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


@pytest.mark.slow
def test_it_serves_until_it_is_told_to_stop(tmp_path: Path) -> None:
    port = free_port()
    given = environment(tmp_path, PORT=str(port))
    # One worker: a second one may still be starting, deaf to signals, when the first has answered.
    start = [*START, "--workers", "1"]
    with subprocess.Popen(start, cwd=tmp_path, env=given, stderr=subprocess.PIPE, text=True) as it:
        assert it.stderr
        try:
            started = [next(line for line in it.stderr if "Booting worker" in line)]
            assert answer(f"http://127.0.0.1:{port}/health") == (200, '"upsales-wistia"\n')
            status, page = answer(f"http://127.0.0.1:{port}/c/1/enter?t=s3cr3t")
            assert (status, "This link has expired" in page) == (403, True)
        finally:
            it.send_signal(signal.SIGTERM)
        told = started + it.stderr.read().splitlines()
        assert it.wait(20) == 0
    lines = [json.loads(line) for line in told]
    requests = [one["event"] for one in lines if one["logger"] == "gunicorn.access"]
    assert [request.rsplit(" ", 1)[0] for request in requests] == [
        "GET /health 200",
        "GET /c/1/enter 403",
    ]
    assert not any("s3cr3t" in line for line in told)
    assert not (Path.home() / ".gunicorn" / "gunicorn.ctl").exists()


@pytest.mark.slow
def test_a_mistake_in_the_environment_is_one_sentence_before_any_worker(tmp_path: Path) -> None:
    ended = subprocess.run(
        START,
        cwd=tmp_path,
        env=environment(tmp_path, POLL_MINUTES="often"),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert ended.returncode == 2
    assert "POLL_MINUTES is " in ended.stderr
    assert "Booting worker" not in ended.stderr
    assert "Traceback" not in ended.stderr


class Ticking:
    """Services that remember whether they tick."""

    def __init__(self) -> None:
        self.ticks = False

    def start_tick(self) -> None:
        self.ticks = True

    def stop(self) -> None:
        self.ticks = False


def test_each_worker_ticks_as_long_as_it_lives() -> None:
    services = Ticking()
    app = SimpleNamespace(extensions={"services": services})
    worker = SimpleNamespace(wsgi=app, sockets=[])
    gunicorn_conf.post_worker_init(worker)
    assert services.ticks
    gunicorn_conf.worker_exit(None, worker)
    assert not services.ticks


def test_a_client_that_falls_silent_is_given_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        gunicorn_conf.give_up_after(listener, 0.05)
        with socket.create_connection(listener.getsockname()) as client:
            listener.setblocking(True)
            accepted, _ = listener.accept()
            with accepted:
                client.sendall(b"POST /external HTT")
                assert accepted.recv(100) == b"POST /external HTT"
                with pytest.raises(BlockingIOError):
                    accepted.recv(100)


def test_a_worker_that_never_booted_stops_in_peace() -> None:
    gunicorn_conf.worker_exit(None, SimpleNamespace())


def test_the_environment_is_checked_first(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    told = io.StringIO()
    server = SimpleNamespace(log=SimpleNamespace(error=told.write))
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/app.db")
    gunicorn_conf.on_starting(server)
    monkeypatch.setenv("ENGINE", "procrastinate")
    with pytest.raises(SystemExit) as ended:
        gunicorn_conf.on_starting(server)
    assert ended.value.code == 2
    assert told.getvalue().startswith("ENGINE=procrastinate needs PostgreSQL.")


@pytest.fixture
def _loggers_as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    logging.captureWarnings(False)
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


@pytest.mark.usefixtures("_loggers_as_before")
def test_its_own_lines_go_the_way_of_all_others() -> None:
    logger = gunicorn_conf.HouseLogger(GunicornConfig())
    assert (logger.error_log.handlers, logger.access_log.handlers) == ([], [])
    assert logger.error_log.propagate
    assert logger.access_log.propagate
