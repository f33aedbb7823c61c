"""What is asked of Upsales once per customer: which domains are its own."""

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


def set_up(work: Work) -> None:
    """Make sure that the customer's own domains are known."""
    read_at = customers.setup(work.customer_id).get("users_read_at")
    if read_at is None or _is_old(read_at, work.clock.now()):
        _read_users(work)


def _is_old(read_at: str, now: datetime) -> bool:
    return now - datetime.fromisoformat(read_at) > OWN_DOMAINS_FOR


def _read_users(work: Work) -> None:
    own = own_domains(work.patience.read(work.upsales().users))
    now = work.clock.now()
    with work.lease.commit():
        before = customers.setup(work.customer_id).get("own_domains", {})
        customers.update_setup(work.customer_id, own_domains=own, users_read_at=now.isoformat())
        changed = sorted(own.keys() ^ before.keys())
        sieve.reopen_domains(work.customer_id, changed, now, since=work.window.start)


def own_domains(users: Iterable[UserRow]) -> dict[str, int]:
    """Domains that two or more active users have, API keys aside, with how many have them."""
    found = Counter(company_domain(user.email) for user in users if user.active and not user.api)
    return {domain: count for domain, count in found.items() if domain and count > 1}
