"""The domains of viewers' e-mails, each with how many views it has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .sql import fetch, starting


@dataclass(frozen=True, slots=True)
class ViewerDomain:
    """A registrable domain, and how many views are by people who have it."""

    domain: str
    views: int


def page(
    customer_id: int, begins: str = "", after: ViewerDomain | None = None, limit: int = 50
) -> list[ViewerDomain]:
    """At most ``limit`` domains that begin so, the one with most views first, below ``after``."""
    which, values = _which(customer_id, begins)
    below: list[Any] = [after.views, after.views, after.domain] if after else []
    having = "HAVING count(*) < ? OR (count(*) = ? AND domain > ?)" if below else ""
    rows = fetch(
        f"SELECT domain, count(*) AS views FROM views WHERE {which} GROUP BY domain {having} "
        "ORDER BY views DESC, domain LIMIT ?",
        [*values, *below, limit],
    )
    return [ViewerDomain(domain, int(views)) for domain, views in rows]


def count(customer_id: int, begins: str = "") -> int:
    """How many domains begin so."""
    which, values = _which(customer_id, begins)
    ((found,),) = fetch(f"SELECT count(DISTINCT domain) FROM views WHERE {which}", values)
    return int(found)


def to_be_asked(customer_id: int) -> set[str]:
    """The domains of which a view waits for a look-up in Upsales."""
    # The first condition is that of the partial index, the second one lets it be searched.
    rows = fetch(
        "SELECT domain FROM views WHERE customer_id = ? AND needs <> '' "
        "AND needs IN ('email', 'domain')",
        [customer_id],
    )
    return {domain for (domain,) in rows}


def _which(customer_id: int, begins: str) -> tuple[str, list[Any]]:
    if not begins:
        return "customer_id = ? AND domain > ''", [customer_id]
    condition, values = starting("domain", begins)
    return f"customer_id = ? AND {condition}", [customer_id, *values]
