"""Domains that are one letter apart: what somebody typed, and what they may have meant."""

from __future__ import annotations

from collections.abc import Collection, Iterable


def lookalikes(typed: Iterable[str], known: Collection[str]) -> dict[str, list[str]]:
    """Of each of ``typed`` the ``known`` domains (both in ASCII) that are one letter away.

    A letter too many, too few, another one, or two that changed places. Domains that have none
    are left out; the first of several comes first.
    """
    near: dict[str, set[str]] = {}
    for domain in typed:
        for rest in _rests(_shown(domain)):
            near.setdefault(rest, set()).add(domain)
    found: dict[str, list[str]] = {}
    for candidate in sorted(known):
        name = _shown(candidate)
        close = set[str]().union(*(near.get(rest, ()) for rest in _rests(name)))
        for domain in close:
            if _one_letter_apart(_shown(domain), name):
                found.setdefault(domain, []).append(candidate)
    return found


def _rests(name: str) -> set[str]:
    """``name``, and what is left of it without any one letter."""
    return {name, *(name[:n] + name[n + 1 :] for n in range(len(name)))}


def _one_letter_apart(one: str, other: str) -> bool:
    if one == other or abs(len(one) - len(other)) > 1:
        return False
    if len(one) != len(other):
        shorter, longer = sorted((one, other), key=len)
        return shorter in _rests(longer)
    places = [n for n, letters in enumerate(zip(one, other, strict=True)) if len(set(letters)) > 1]
    if len(places) == 1:
        return True
    first, last = places[0], places[-1]
    return (
        len(places) == 2
        and last == first + 1
        and one[first : last + 1] == other[first : last + 1][::-1]
    )


def _shown(domain: str) -> str:
    """As it is typed: a letter of an international domain is several in ASCII."""
    try:
        return domain.encode("ascii").decode("idna")
    except UnicodeError:
        return domain
