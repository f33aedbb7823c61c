"""What people, shells and terminals do: odd numbers and names, Ctrl-C, a full disk."""

from __future__ import annotations

import io
import json
import os
import socket
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from upsales_wistia import cli
from upsales_wistia.sandbox import Tenant

COMMAND = (sys.executable, "-m", "upsales_wistia")
HUGE = str(2**63)


def add(run: Run, given: object, *more: str, name: str = "Acme") -> tuple[int, str]:
    text = given if isinstance(given, str) else json.dumps(given)
    ended = run("customers", "add", "5", "--name", name, "--config", "-", *more, stdin=text)
    return ended.status, ended.out + ended.err


@pytest.mark.parametrize("number", ["0", "-1", HUGE])
@pytest.mark.parametrize(
    "arguments",
    [
        ("customers", "show"),
        ("customers", "pause"),
        ("customers", "resume"),
        ("customers", "remove"),
        ("customers", "add", "--name", "x", "--config", "-"),
        ("sync", "--customer"),
        ("link", "--customer"),
        ("failed", "list", "--customer"),
    ],
)
@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_a_number_that_no_customer_can_have(
    upsales_wistia: Run, arguments: tuple[str, ...], number: str
) -> None:
    ended = upsales_wistia(*arguments, number)
    assert ended.status == 2
    assert "is not in the range" in ended.err or "No such option" in ended.err
    assert len(ended.err.splitlines()) == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ("explain", "--customer", "4711", "a\udcff@b.example"),
        ("customers", "add", "5", "--name", "A\udce5", "--config", "-"),
        ("customers", "add", "5", "--name", "x", "--config", "caf\udce9.json"),
        ("failed", "list", "--customer", "4711", "\udcff"),
    ],
)
def test_bytes_that_are_no_text(upsales_wistia: Run, arguments: tuple[str, ...]) -> None:
    ended = upsales_wistia(*arguments, stdin="{}")
    assert (ended.status, ended.out) == (2, "")
    assert ended.err == "What was typed is not text in UTF-8. Type it anew.\n"


def test_half_a_character_in_a_config_changes_nothing(upsales_wistia: Run) -> None:
    for given in ({"config": {"ignoredDomains": "\ud800"}}, {"apiKey": "\udfff"}):
        status, told = add(upsales_wistia, given)
        assert status == 2
        assert told.startswith("The config holds half a character")
    assert upsales_wistia("customers", "list", "--json").document == {"customers": []}


def test_a_config_may_begin_with_a_byte_order_mark(upsales_wistia: Run, tmp_path: Path) -> None:
    file = tmp_path / "config.json"
    file.write_text('\ufeff{"config": {}}', "utf-8")
    arguments = ("customers", "add", "5", "--name", "Åsa AB", "--config")
    assert upsales_wistia(*arguments, str(file)).status == 0
    assert upsales_wistia(*arguments, "-", stdin='\ufeff{"config": {}}').status == 0
    file.write_text('{"config": {}}', "utf-16")
    ended = upsales_wistia(*arguments, str(file))
    assert (ended.status, ended.err) == (
        2,
        f"The file {file} is not text in UTF-8. Save it as such.\n",
    )


@pytest.mark.parametrize("name", ["", "   ", "x" * 201])
def test_a_name_has_1_to_200_characters(upsales_wistia: Run, name: str) -> None:
    status, told = add(upsales_wistia, {"config": {}}, name=name)
    assert status == 2
    assert "A name has 1 to 200 characters." in told
    assert add(upsales_wistia, {"config": {}}, name="x" * 200)[0] == 0


def test_a_name_that_nothing_reads_is_told_and_blocks_nothing(upsales_wistia: Run) -> None:
    given = {"apikey": "k", "config": {"activityMinPercnt": 50, "\x1b[31m": 1, "retentionDays": 9}}
    ended = upsales_wistia(
        "customers", "add", "5", "--name", "x", "--config", "-", "--json", stdin=json.dumps(given)
    )
    assert (ended.status, ended.document["problems"]) == (
        1,
        [
            '"apikey" is nothing this file can hold; did you mean apiKey?',
            '"activityMinPercnt" is no setting; did you mean activityMinPercent?',
            '"\ufffd[31m" is no setting.',
        ],
    )
    kept = upsales_wistia("customers", "show", "5", "--json").document
    assert kept["problems"] == []
    assert "activityMinPercnt" not in kept["config"]
    assert kept["config"]["retentionDays"] == 9


def test_ctrl_c_is_one_sentence_and_130(
    upsales_wistia: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Typing(io.StringIO):
        def read(self, size: int | None = -1) -> str:
            raise KeyboardInterrupt

    monkeypatch.setattr("sys.stdin", Typing())
    with pytest.raises(SystemExit) as ended:
        cli.main(["customers", "add", "5", "--name", "x", "--config", "-"])
    assert ended.value.code == 130
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.strip() == "Stopped. What was written is kept; the next run goes on."


@pytest.mark.parametrize("arguments", [("customers", "list", "--json"), ("explain", "--json")])
@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_a_full_disk_behind_stdout_is_quiet(
    upsales_wistia: Run, arguments: tuple[str, ...]
) -> None:
    with Path("/dev/full").open("w") as full:
        ended = subprocess.run(
            [*COMMAND, *arguments], stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert (ended.returncode, ended.stderr) == (1, "")


@pytest.mark.parametrize("arguments", [("customers", "list"), ("--help",), ("nonsense", "--json")])
@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_a_reader_that_is_gone_is_no_trouble(
    upsales_wistia: Run, arguments: tuple[str, ...]
) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        ended = subprocess.run(
            [*COMMAND, *arguments], stdout=writing, stderr=subprocess.PIPE, text=True, check=False
        )
    finally:
        os.close(writing)
    assert (ended.returncode, ended.stderr) == (1, "")


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_the_demo_looks_at_its_port_before_it_runs(upsales_wistia: Run, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        ended = upsales_wistia("demo", "--port", str(port))
    assert (ended.status, ended.out) == (2, "")
    sentence = f'Port {port} is in use. Choose another: make demo ARGS="--port N".'
    assert ended.err.strip() == sentence
    assert not (tmp_path / "upsales_wistia_demo.db").exists()


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_the_demo_prints_one_document_and_serves_what_it_names(
    upsales_wistia: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop_at_once(server: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("werkzeug.serving.BaseWSGIServer.serve_forever", stop_at_once)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    ended = upsales_wistia("demo", "--port", str(port), "--json")
    assert ended.status == 0
    url = ended.document["url"]
    assert url.startswith(f"http://127.0.0.1:{port}/c/4711/enter?t=")
    assert f"The pages: {url}\n" in ended.err


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_a_database_that_may_not_be_written_has_a_next_step(
    upsales_wistia: Run, added: Tenant, tmp_path: Path
) -> None:
    with sqlite3.connect(tmp_path / "test.db") as opened:
        opened.execute(
            "CREATE TRIGGER stop BEFORE UPDATE ON customers BEGIN "
            "SELECT RAISE(ABORT, 'attempt to write a readonly database'); END"
        )
    opened.close()
    ended = upsales_wistia("customers", "pause", "4711")
    assert ended.status == 2
    assert "Give this user the right to write the file and its folder." in ended.err
    assert "Traceback" not in ended.err
