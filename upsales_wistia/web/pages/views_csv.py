"""The list of views as a table for a spreadsheet, sent while it is read."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from io import StringIO

from flask import Response, stream_with_context

from ...funnel.view import Target
from ...funnel.writes import shown_percent
from ...store.search import Filter
from ...viewlist import Row, Scene, every_row
from .. import texts
from ..security import services
from ..texts import views as words
from ..viewrows import stand
from ..wording import Speech

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
# Spreadsheets take a file without this mark for the code page of their machine.
_MARK = "\ufeff"


def download(at: Scene, wanted: Filter, say: Speech) -> Response:
    """The views of ``wanted``, the newest ``viewlist.MOST`` of them."""
    today = say.now.astimezone(say.zone).date()
    return Response(
        stream_with_context(_lines(at, wanted, say)),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="views-{today}.csv"'},
    )


def _lines(at: Scene, wanted: Filter, say: Speech) -> Iterator[str]:
    yield _MARK + _line(name.format(zone=say.zone.key) for name in words.CSV_COLUMNS)
    with services().answering():
        for row in every_row(at, wanted):
            yield _line(_cells(row, at, say))


def _cells(row: Row, at: Scene, say: Speech) -> Iterator[str]:
    view = row.view
    yield f"{view.received_at.astimezone(say.zone):%Y-%m-%d %H:%M:%S}"
    yield from (row.viewer.name, row.viewer.email)
    yield from (view.video.name, view.video.project_name or "", str(shown_percent(view.percent)))
    for target in Target:
        stands = stand(row, target, at, say)
        yield texts.STATES[stands.state]
        yield stands.words.striptags()
    yield from (view.page, view.event_key)


def _line(cells: Iterable[str]) -> str:
    out = StringIO()
    csv.writer(out).writerow([guarded(cell) for cell in cells])
    return out.getvalue()


def guarded(cell: str) -> str:
    """``cell`` so that no spreadsheet takes it for a formula."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
