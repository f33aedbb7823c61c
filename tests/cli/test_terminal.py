"""What people see: in a terminal nothing is left behind, and no title steers it."""

from __future__ import annotations

import io
import os
import pty
import re
import subprocess
import sys
import termios
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from copy import deepcopy
from pathlib import Path
from typing import Any

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from tests.web.pages import DOCUMENT
from upsales_wistia import terminal
from upsales_wistia.cli.base import progress_line, show_run

COLUMNS = 80
HOSTILE = (
    "\x1b[2J\x1b]0;owned\x07[red]Tour[/red] \x9b31m:boom: "
    "\u202egpj.exe\u2066 a\r\nb\x00\ud800\u200f"
)
HARMLESS = "[2J]0;owned[red]Tour[/red] 31m:boom: gpj.exe a  b"


class Tty(io.StringIO):
    """A terminal that remembers what it was sent."""

    def isatty(self) -> bool:
        return True

    @contextmanager
    def shows(self, *, out: bool = True) -> Iterator[None]:
        """Both streams of the process go here; without ``out`` stdout is piped away."""
        stdout = self if out else io.StringIO()
        with redirect_stdout(stdout), redirect_stderr(self), click.Context(click.Command("sync")):
            yield

    @property
    def screen(self) -> list[str]:
        return drawn(self.getvalue())


_TOKEN = re.compile(r"\x1b\[[?\d;]*[A-Za-z]|\r\n|[\r\n]|[^\x1b\r\n]+")


def drawn(sent: str) -> list[str]:
    """The rows a terminal shows after it was sent this, down to the last that holds anything."""
    rows, y, x = [""], 0, 0
    for token in _TOKEN.findall(sent):
        if token == "\x1b[2K":
            rows[y] = ""
        elif token == "\x1b[1A":
            y -= 1
        elif token == "\r":
            x = 0
        elif token in ("\n", "\r\n"):
            y, x = y + 1, 0
            rows += [""] * (y + 1 - len(rows))
        elif not token.startswith("\x1b"):
            rows[y] = rows[y][:x].ljust(x) + token + rows[y][x + len(token) :]
            x += len(token)
    return "\n".join(row.rstrip() for row in rows).rstrip("\n").split("\n")


@pytest.fixture
def tty(monkeypatch: pytest.MonkeyPatch) -> Tty:
    """A terminal of 80 columns."""
    for name in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", str(COLUMNS))
    return Tty()


def document(**changes: Any) -> dict[str, Any]:
    return deepcopy(DOCUMENT) | changes


TOLD = (
    "Yesterday: the first run.",
    "Reading views, page 1",
    "Reading viewers, 1 of 2",
    "Reading views, page 2",
    "Looking up 40 e-mails",
    *(f"Writing {n} of 60" for n in range(1, 61)),
)


def test_in_a_terminal_one_line_changes_and_pages_stay(tty: Tty) -> None:
    with tty.shows():
        say = progress_line(as_json=False)
        for text in TOLD[:3]:
            say(text)
        assert tty.screen[:2] == ["Yesterday: the first run.", "Reading views, page 1"]
        for text in TOLD[3:]:
            say(text)
        show_run(document(), as_json=False)
    assert tty.screen[:3] == [*TOLD[:2], "Reading views, page 2"]
    assert tty.screen[3].startswith("The last 3 days")
    assert not re.search("Writing|Looking|Reading viewers", "\n".join(tty.screen))
    assert tty.getvalue().count("\x1b[?25l") == tty.getvalue().count("\x1b[?25h") == 1


def test_a_command_that_ends_early_leaves_nothing_behind(tty: Tty) -> None:
    def ends_early() -> None:
        with tty.shows():
            progress_line(as_json=False)("Looking up 40 e-mails")
            raise EOFError

    with pytest.raises(EOFError):
        ends_early()
    assert tty.screen == [""]
    assert tty.getvalue().endswith("\x1b[?25h\r\x1b[1A\x1b[2K")


def test_what_is_printed_meanwhile_stands_above_the_line(tty: Tty) -> None:
    with tty.shows():
        progress_line(as_json=False)("Writing 3 of 4")
        click.echo("1 sent again.")
    assert tty.screen == ["1 sent again."]


def test_piped_a_long_count_is_told_now_and_then(capsys: pytest.CaptureFixture[str]) -> None:
    with click.Context(click.Command("sync")):
        say = progress_line(as_json=False)
        for text in TOLD:
            say(text)
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.splitlines() == [*TOLD[:6], "Writing 25 of 60", "Writing 50 of 60", TOLD[-1]]


def test_a_result_that_is_piped_away_is_not_drawn_around(tty: Tty) -> None:
    with tty.shows(out=False):
        progress_line(as_json=False)("Writing 1 of 4")
        click.echo("1 sent again.")
    assert tty.screen == ["Writing 1 of 4"]


def test_json_is_silent(tty: Tty) -> None:
    with tty.shows():
        progress_line(as_json=True)("Reading views, page 1")
    assert tty.getvalue() == ""


def test_a_run_fits_into_80_columns(tty: Tty) -> None:
    with tty.shows():
        show_run(document(), as_json=False)
    rows = tty.screen
    assert max(map(len, rows)) <= COLUMNS
    assert re.fullmatch(r"Left an e-mail in a Turnstile +54 +54  118 left no e-mail", rows[3])
    # Nothing was broken: each sentence is still on one line.
    assert set(terminal.sentences(document())) <= set(rows)


