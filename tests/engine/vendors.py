"""Wistia and Upsales as one process, with many customers whose worlds hold no view yet.

Beside the control endpoint: a customer's number on the standard input is answered with its
traffic, counted here because a list of all requests is long.
"""

from __future__ import annotations

import json
import sys

from tests.sync.house import small_world
from upsales_wistia.sandbox import Contact, Limits, Sandbox

PEOPLE = 20
"""Contacts of Acme AB, ``person0@acme.example`` and so on."""

CONFIG = {"activitiesEnabled": True, "activityScore": 10}


def main() -> None:
    """Serve as many customers as the first argument says, until the standard input ends."""
    people = [Contact(200 + n, f"Person {n}", f"person{n}@acme.example", 1) for n in range(PEOPLE)]
    with Sandbox(limits=Limits.off()) as sandbox:
        for customer in range(1, int(sys.argv[1]) + 1):
            sandbox.add_customer(customer, small_world(contacts=people), config=CONFIG)
        sys.stdout.write(json.dumps(sandbox.overview()) + "\n")
        sys.stdout.flush()
        for line in sys.stdin:
            sys.stdout.write(json.dumps(traffic(sandbox, int(line))) + "\n")
            sys.stdout.flush()


def traffic(sandbox: Sandbox, customer: int) -> dict[str, int]:
    """A customer's calls: not answered yet, answered with 429, cut off or refused in any way."""
    done = [request.status for request in sandbox.requests if request.customer == customer]
    begun = sum(sandbox.counters.total(vendor, customer) for vendor in ("wistia", "upsales"))
    spoilt = sum(status == 0 or status >= 400 for status in done)
    return {"in_flight": begun - len(done), "refused": done.count(429), "spoilt": spoilt}


if __name__ == "__main__":
    main()
