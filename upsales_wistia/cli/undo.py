"""Taking back what a run or a version of the settings wrote."""

from __future__ import annotations

import click

from .. import terminal_backfill
from ..errors import UsageError
from ..store.taken_back import Chosen
from ..sync.report import exit_status
from .base import AS_JSON, CUSTOMER, DONE, cli, open_services, progress_line, show

_BY = "command line"


@cli.command()
@CUSTOMER
@click.option("--run", "run_id", metavar="RUN", help="What this run wrote.")
@click.option("--settings", "version", type=click.IntRange(0), help="What this version wrote.")
@click.option("--commit", is_flag=True, help="Take back; without it you see what would be.")
@AS_JSON
def undo(
    customer_id: int, run_id: str | None, version: int | None, commit: bool, as_json: bool
) -> int:
    """Delete the log entries that a run, or a version of the settings, wrote in Upsales."""
    if (run_id is None) == (version is None):
        raise UsageError("Name a run or a version of the settings: --run RUN or --settings N.")
    chosen = Chosen("run_id", run_id) if run_id is not None else _of_version(version)
    services, progress = open_services(), progress_line(as_json)
    if not commit:
        found = services.undoing.foresee(customer_id, chosen)
        told = {
            "customer": customer_id,
            chosen.column: chosen.value,
            "commit": False,
            "entries": found.entries,
            "forms": found.forms,
            "checked": found.checked,
        }
        show(as_json, told, lambda: terminal_backfill.to_take_back(told))
        return DONE
    made = services.undoing.run(customer_id, chosen, _BY, progress)
    show(as_json, made, lambda: terminal_backfill.taken_back(made))
    return exit_status(made)


def _of_version(version: int | None) -> Chosen:
    return Chosen("settings_version", version or 0)
