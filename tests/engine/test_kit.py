"""The kit that kills and freezes: what it says of a process that ended by itself."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

from tests.engine.processes import App, Child


def gone() -> int:
    """The number of a process that has ended and was waited for."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_who_ended_by_itself_just_before_was_not_killed(tmp_path: Path) -> None:
    pid, nowhere = gone(), tmp_path / "nothing"
    app = App.__new__(App)
    ended, started = {"event": "ended", "pid": pid, "status": 0}, {"event": "started", "pid": pid}
    app._events = {pid: [started, ended]}
    child = Child(app, pid, nowhere, nowhere, nowhere)
    assert not child.kill()
    assert child.status == 0


def test_who_lives_is_killed(tmp_path: Path) -> None:
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    app = App.__new__(App)
    app._events = {process.pid: [{"event": "ended", "pid": process.pid, "status": -signal.SIGKILL}]}
    nowhere = tmp_path / "nothing"
    assert Child(app, process.pid, nowhere, nowhere, nowhere).kill()
    assert process.wait(10) == -signal.SIGKILL
