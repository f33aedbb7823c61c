"""The table of outcomes, one test a row; and how long a run bears with a vendor."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from upsales_wistia.errors import (
    CredentialRefused,
    NotFound,
    NotSent,
    Rejected,
    Throttled,
    Unclear,
    VendorError,
    WrongAddress,
)
from upsales_wistia.funnel.view import State
from upsales_wistia.sync.outcomes import PARKED_AT, outcome, unsent
from upsales_wistia.sync.patience import MOST_WAITING, Patience
from upsales_wistia.sync.zone import read_as

NOW = datetime(2026, 11, 20, 14, 20, tzinfo=UTC)


def not_sent() -> NotSent:
    return NotSent("No connection.", vendor="upsales")


def unclear() -> Unclear:
    return Unclear("No answer.", vendor="upsales")


def throttled(wait: float = 7) -> Throttled:
    return Throttled("Too many.", vendor="upsales", wait=wait)


def rejected(*, names_party: bool = False) -> Rejected:
    return Rejected("No.", vendor="upsales", status=400, names_party=names_party)


def not_found() -> NotFound:
    return NotFound("Not there.", vendor="upsales", status=404)


def refused() -> CredentialRefused:
    return CredentialRefused("No key.", vendor="upsales", code="upsales_key_refused")


def wrong_address() -> WrongAddress:
    return WrongAddress("Nothing there.", vendor="upsales", status=404)


def odd() -> VendorError:
    return VendorError("What is this.", vendor="upsales")


@pytest.mark.parametrize(
    ("error", "state", "stop", "trouble", "refusals"),
    [
        (not_sent(), State.RETRY, False, True, 2),
        (unclear(), State.UNCERTAIN, False, True, 2),
        (throttled(), State.RETRY, False, True, 2),
        (rejected(), State.RETRY, False, False, 3),
        (refused(), State.RETRY, True, False, 2),
        (wrong_address(), State.RETRY, True, False, 2),
        (odd(), State.UNCERTAIN, True, False, 2),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, VendorError) else None,
)
def test_a_row_of_the_table(
    error: VendorError, state: State, stop: bool, trouble: bool, refusals: int
) -> None:
    found = outcome(error, 2, NOW)
    assert (found.state, found.stop, found.trouble, found.refusals) == (
        state,
        stop,
        trouble,
        refusals,
    )


def test_a_throttled_item_is_tried_when_the_vendor_says() -> None:
    assert outcome(throttled(90), 0, NOW).retry_at == NOW + timedelta(seconds=90)


def test_refusals_are_tried_at_growing_intervals_and_parked_at_the_eighth() -> None:
    waits = []
    for refusals in range(PARKED_AT - 1):
        retry_at = outcome(rejected(), refusals, NOW).retry_at
        assert retry_at is not None
        waits.append(retry_at - NOW)
    assert waits == sorted(set(waits))
    assert max(waits) <= timedelta(hours=24)
    assert outcome(rejected(), PARKED_AT - 1, NOW).state is State.FAILED


def test_a_refusal_that_names_the_contact_forgets_it() -> None:
    assert outcome(rejected(names_party=True), 0, NOW).forget
    assert not outcome(rejected(), 0, NOW).forget


def test_what_failed_before_it_was_sent_is_never_uncertain() -> None:
    for error in (unclear(), odd(), not_sent(), throttled(), rejected(), refused()):
        assert unsent(error, 0, NOW).state is State.RETRY


class Failing:
    """Fails with each of ``errors`` in turn, then answers."""

    def __init__(self, *errors: VendorError) -> None:
        self.errors = list(errors)

    def __call__(self) -> str:
        if self.errors:
            raise self.errors.pop(0)
        return "answer"


@pytest.fixture
def slept() -> list[float]:
    """The seconds that were slept."""
    return []


def test_two_failures_in_a_row_are_borne_and_three_are_not(slept: list[float]) -> None:
    assert Patience(slept.append).read(Failing(unclear(), not_sent())) == "answer"
    assert len(slept) == 2
    with pytest.raises(Unclear):
        Patience(slept.append).read(Failing(unclear(), unclear(), unclear()))


def test_an_answer_in_between_starts_the_count_again(slept: list[float]) -> None:
    patience = Patience(slept.append)
    for _ in range(5):
        assert patience.read(Failing(throttled(1), throttled(1))) == "answer"


@pytest.mark.parametrize("error", [unclear(), rejected(), not_found()])
def test_a_question_that_a_run_can_do_without_is_put_once(
    slept: list[float], error: VendorError
) -> None:
    assert Patience(slept.append).ask(Failing(error)) is None
    assert slept == []


def test_such_a_question_waits_for_a_vendor_that_is_busy(slept: list[float]) -> None:
    assert Patience(slept.append).ask(Failing(throttled(1), not_sent())) == "answer"
    with pytest.raises(Throttled):
        Patience(slept.append).ask(Failing(throttled(), throttled(), throttled()))


def test_three_questions_in_a_row_without_an_answer_are_enough(slept: list[float]) -> None:
    patience = Patience(slept.append)
    for error in (unclear(), unclear(), rejected(), unclear(), unclear()):
        patience.ask(Failing(error))
        assert not patience.worn, "a refusal is an answer"
    patience.ask(Failing(unclear()))
    assert patience.worn


def test_at_most_a_minute_is_waited_in_all(slept: list[float]) -> None:
    patience = Patience(slept.append)
    patience.read(Failing(throttled(40)))
    with pytest.raises(Throttled):
        patience.read(Failing(throttled(21)))
    assert sum(slept) <= MOST_WAITING


def test_what_is_no_trouble_is_not_tried_again(slept: list[float]) -> None:
    with pytest.raises(Rejected):
        Patience(slept.append).read(Failing(rejected()))
    assert slept == []


@pytest.mark.parametrize(
    ("month", "shift", "zone"),
    [
        (1, 0, "UTC"),
        (1, 1, "Europe/Stockholm"),
        (7, 2, "Europe/Stockholm"),
        (7, 1, "Etc/GMT-1"),
        (1, -5, "Etc/GMT+5"),
        (1, 5.5, None),
        (1, 0.2, None),
        (1, 400, None),
    ],
)
def test_the_zone_of_the_log_is_told_by_what_comes_back(
    month: int, shift: float, zone: str | None
) -> None:
    sent = datetime(2026, month, 20, 14, 20, 5, 900_000, tzinfo=UTC)
    answered = sent.replace(microsecond=0) - timedelta(hours=shift)
    assert read_as(sent, answered) == zone
