"""A question to a vendor, and how its answer becomes a row."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any, Final, Generic, TypeVar

from ..errors import CredentialRefused, NotFound, Rejected, VendorError

T = TypeVar("T")

CANNOT_TELL: Final = "cannot be checked yet"
_AS_EXPECTED: Final = "As expected."


@dataclass(frozen=True, slots=True)
class Probe:
    """A row: ``ok`` is None when it could not be settled; ``sentence`` says why, or what to do.

    ``setting`` is the environment variable, or the name in ``config``, to change; None when it
    is as expected and where nothing of ours changes it. ``exit_status`` is what the row alone
    would end the command with.
    """

    name: str
    expected: str
    found: str
    ok: bool | None
    setting: str | None
    sentence: str
    exit_status: int = 0

    def document(self) -> dict[str, Any]:
        """The row as JSON."""
        document = asdict(self)
        del document["exit_status"]
        return document


@dataclass(frozen=True, slots=True)
class Found:
    """What a vendor answered, and whether that is as expected.

    ``sentence`` and ``expected`` take the place of the question's own where they are given.
    """

    found: str
    ok: bool
    sentence: str = ""
    expected: str = ""


class CannotTell(Exception):
    """There is nothing yet by which it could be told; the text says what is missing."""


@dataclass(frozen=True, slots=True)
class Question(Generic[T]):
    """``differs`` is what to do, or what it means, when the answer is not the expected one."""

    name: str
    expected: str
    ask: Callable[[T], Found]
    differs: str
    setting: str | None = None


def unasked(questions: Iterable[Question[T]], why: str) -> list[Probe]:
    """The rows of questions that cannot even be put."""
    return [_untold(question, why) for question in questions]


def settle(questions: Iterable[Question[T]], vendor: T, credential: str) -> Iterator[Probe]:
    """Put each question in its turn; no answer raises.

    When the first one is not answered, the others are not put: the vendor is away, or refuses
    the credential, whose name in ``config`` is ``credential``.
    """
    stopped = ""
    for number, question in enumerate(questions):
        if stopped:
            yield _untold(question, stopped)
            continue
        row = _row(question, vendor, credential)
        if number == 0 and row.exit_status in (3, 4):
            stopped = row.sentence
        yield row


def _row(question: Question[T], vendor: T, credential: str) -> Probe:
    try:
        found = question.ask(vendor)
    except CannotTell as missing:
        return _untold(question, str(missing))
    except CredentialRefused as refused:
        setting = None if refused.code == "account_inactive" else credential
        return _answered(question, Found("refused", False, refused.sentence), setting, 3)
    except (Rejected, NotFound) as refused:
        said = f"refused ({refused.status})"
        return _answered(question, Found(said, False, refused.sentence), None, 1)
    except VendorError as away:
        return _untold(question, away.sentence, exit_status=4)
    return _answered(question, found, question.setting, 0 if found.ok else 1)


def _answered(question: Question[T], found: Found, setting: str | None, exit_status: int) -> Probe:
    own = _AS_EXPECTED if found.ok else question.differs
    return Probe(
        question.name,
        found.expected or question.expected,
        found.found,
        found.ok,
        None if found.ok else setting,
        found.sentence or own,
        exit_status,
    )


def _untold(question: Question[T], why: str, exit_status: int = 0) -> Probe:
    return Probe(question.name, question.expected, CANNOT_TELL, None, None, why, exit_status)
