"""``keys``: a fresh encryption key, and the change from an old one to it."""

from __future__ import annotations

import os
from dataclasses import asdict

import click

from .. import keys
from ..keys import Rotation
from .base import AS_JSON, DONE, SOME_FAILED, cli, open_services, print_json, show

_NEXT = (
    "Put it in front of the others in ENCRYPTION_KEYS, restart every process, and run: "
    "upsales-wistia keys rotate. Then the old ones can be dropped."
)


@cli.group(name="keys")
def keys_() -> None:
    """Make an encryption key, and change from an old one to it."""


@keys_.command()
@AS_JSON
def new(as_json: bool) -> int:
    """Print a fresh encryption key; nothing is stored."""
    key = keys.new()
    if as_json:
        print_json({"key": key, "next": _NEXT})
    else:
        click.echo(key)
        click.echo(_NEXT, err=True)  # so that stdout holds the key alone
    return DONE


@keys_.command()
@AS_JSON
def rotate(as_json: bool) -> int:
    """Seal every stored credential with the newest key."""
    done = keys.rotate(open_services().config, os.environ)
    told = _sentences(done)
    show(as_json, asdict(done) | {"sentences": told}, lambda: told)
    return SOME_FAILED if done.unreadable else DONE


def _sentences(done: Rotation) -> list[str]:
    counted = f"Credentials sealed anew: {done.resealed}, of customers: {done.customers}."
    if done.unreadable:
        return [counted, *(_unreadable(customer) for customer in done.unreadable), _KEEP]
    if done.own_file:
        return [counted, "The old key is gone from the secrets file.", _RESTART]
    if done.keys == 1:
        return [counted, _ONLY_ONE]
    return [counted, "The older keys can be dropped from ENCRYPTION_KEYS now.", _RESTART]


def _unreadable(customer: int) -> str:
    return (
        f"A credential of customer {customer} cannot be read with any of the keys; nothing of "
        "this customer was changed. Put back the key it was saved with, or save its credentials "
        "again: upsales-wistia customers add."
    )


_KEEP = "No key was dropped. Then run this once more."
_RESTART = "Restart every process that was started before."
_ONLY_ONE = (
    "ENCRYPTION_KEYS lists one key, so there is nothing to change to. Make one: upsales-wistia "
    "keys new."
)
