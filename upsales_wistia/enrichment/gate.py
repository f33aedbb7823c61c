"""The last gate: looks through everything that is about to leave for Mavera, and refuses. Pure.

Whoever composes a body has taken every trace of a person out of it already. This looks once more,
independently, at the finished body; what it finds is a fault of ours and stops the job.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from ..errors import AppError
from .traces import Kind, Known, find, plain

_WORDS = {
    Kind.ADDRESS: "an address",
    Kind.NUMBER: "a phone number",
    Kind.NAME: "the name of a viewer or contact",
    Kind.KEY: "the key of a viewer",
}


class Withheld(AppError):
    """A body names a person; it was not sent. The sentence says what kind, never who."""

    exit_status = 3

    def __init__(self, kinds: Sequence[Kind]) -> None:
        words = " and ".join(_WORDS[kind] for kind in sorted(set(kinds)))
        super().__init__(
            f"Nothing was sent: it would have told Mavera {words}. This is our fault; please tell "
            "us which job it was.",
            code="withheld",
        )


def check_body(
    body: Mapping[str, Any], facts: Any, known: Known, theirs: Collection[str] = ()
) -> None:
    """Raises Withheld when the body names a person.

    Names are looked for in ``facts``, all that is not a constant text of ours: a viewer may be
    called like one of its words. Addresses, numbers and visitor keys are looked for everywhere,
    but in ``theirs``: the ids and addresses that Mavera itself gave us.
    """
    kinds: list[Kind] = [
        trace.kind
        for text in texts(body)
        if text not in theirs
        for trace in find(plain(text), known, first_names=False)
        if trace.kind is not Kind.NAME
    ]
    kinds += [
        trace.kind
        for text in texts(facts, names=False)
        for trace in find(plain(text), known, first_names=True)
    ]
    if kinds:
        raise Withheld(kinds)


def check_document(text: str, known: Known) -> None:
    """Raises Withheld when a transcript names a person; a first name alone may be spoken."""
    if found := find(plain(text), known, first_names=False):
        raise Withheld([trace.kind for trace in found])


def texts(value: Any, *, names: bool = True) -> Iterator[str]:
    """Every text inside a JSON value, with ``names`` those of its fields too."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        yield from value if names else ()
        for inner in value.values():
            yield from texts(inner, names=names)
    elif isinstance(value, Sequence):
        for inner in value:
            yield from texts(inner, names=names)
