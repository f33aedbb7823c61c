"""``undo`` on the command line."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Run
from upsales_wistia.sandbox import Tenant


def test_first_a_look_then_the_same_with_commit(upsales_wistia: Run, added: Tenant) -> None:
    run = upsales_wistia("sync", "--customer", "4711", "--json").document["run"]
    assert len(added.crm.events) == 2
    which = ("undo", "--customer", "4711", "--run", run)
    assert upsales_wistia(*which).out.startswith("Takes back 2 activities in Upsales.")
    seen = upsales_wistia(*which, "--json").document
    assert (seen["entries"], seen["forms"], seen["commit"]) == (2, 0, False)
    assert len(added.crm.events) == 2
    done = upsales_wistia(*which, "--commit", "--json")
    assert (done.status, done.document["taken_back"]) == (0, 2)
    assert not added.crm.events
    again = upsales_wistia(*which, "--commit", "--json")
    assert again.status == 2
    assert again.document["error"].startswith("Already taken back on ")
    assert upsales_wistia("sync", "--customer", "4711", "--json").document["balance"]["activity"][
        "dropped"
    ] == {"no_email": 1, "undone": 2}


@pytest.mark.parametrize(
    "which",
    [(), ("--run", "x", "--settings", "1"), ("--run", "x"), ("--settings", "9")],
)
def test_what_cannot_be_taken_back_is_wrong_use(
    upsales_wistia: Run, added: Tenant, which: tuple[str, ...]
) -> None:
    ended = upsales_wistia("undo", "--customer", "4711", *which, "--commit", "--json")
    assert ended.status == 2
    assert ended.document["error"].endswith(".")
