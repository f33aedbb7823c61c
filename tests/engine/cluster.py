"""A PostgreSQL of one's own, to be restarted at will."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path
from types import TracebackType


def binaries() -> Path | None:
    """The folder with the newest PostgreSQL's programs, None when there is none."""
    found = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    every = sorted((path.parent for path in found), key=lambda path: float(path.parent.name))
    return every[-1] if every else None


class Cluster:
    """A cluster in a temporary folder, on a free port, while the block lasts."""

    def __init__(self, programs: Path) -> None:
        self.programs = programs
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"postgresql://postgres@127.0.0.1:{self.port}"

    def __enter__(self) -> Cluster:
        self.folder = Path(tempfile.mkdtemp(prefix="cluster-"))
        if os.geteuid() == 0:
            shutil.chown(self.folder, "postgres")
        self._run("initdb", "-U", "postgres", "--auth=trust", "--no-sync")
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
        shutil.rmtree(self.folder)

    def start(self) -> None:
        """Start it and wait until it answers."""
        listen = f"-c listen_addresses=127.0.0.1 -c port={self.port}"
        sockets = f"-c unix_socket_directories={self.folder}"
        self._run("pg_ctl", "-w", "-l", f"{self.folder}/log", "-o", f"{listen} {sockets}", "start")

    def stop(self) -> None:
        """Stop it as a crash would: connections break, it recovers when it starts."""
        self._run("pg_ctl", "-w", "-m", "immediate", "stop")

    def _run(self, program: str, *arguments: str) -> None:
        # It refuses to run as root.
        other = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        command = [*other, str(self.programs / program), "-D", f"{self.folder}/data", *arguments]
        subprocess.run(
            command,
            check=True,
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
