"""What the operator's monitoring reads: figures from the tables, so any process answers for all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, Flask, Response
from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector

from .. import deployment
from ..store import customers, instance
from ..store import deployment as stored
from .operator_guard import require_operator
from .security import services

blueprint = Blueprint("metrics", __name__)


def init_app(app: Flask) -> None:
    """Add the address."""
    app.register_blueprint(blueprint)


class _Tables(Collector):
    """Figures as they stand in the tables."""

    def collect(self) -> Iterator[Metric]:
        """Give each figure once."""
        known = customers.list_all()
        states = Counter(customer.state for customer in known)
        by_state = GaugeMetricFamily(
            "upsales_wistia_customers", "Customers by state.", labels=["state"]
        )
        for state in ("active", "paused", "suspended"):
            by_state.add_metric([state], states[state])
        yield by_state
        yield GaugeMetricFamily(
            "upsales_wistia_customers_erased_within_14_days",
            "Suspended customers that are erased within 14 days of refusals.",
            value=sum(_is_going(customer) for customer in known),
        )
        yield CounterMetricFamily(
            "upsales_wistia_unknown_hook_paths",
            "Requests of Upsales' to a path that is not known.",
            value=int(instance.read(instance.UNKNOWN_PATHS) or 0),
        )
        yield from _work(services().clock.now(), services().config.poll_minutes)
        by_type = CounterMetricFamily(
            "upsales_wistia_webhook_events",
            "Events of Wistia's webhook by type, each once.",
            labels=["type"],
        )
        for kind, n in instance.counts(instance.WEBHOOK_EVENTS).items():
            by_type.add_metric([kind], n)
        yield by_type


def _work(now: datetime, poll_minutes: float) -> Iterator[Metric]:
    """Runs, lateness, calls, writes and queues at ``now``."""
    found = deployment.overview(now, poll_minutes)
    yield _by("customers_by_case", "Customers by whose turn it is.", "case", found.cases)
    yield GaugeMetricFamily(
        "upsales_wistia_polls_late_seconds",
        "How long due polls have waited, 95th percentile over active customers.",
        value=found.late.total_seconds(),
    )
    since = now - timedelta(hours=1)
    polls = stored.polls_since(since)
    yield _by("polls_last_hour", "Polls begun in the last hour by how they ended.", "status", polls)
    yield _by("open_writes", "Writes that are not done by state.", "state", found.open_writes)
    due = stored.due_work(now)
    waiting = {kind: count for kind, (count, _) in due.items()}
    yield _by("due_customers", "Customers with due work by kind.", "kind", waiting)
    oldest = {kind: (now - first).total_seconds() for kind, (_, first) in due.items()}
    yield _by("due_oldest_seconds", "How long work has been due at the longest.", "kind", oldest)
    yield GaugeMetricFamily(
        "upsales_wistia_leases", "Customers that are worked on.", value=stored.held_leases()
    )
    made = {vendor: calls.made for vendor, calls in found.calls.items()}
    failed = {vendor: calls.failed for vendor, calls in found.calls.items()}
    yield _by("calls_today", "Calls to a vendor since midnight UTC.", "vendor", made)
    yield _by("calls_failed_today", "Of them answered 400 or more, or not.", "vendor", failed)
    jobs = GaugeMetricFamily(
        "upsales_wistia_engine_jobs", "The engine's jobs.", labels=["queue", "status"]
    )
    for labels, count in stored.engine_jobs().items():
        jobs.add_metric(labels, count)
    yield jobs


def _by(name: str, about: str, label: str, figures: Mapping[Any, float]) -> Metric:
    family = GaugeMetricFamily(f"upsales_wistia_{name}", about, labels=[label])
    for value, figure in sorted(figures.items()):
        family.add_metric([value], figure)
    return family


def _is_going(customer: customers.CustomerRecord) -> bool:
    left = customers.erased_in_days(customer)
    return left is not None and left <= customers.FORETOLD


@blueprint.get("/metrics")
def metrics() -> Response:
    """The figures in Prometheus' text format."""
    require_operator()
    registry = CollectorRegistry(auto_describe=False)
    with services().answering():
        registry.register(_Tables())
        return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
