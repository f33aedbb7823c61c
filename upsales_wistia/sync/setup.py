"""What is asked of Upsales once per customer: its users, and which domains are its own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta

from ..clients.upsales_schema import UserRow
from ..funnel.domains import company_domain
from ..store import customers, sieve
from .work import Work

OWN_DOMAINS_FOR = timedelta(days=7)
"""How long the domains of the customer's users are believed."""


MOST_USERS = 500
"""Users that are kept by name, to be chosen from."""


def set_up(work: Work) -> None:
    """Make sure that the customer's users and own domains are known."""
    known = customers.setup(work.customer_id)
    read_at = known.get("users_read_at")
    whole = {"users", "administrators"} <= known.keys()
    if read_at is None or not whole or _is_old(read_at, work.clock.now()):
        _read_users(work)


def _is_old(read_at: str, now: datetime) -> bool:
    return now - datetime.fromisoformat(read_at) > OWN_DOMAINS_FOR


def _read_users(work: Work) -> None:
    users = work.patience.read(work.upsales().users)
    own = own_domains(users)
    now = work.clock.now()
    with work.lease.commit():
        before = customers.setup(work.customer_id).get("own_domains", {})
        customers.update_setup(
            work.customer_id,
            own_domains=own,
            users=named(users),
            administrators=administrators(users),
            users_read_at=now.isoformat(),
        )
        changed = sorted(own.keys() ^ before.keys())
        sieve.reopen_domains(work.customer_id, changed, now, since=work.window.start)


def named(users: Iterable[UserRow]) -> dict[str, str]:
    """The names of active users, API keys aside, by number; never an e-mail address."""
    people = [user for user in users if user.active and not user.api and "@" not in user.name]
    return {str(user.id): user.name for user in people[:MOST_USERS] if user.name}


def administrators(users: Iterable[UserRow]) -> list[int]:
    """The numbers of those active users who may change the settings, API keys aside."""
    return sorted(u.id for u in users if u.administrator and u.active and not u.api)


def own_domains(users: Iterable[UserRow]) -> dict[str, int]:
    """Domains that two or more active users have, API keys aside, with how many have them."""
    found = Counter(company_domain(user.email) for user in users if user.active and not user.api)
    return {domain: count for domain, count in found.items() if domain and count > 1}
