"""What the operator's monitoring reads: figures from the tables, so any process answers for all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from flask import Blueprint, Flask, Response
from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector

from ..store import customers, instance
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
        by_type = CounterMetricFamily(
            "upsales_wistia_webhook_events",
            "Events of Wistia's webhook by type, each once.",
            labels=["type"],
        )
        for kind, n in instance.counts(instance.WEBHOOK_EVENTS).items():
            by_type.add_metric([kind], n)
        yield by_type


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
