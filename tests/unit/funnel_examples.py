"""Views, people and settings that the funnel's tests start from, and strategies of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from upsales_wistia.funnel.identity import address
from upsales_wistia.funnel.settings import FormPolicy, IdentityRule, Settings
from upsales_wistia.funnel.view import (
    Asked,
    Company,
    Contact,
    Conversion,
    Ignored,
    Known,
    Sent,
    State,
    Target,
    Video,
    View,
)

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
TOUR = Video("vid1", "Product tour", "prj1", "Marketing", 400.0)
ANNA = Contact(11, "Anna Berg", 1, "Acme AB")
ACME = Company(1, "Acme AB", 3)
BOTH = Settings(activities_enabled=True, forms_enabled=True)
ACTIVITY = Settings(activities_enabled=True)
A, F = Target.ACTIVITY, Target.FORM


def a_view(percent: str = "83", email: str = "anna@acme.se", **fields: Any) -> View:
    """A view of two hours ago whose viewer left ``email`` in its Turnstile."""
    made = View(
        event_key="ev1",
        visitor_key="visitor1",
        received_at=NOW - 2 * HOUR,
        percent=Decimal(percent),
        video=TOUR,
        email=email,
        conversion_type="pre-roll-email" if email else "",
        conversion_email=email,
        first_name="Anna",
        last_name="Berg",
        percent_since=NOW - 2 * HOUR,
    )
    return replace(made, **fields)


def known(
    contacts: Mapping[str, Contact | None] | None = None,
    companies: Mapping[str, Company | None] | None = None,
    *,
    asked: datetime = NOW,
    **fields: Any,
) -> Known:
    """What Upsales answered at ``asked``, and the rest of ``Known``."""
    return Known(
        contacts={email: Asked(found, asked) for email, found in (contacts or {}).items()},
        companies={domain: Asked(found, asked) for domain, found in (companies or {}).items()},
        **{"last_read": NOW, **fields},
    )


ANNA_KNOWN = known({"anna@acme.se": ANNA})
COMPANY_KNOWN = known({"anna@acme.se": None}, {"acme.se": ACME})


def sent(state: State, at: datetime = NOW, target: Target = A, **fields: Any) -> dict[str, Any]:
    """``Known.sent`` for the view that ``a_view`` makes."""
    return {"sent": {("ev1", target): Sent(state, at, **fields)}}


# ── strategies: a small world, so that everything meets everything ──

EMAILS = (
    "", "anna@acme.se", "Anna@ACME.se", "bo@acme.se", "bo@sub.acme.se", "cia@gmail.com",
    "dan@own.se", "eva@ignored.se", "eva@mailinator.com", "no address", "dan%40own.se",
    "fia@räksmörgås.se", "gun@other.se",
)  # fmt: skip
ADDRESSES = tuple(sorted({a for a in map(address, EMAILS) if a}))
MOMENTS = (0, 1, 40, 59, 60, 61, 119, 120, 1440, 4320, 200_000)
PERCENTS = ("0", "0.5", "24.99", "25", "29", "50", "98.99", "99", "100")
videos = st.builds(
    Video,
    st.sampled_from(("vid1", "vid2")),
    st.sampled_from(("Product tour", "<b>=1+1</b>", "å" * 600)),
    st.sampled_from((None, "prj1", "prj2")),
    st.sampled_from((None, "Marketing")),
    st.sampled_from((None, 0.0, 30.0, 400.0, 7200.0)),
)
moments = st.sampled_from(MOMENTS).map(lambda minutes: NOW - timedelta(minutes=minutes))
percents = st.sampled_from(PERCENTS).map(Decimal)


def views(keys: st.SearchStrategy[str] = st.just("ev1")) -> st.SearchStrategy[View]:  # noqa: B008
    """Any view with one of ``keys``."""
    return st.builds(
        View,
        event_key=keys,
        visitor_key=st.sampled_from(("", "visitor1", "visitor2")),
        received_at=moments,
        percent=percents,
        video=videos,
        email=st.sampled_from(EMAILS),
        conversion_type=st.sampled_from(("", "1", "2", "pre-roll-email", "4", "mid-roll-click")),
        conversion_email=st.sampled_from(EMAILS),
        percent_since=st.none() | moments,
    )


many_views = st.lists(
    views(st.sampled_from([f"ev{n}" for n in range(1, 9)])),
    max_size=8,
    unique_by=lambda v: v.event_key,
)
settings_of = st.builds(
    Settings,
    projects=st.frozensets(st.sampled_from(("prj1", "prj2", "prj3")), max_size=2),
    min_percent=percents,
    identity=st.sampled_from(IdentityRule),
    domain_matching=st.booleans(),
    ignored_domains=st.frozensets(st.sampled_from(("ignored.se", "acme.se", "sub.acme.se"))),
    not_own_domains=st.frozensets(st.sampled_from(("own.se",))),
    waiting_days=st.sampled_from((0, 1, 90)),
    start=st.none() | moments,
    activities_enabled=st.booleans(),
    activity_score=st.sampled_from((0, 1, 10)),
    score_by_percent=st.booleans(),
    forms_enabled=st.booleans(),
    form_policy=st.sampled_from(FormPolicy),
    form_filters=st.booleans(),
)
conversions = st.builds(
    Conversion, moments, st.sampled_from(("ev0", "ev1", "ev2")), st.sampled_from(ADDRESSES)
)


def _asked(found: st.SearchStrategy[Any]) -> st.SearchStrategy[Asked[Any]]:
    return st.builds(Asked, st.none() | found, moments)


_sent = st.builds(
    Sent,
    st.sampled_from(sorted(set(State) - {State.WITHDRAWN})),
    moments,
    needs_person=st.booleans(),
    answer=st.just("no"),
)
knowns = st.builds(
    Known,
    conversions=st.dictionaries(
        st.sampled_from(("", "visitor1", "visitor2")),
        st.lists(conversions, max_size=3).map(tuple),
    ),
    contacts=st.dictionaries(
        st.sampled_from(ADDRESSES), _asked(st.sampled_from((ANNA, replace(ANNA, id=12))))
    ),
    companies=st.dictionaries(
        st.sampled_from(("acme.se", "own.se", "ignored.se", "gmail.com")), _asked(st.just(ACME))
    ),
    own_domains=st.sampled_from(({}, {"own.se": 2})),
    ignored=st.sampled_from(({}, {"anna@acme.se": Ignored("Eva", NOW)})),
    sent=st.dictionaries(
        st.tuples(st.sampled_from([f"ev{n}" for n in range(1, 4)]), st.sampled_from(Target)),
        _sent,
        max_size=3,
    ),
    forms_paused=st.booleans(),
    last_read=st.none() | moments,
)
