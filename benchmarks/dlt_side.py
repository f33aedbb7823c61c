"""dlt loading Wistia's events into SQLite: the alternative that a data engineer would reach for.

https://dlthub.com/docs/dlt-ecosystem/verified-sources/rest_api/basic
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import dlt
from dlt.sources.rest_api import rest_api_source


def load(url: str, token: str, window: Mapping[str, str], folder: str) -> dict[str, Any]:
    """Load the events of ``window`` and return how many rows stand in the table."""
    source = rest_api_source(
        {
            "client": {
                "base_url": url,
                "auth": {"type": "bearer", "token": token},
                "paginator": {
                    "type": "page_number",
                    "base_page": 1,
                    "total_path": None,
                    "stop_after_empty_page": True,
                },
            },
            "resources": [
                {
                    "name": "events",
                    "primary_key": "event_key",
                    "write_disposition": "merge",
                    "endpoint": {
                        "path": "stats/events.json",
                        "params": {**window, "per_page": 100},
                    },
                }
            ],
        }
    )
    pipeline = dlt.pipeline(
        "wistia",
        pipelines_dir=folder,
        destination=dlt.destinations.sqlalchemy(f"sqlite:///{folder}/loaded.db"),
        dataset_name="main",
        progress=None,
    )
    pipeline.run(source)
    with pipeline.sql_client() as client:
        ((rows,),) = client.execute_sql("SELECT count(*) FROM events")
    return {"rows": rows}
