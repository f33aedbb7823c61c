"""One customer of the vendors: its tokens, its world, its switches, its Upsales and Mavera."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from .crm import Crm
from .mavera_desk import Desk
from .webhook import Webhook
from .world import World


@dataclass
class Switches:
    """What is unknown or differs between accounts. Change the attributes while it runs.

    ``submit_delay`` is in seconds of the world's time: 0 at once, None only when settled.
    ``wistia_scopes`` are those of the token; ``forms_feature`` None leaves it out of ``/self``.
    ``event_filters`` says by attribute what becomes of a filter of ``/events`` that does not
    work. ``several_emails`` is a filter for several at once: ``literal`` takes the commas for a
    part of one value. ``wistia_times`` is how a time is written: with ``Z``, without a zone, or
    with Sweden's offset; ``day_zone`` is whose midnights ``start_date`` and ``end_date`` mean;
    ``heat_maps`` which public token the address of a heat map carries. ``action_texts`` says
    whether the counts of calls to action come with their words. ``mavera_dialect`` is whether
    Mavera speaks as its reference or as its older pages, ``mavera_deletes`` whether it deletes.
    """

    event_zone: Literal["UTC", "Europe/Stockholm"] = "UTC"
    contains_search: Literal["works", "ignored", "refused", "nothing"] = "works"
    several_emails: Literal["works", "ignored", "refused", "literal"] = "works"
    event_filters: dict[str, Literal["ignored", "refused", "nothing"]] = field(default_factory=dict)
    upsales_auth: Literal["both", "query", "cookie"] = "both"
    creates_contacts: bool = False
    submit_delay: float | None = 0.0
    may_read_submits: bool = True
    forms_feature: bool | None = True
    key_refused: bool = False
    wistia_scopes: tuple[str, ...] = ("all:read",)
    revoked: bool = False
    code_in_401: bool = True
    future_end_refused: bool = False
    default_page: int = 10
    largest_page: int = 100
    wistia_times: Literal["utc", "bare", "offset"] = "utc"
    day_zone: str = "UTC"
    heat_maps: Literal["own", "other", "bare"] = "own"
    action_texts: bool = True
    mavera_refused: bool = False
    mavera_dialect: Literal["reference", "older"] = "reference"
    mavera_deletes: bool = True


@dataclass
class Tenant:
    """A customer. ``base_config`` is what its admin chose, without Wistia's tokens."""

    id: int
    world: World
    wistia_token: str
    upsales_key: str
    base_config: dict[str, Any]
    public_token: str
    mavera_key: str = ""
    switches: Switches = field(default_factory=Switches)
    lock: threading.RLock = field(default_factory=threading.RLock, repr=False)
    late: list[Callable[[], object]] = field(default_factory=list, repr=False)

    @property
    def config(self) -> dict[str, Any]:
        """The config as Upsales would send it, Wistia's tokens included."""
        tokens = {"wistiaApiPassword": self.wistia_token, "wistiaPublicToken": self.public_token}
        return {**self.base_config, **tokens}

    @cached_property
    def crm(self) -> Crm:
        """The contents of this customer's Upsales, made when first looked at."""
        return Crm(self.id, self.world)

    @cached_property
    def desk(self) -> Desk:
        """The contents of this customer's Mavera."""
        return Desk()

    @cached_property
    def webhook(self) -> Webhook:
        """The webhook of this customer's Wistia account, silent until it is set up."""
        return Webhook(self.world, f"account{self.id}")

    def settle(self) -> None:
        """Let what is under way arrive: late writes, submits, a search that lags."""
        with self.lock:
            waiting, self.late = self.late, []
            for write in waiting:
                write()
            self.crm.process_submits(creates_contacts=self.switches.creates_contacts, delay=0.0)
            self.crm.catch_up()
