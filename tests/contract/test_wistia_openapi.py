"""The sandbox' answers as Wistia's own description of v1 has them.

Where payloads seen live differ from the description, the difference is taken out of the
row before it is held against it, with the reason beside it.
"""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest
import requests

from upsales_wistia.sandbox import Sandbox, Tenant

from .openapi import beside, operation, problems

pytestmark = beside


def get(sandbox: Sandbox, tenant: Tenant, path: str, **params: Any) -> Any:
    headers = {"Authorization": f"Bearer {tenant.wistia_token}"}
    answer = requests.get(sandbox.wistia_url + path, params=params, headers=headers, timeout=10)
    assert operation(path) is not None, f"not described: {path}"
    return answer.json()


def described(event: dict[str, Any]) -> dict[str, Any]:
    row = deepcopy(event)
    for name in ("lat", "lon"):
        if row.get(name, 0) is None:
            del row[name]  # null with privacy mode, where the description has numbers only
    if row["conversion_data"] == "":
        row["conversion_data"] = {}  # "" in older rows
    if row["conversion_type"] is None:
        row["conversion_type"] = ""  # told as integer or string; clients must bear null
    return row


def test_events(sandbox: Sandbox, tenant: Tenant) -> None:
    raw = [
        row
        for page in (1, 2, 3)
        for row in get(sandbox, tenant, "/v1/stats/events", per_page=100, page=page)
    ]
    assert len(raw) > 200
    assert problems([described(row) for row in raw], "Event", many=True) == []
    assert problems(raw, "Event", many=True), "the unpleasant values are gone"
    one = get(sandbox, tenant, f"/v1/stats/events/{raw[0]['event_key']}")
    assert problems(described(one), "Event") == []


def test_visitors(sandbox: Sandbox, tenant: Tenant) -> None:
    rows = get(sandbox, tenant, "/v1/stats/visitors", per_page=100)
    for row in rows:
        row.pop("identifying_event_key")  # in live lists, absent from the description
    assert problems(rows, "Visitor", many=True) == []
    one = get(sandbox, tenant, f"/v1/stats/visitors/{rows[0]['visitor_key']}")
    assert problems(one, "Visitor") == []


def test_medias(sandbox: Sandbox, tenant: Tenant) -> None:
    rows = get(sandbox, tenant, "/v1/medias", per_page=100)
    for row in rows:
        row.pop("share_link")  # fields appear over time
        if row["subfolder"] is None:
            del row["subfolder"]  # null for a video in no subfolder
        project = row["project"]
        # Live rows spell it hashed_id, the description hashedId.
        project.setdefault("hashedId", project.pop("hashed_id", None))
    assert problems(rows, "MediaIndex", many=True) == []


@pytest.mark.parametrize(
    ("path", "schema", "many"),
    [("/v1/projects", "Project", True), ("/v1/account", "Account", False)],
)
def test_projects_and_account(
    sandbox: Sandbox, tenant: Tenant, path: str, schema: str, many: bool
) -> None:
    assert problems(get(sandbox, tenant, path), schema, many=many) == []
