"""What the process says of itself holds no secret and no e-mail address."""

from __future__ import annotations

import io
import json
import logging
import warnings
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from upsales_wistia import logs


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level, show = root.handlers[:], root.level, warnings.showwarning
    yield
    logging.captureWarnings(False)
    warnings.showwarning = show
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


@pytest.fixture
def stream() -> io.StringIO:
    found = io.StringIO()
    logs.configure(found)
    return found


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_lines_carry_what_is_bound(stream: io.StringIO) -> None:
    with logs.bind(customer=4711, run="r1"):
        logs.get("house").info("wrote", activities=4)
    logs.get("house").info("idle")
    first, second = lines(stream)
    assert first["event"] == "wrote"
    assert (first["customer"], first["run"], first["activities"]) == (4711, "r1", 4)
    assert first["level"] == "info"
    assert first["timestamp"].endswith("Z")
    assert "customer" not in second


def test_a_terminal_gets_keys_and_values() -> None:
    terminal = Terminal()
    logs.configure(terminal)
    logs.get("house").warning("late", token="s3cr3t", minutes=4)
    assert "late" in terminal.getvalue()
    assert "minutes" in terminal.getvalue()
    assert "s3cr3t" not in terminal.getvalue()
    assert not terminal.getvalue().startswith("{")


@pytest.mark.parametrize("name", ["token", "apiKey", "password", "Authorization", "set_cookie"])
def test_values_of_secret_names_are_hidden_at_any_depth(stream: io.StringIO, name: str) -> None:
    logs.get("house").info("asked", request={"headers": [{name: "s3cr3t"}]}, **{name: "s3cr3t"})
    assert "s3cr3t" not in stream.getvalue()
    assert lines(stream)[0][name] == logs.HIDDEN


def test_harmless_names_and_values_stay(stream: io.StringIO) -> None:
    facts = {"event_key": "e1", "count": 3, "ok": True, "none": None, "ids": [1, 2], "ratio": 0.5}
    logs.get("house").info("decided", **facts)
    assert lines(stream)[0].items() >= facts.items()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("asked https://a.example/x?token=s3cr3t&page=2", "?token=[hidden]&page=2"),
        ("/embed?public_token=s3cr3t", "public_token=[hidden]"),
        ("Authorization: Bearer s3cr3ts3cr3t", "Bearer [hidden]"),
        ("postgresql://app:s3cr3t@db.example/app", "postgresql://app:[hidden]@db.example/app"),
        ("{'apiKey': 's3cr3t', 'n': 1}", "{'apiKey': '[hidden]', 'n': 1}"),
        ("open http://a.example/c/1/enter?t=s3cr3t.x", "/c/1/enter?t=[hidden]"),
        ("Cookie: token=s3cr3t; a=b", "token=[hidden]; a=b"),
        ("asked anna+s3cr3t@acme.example of it", "asked [e-mail] of it"),
        ("q=s3cr3t%40acme.example", "q=[e-mail]"),
        ("<s3cr3t.åsa@räksmörgås.example>", "<[e-mail]>"),
        ("Upsales refuses the key: 401", "Upsales refuses the key: 401"),
    ],
)
def test_texts_are_redacted(text: str, shown: str) -> None:
    assert shown in logs.redact(text)
    assert "s3cr3t" not in logs.redact(text)


PIECES = ["token=", "s3cr3t", "@", "acme.example", "Bearer ", "://", ":", "'apiKey': '", "'", "&",
          " ", "GET /", "?", "%40", "[hidden]", "]", "/enter?t=", "\n", "\x1b[1m", "å"]  # fmt: skip


@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
def test_any_text_can_be_redacted_and_once_is_enough(text: str) -> None:
    once = logs.redact(text)
    assert logs.redact(once) == once


@pytest.mark.parametrize("make", [io.StringIO, Terminal])
def test_a_traceback_holds_neither_secrets_nor_local_variables(
    make: type[io.StringIO],
) -> None:
    stream = make()
    logs.configure(stream)
    local = "l0cal"
    try:
        raise ValueError("token=s3cr3t of anna@acme.example")
    except ValueError:
        logs.get("house").exception("broke", length=len(local))
    assert "ValueError" in stream.getvalue()
    assert "test_logs.py" in stream.getvalue()
    for hidden in ("s3cr3t", "l0cal", "anna@"):
        assert hidden not in stream.getvalue()


def test_libraries_take_the_same_way(stream: io.StringIO) -> None:
    logging.getLogger("werkzeug").info(
        '127.0.0.1 - - "%s" 303 -', "\x1b[32mGET /c/1/enter?t=s3cr3t HTTP/1.1\x1b[0m"
    )
    logging.getLogger("urllib3.connectionpool").error("Gone: %s", "/x?access_token=s3cr3t")
    logging.getLogger("urllib3.connectionpool").warning("Retrying (Retry(total=1)) after …")
    try:
        raise RuntimeError("anna@acme.example")
    except RuntimeError:
        logging.getLogger("apscheduler.executors").exception("Job raised")
    first, second, third = lines(stream)
    assert first["event"] == '127.0.0.1 - - "GET /c/1/enter HTTP/1.1" 303 -'
    assert second["logger"] == "urllib3.connectionpool"
    assert third["exception"][0]["exc_value"] == logs.E_MAIL
    assert "s3cr3t" not in stream.getvalue()


def test_the_level_can_be_raised() -> None:
    stream = io.StringIO()
    logs.configure(stream, level=logging.WARNING)
    logs.get("house").info("idle")
    logs.get("house").warning("late")
    assert [line["event"] for line in lines(stream)] == ["late"]
