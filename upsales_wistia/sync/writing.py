"""From views that were read to what stands in Upsales: decide, look up, decide, write."""

from __future__ import annotations

from ..funnel.view import Target
from ..store import outbox
from .adopt import adopt, needs_adoption
from .deliver import deliver
from .lookup import look_up_domains, look_up_emails, wanted_domains, wanted_emails
from .sieve import sieve_views
from .work import Work


def sieve_and_look_up(work: Work) -> None:
    """Decide; ask Upsales for what that needs; decide again with the answers."""
    sieve_views(work)
    if not work.settings.activities_enabled:
        return
    if emails := wanted_emails(work):
        look_up_emails(work, emails)
        sieve_views(work)
    if domains := wanted_domains(work):
        look_up_domains(work, domains)
        sieve_views(work)


def _anything_due(work: Work) -> bool:
    now = work.clock.now()
    return any(
        outbox.count_due(work.customer_id, target, now, asked=work.asked, only=work.only)
        for target in work.enabled_targets()
    )


def write(work: Work) -> None:
    """Write what is intended; the form goes first, and its outcome decides the activity.

    After a gap of ours what is in Upsales already is found before anything is written.
    """
    if needs_adoption(work) and _anything_due(work):
        adopt(work)
        sieve_views(work)
    for target in work.enabled_targets():
        deliver(work, target, asked=work.asked)
        sieve_and_look_up(work)
    if work.settings.activities_enabled:
        deliver(work, Target.ACTIVITY)  # what was decided once more on the way