def test_piped_it_is_plain(capsys: pytest.CaptureFixture[str]) -> None:
    show_run(document(), as_json=False)
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= COLUMNS
    assert lines[2:5] == [
        "Left an e-mail in a Turnstile        54         54  118 left no e-mail",
        f"{'':52}18 known another way",
        f"{'':52}3 not an address",
    ]
    assert all(line == line.rstrip() for line in lines)


def test_a_target_that_is_off_is_said_to_be() -> None:
    shown = document()
    shown["funnel"]["form"] = shown["balance"]["form"] = None
    assert "Forms:" not in "\n".join(terminal.sentences(shown))
    assert re.search(r"New, written now +4 +off", str(terminal.funnel(shown, plain=True)))


def test_sentences_tell_what_is_out_of_the_common() -> None:
    shown = document(
        reason="Wistia does not answer.",
        healed=2,
        failed=1,
        written={
            "activities": 1,
            "forms": 0,
            "forms_created": 0,
            "late": {"activities": 2, "forms": 1},
        },
    )
    shown["balance"]["activity"]["registered"] = 15
    told = terminal.sentences(shown)
    assert told[:5] == [
        "Wistia does not answer.",
        "Written: 1 activity and 0 forms.",
        "Written of older views: 2 activities and 1 form.",
        "Doubles removed: 2.",
        "Open: 24 waiting for a contact, 1 failed.",
    ]
    assert told[6].endswith("1 are not accounted for: this is our fault.")


@given(st.text(st.characters(codec=None, categories=None)))
def test_no_text_can_steer_a_terminal(text: str) -> None:
    cleaned = terminal.clean(text)
    assert not {"Cc", "Cs", "Zl", "Zp"} & set(map(unicodedata.category, cleaned))
    assert not {"RLO", "LRO", "RLE", "LRE", "RLI", "LRI", "FSI", "PDF", "PDI"} & set(
        map(unicodedata.bidirectional, cleaned)
    )
    assert terminal.clean(cleaned) == cleaned


@pytest.mark.parametrize("text", ["Värme på vintern", "日本語", "👩\u200d🚀", "می\u200cخواهم", ""])
def test_what_people_write_stays(text: str) -> None:
    assert terminal.clean(text) == text


def explained() -> list[str]:
    why = {"verdict": HOSTILE, "stage": "new", "reason": HOSTILE, "would_pass_with": {"a": HOSTILE}}
    row = {
        "received_at": "2026-11-20T14:20:00Z",
        "media": {"name": HOSTILE},
        "percent": 18.0,
        "targets": {"activity": why, "form": None},
    }
    return terminal.explanation({"views": [row]})


def failed() -> list[str]:
    item = dict.fromkeys(("event_key", "target", "state", "reason", "request_id"), HOSTILE)
    return terminal.failed_items([item | {"payload": {"text": HOSTILE}}])


@pytest.mark.parametrize(
    "lines",
    [
        terminal.sentences(document(reason=HOSTILE)),
        terminal.entries([{"target": "form", "what": HOSTILE, "where": HOSTILE}]),
        explained(),
        failed(),
    ],
    ids=["run", "entries", "explain", "failed"],
)
def test_hostile_text_reaches_the_terminal_as_text(tty: Tty, lines: list[str]) -> None:
    with tty.shows():
        for line in lines:
            terminal.console().print(line)
    sent = tty.getvalue()
    assert "".join(HARMLESS.split()) in "".join(sent.split())
    assert re.fullmatch(r"[^\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u200f]*", sent)


def test_progress_is_text_too(tty: Tty) -> None:
    with tty.shows():
        progress_line(as_json=False)(f"{HOSTILE}.")
    assert tty.screen == [f"{HARMLESS}."]


def test_what_was_written_is_cut_to_the_terminal(tty: Tty) -> None:
    row = {"target": "activity", "what": "Watched 83% of " + "x" * 100, "where": "Anna at Acme AB"}
    with tty.shows():
        (_, line) = terminal.entries([row])
        (_, foreign) = terminal.entries([row | {"where": "日本" * 100}])
    assert len(line) == COLUMNS
    assert line.endswith("x… → Anna at Acme AB")
    assert foreign.startswith("  activity  Watched 83% of xxx")
    assert cell_len(foreign) == COLUMNS


def test_piped_it_is_whole() -> None:
    row = {"target": "form", "what": "83% of " + "x" * 90, "where": "Wistia"}
    assert terminal.entries([row])[1] == f"  form      83% of {'x' * 90} → Wistia"
    assert terminal.entries([]) == []


def test_the_demo_in_a_real_terminal(tmp_path: Path) -> None:
    """A process of its own, in a terminal of 80 columns."""
    mine, its = pty.openpty()
    termios.tcsetwinsize(its, (40, COLUMNS))
    environ = {"PATH": os.environ["PATH"], "TERM": "xterm-256color", "LANG": "C.UTF-8"}
    demo = [sys.executable, "-m", "upsales_wistia", "demo", "--once"]
    running = subprocess.Popen(demo, cwd=tmp_path, env=environ, stdin=its, stdout=its, stderr=its)
    os.close(its)
    rows = drawn(read_all(mine))
    assert running.wait(timeout=60) == 0
    text = "\n".join(rows)
    assert text.count("Reading views, page") == 5
    assert not re.search(r"Writing \d|Looking", text)
    assert re.search(r"New, written now +4 +9", text)
    assert "193 views. It adds up." in text
    assert max(map(len, rows)) <= COLUMNS


def read_all(terminal_end: int) -> str:
    sent = b""
    while True:
        try:
            some = os.read(terminal_end, 65536)
        except OSError:  # What Linux answers once the other end is closed.
            some = b""
        if not some:
            os.close(terminal_end)
            return sent.decode()
        sent += some
