"""What an admin sees while setting the app up: live checks against a Wistia, nothing stored."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from tests.sync.house import NOW as WORLD_NOW
from tests.sync.house import small_world, view
from upsales_wistia.connection import PROJECTS_KEPT
from upsales_wistia.sandbox import (
    EXAMPLE_CONFIG,
    Limits,
    Media,
    Project,
    Sandbox,
    World,
    example_world,
)
from upsales_wistia.sandbox.tenant import Tenant

from .upsales import Upsales

READ_MEDIA = "Read all folder and media data"
READ_STATS = "Read detailed stats"


@dataclass
class Admin:
    """An admin at Upsales, with a Wistia account."""

    sandbox: Sandbox
    tenant: Tenant
    upsales: Upsales

    def config(self, **changes: Any) -> dict[str, Any]:
        """What the form holds."""
        return {**self.tenant.config, **changes}

    def asks(self, path: str, **changes: Any) -> tuple[int, Any]:
        """The answer to one request."""
        answer = self.upsales.posts(path, config=self.config(**changes), apiKey=...)
        return answer.status_code, answer.get_json()

    def checks(self, name: str = "wistiaApiPassword", **changes: Any) -> tuple[int, str]:
        """Type into a field."""
        status, told = self.asks(f"/testField/{name}", **changes)
        return status, told["message"]

    def tests(self, **changes: Any) -> tuple[int, str]:
        """Press the test button."""
        status, told = self.asks("/test", **changes)
        return status, told["message"]


def admin_of(sandbox: Sandbox, world: World, config: dict[str, Any] | None = None) -> Admin:
    tenant = sandbox.add_customer(4711, world, config=config or {"activitiesEnabled": True})
    upsales = Upsales(WISTIA_API_URL=sandbox.wistia_url)
    upsales.house.clock.move_to(world.now)
    return Admin(sandbox, tenant, upsales)


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(limits=Limits.off()) as running:
        yield running


@pytest.fixture
def admin(sandbox: Sandbox) -> Admin:
    return admin_of(sandbox, small_world())


# The API token.


def test_a_token_that_works_is_green(admin: Admin) -> None:
    works = (200, "Works: may read views and videos, and nothing more.")
    assert admin.checks() == works
    admin.tenant.switches.wistia_scopes = ("media:read", "stats:read")
    assert admin.checks() == works


@pytest.mark.parametrize("scope", ["all:all", "media:upload", "project:write"])
def test_a_token_that_can_write_is_more_than_needed(admin: Admin, scope: str) -> None:
    admin.tenant.switches.wistia_scopes = ("all:read", scope)
    status, told = admin.checks()
    assert status == 200
    assert told.startswith("Works, but may also change your Wistia account.")


@pytest.mark.parametrize("fault", ["500", "html_404", "not_json", "unauthorized_scope"])
def test_it_is_said_when_wistia_does_not_tell_what_else_it_may(admin: Admin, fault: str) -> None:
    admin.sandbox.faults.add("wistia.token", fault, times=None)
    status, told = admin.checks()
    assert status == 200
    assert told == "Works. Wistia does not tell whether it may also change your account."


@pytest.mark.parametrize("with_code", [True, False])
@pytest.mark.parametrize(
    ("scopes", "missing"),
    [
        (("media:read",), f'"{READ_STATS}"'),
        (("stats:read",), f'"{READ_MEDIA}"'),
        (("media:upload",), f'"{READ_MEDIA}" and "{READ_STATS}"'),
    ],
)
def test_the_missing_permission_is_named(
    admin: Admin, scopes: tuple[str, ...], missing: str, with_code: bool
) -> None:
    admin.tenant.switches.wistia_scopes = scopes
    admin.tenant.switches.code_in_401 = with_code
    status, told = admin.checks()
    assert status == 400
    assert told.startswith(f"The token lacks the permission {missing}. Ask the owner")


@pytest.mark.parametrize("token", ["mistyped", "with a space", "nøkkel", "x" * 5000])
def test_an_unknown_token_is_red(admin: Admin, token: str) -> None:
    status, told = admin.checks(wistiaApiPassword=token)
    assert status == 400
    assert told.startswith("Wistia does not know this API token")


def test_a_revoked_token_is_red(admin: Admin) -> None:
    admin.tenant.switches.revoked = True
    assert admin.checks()[1].startswith("Wistia does not know this API token")


def test_an_account_that_is_not_active_is_red(admin: Admin) -> None:
    admin.sandbox.faults.add("wistia.account", "account_inactive", times=None)
    assert admin.checks() == (400, "Your Wistia account is not active. Its owner can tell why.")


@pytest.mark.parametrize("token", ["", "  ", None, 5, ["x"]])
def test_without_a_token_there_is_nothing_to_check(admin: Admin, token: Any) -> None:
    assert admin.checks(wistiaApiPassword=token) == (400, "Paste an API token.")
    assert admin.sandbox.counters.count("wistia.account") == 0


@pytest.mark.parametrize("operation", ["account", "projects", "events"])
def test_a_wistia_that_is_away_is_no_verdict_on_the_token(admin: Admin, operation: str) -> None:
    admin.sandbox.faults.add(f"wistia.{operation}", "503", times=None)
    status, told = admin.checks()
    assert status == 400
    assert told.startswith("Wistia does not answer just now")


# The public token.


def test_the_public_token_is_compared_with_a_heat_map(admin: Admin) -> None:
    admin.tenant.world.add(view("e1", "anna@acme.example"))
    assert admin.checks("wistiaPublicToken") == (200, "Works: the same as in a recent heat map.")
    other = admin.checks("wistiaPublicToken", wistiaPublicToken="abcdefghij")
    assert other == (400, "Not the one in your heat maps.")


def test_before_the_first_view_the_public_token_cannot_be_checked(admin: Admin) -> None:
    assert admin.checks("wistiaPublicToken") == (200, "Cannot be checked until the first view.")
    for changes in ({"wistiaApiPassword": ""}, {"wistiaApiPassword": "mistyped"}):
        status, told = admin.checks("wistiaPublicToken", **changes)
        assert status == 200
        assert told.startswith("Cannot be checked yet")
    assert admin.checks("wistiaPublicToken", wistiaPublicToken="")[0] == 200


# The other fields.


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("activityMinPercent", "25,5 %"),
        ("activityMinPercent", ""),
        ("ignoredDomains", "acme.example, b.example"),
        ("startDate", "2026-11-21"),
        ("notifyUsers", [{"id": 5}]),
        ("noSuchSetting", "x"),
    ],
)
def test_what_can_be_read_is_green(admin: Admin, name: str, value: Any) -> None:
    assert admin.checks(name, **{name: value}) == (200, "This can be read.")


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("activityMinPercent", "101", "101"),
        ("activityMinPercent", "a lot", "a lot"),
        ("startDate", "tomorrow", "tomorrow"),
        ("activityProjects", "[cut", "\\[cut"),
        ("waitingDays", "<img src=x>[a](https://b)", "&lt;img src=x&gt;\\[a\\](https\\://b)"),
    ],
)
def test_what_cannot_be_read_is_told(admin: Admin, name: str, value: str, shown: str) -> None:
    status, told = admin.checks(name, **{name: value})
    assert status == 400
    assert told.startswith(f'"{shown}" cannot be read. It must be ')


# Projects.


def test_all_projects_by_name(admin: Admin) -> None:
    assert admin.asks("/fieldValues/activityProjects") == (
        200,
        [{"value": "proj1", "name": "Demos"}, {"value": "proj2", "name": "Stories"}],
    )


def test_more_projects_than_a_page(sandbox: Sandbox) -> None:
    many = [Project(n, f"p{n}", f"Project {n:03}") for n in range(250, 0, -1)]
    admin = admin_of(sandbox, small_world(projects=many, medias=[]))
    _, found = admin.asks("/fieldValues/activityProjects")
    assert [one["name"] for one in found] == [f"Project {n:03}" for n in range(1, 251)]


def test_projects_are_remembered_for_a_minute(admin: Admin) -> None:
    def calls() -> int:
        admin.asks("/fieldValues/activityProjects")
        return admin.sandbox.counters.count("wistia.projects")

    assert [calls(), calls()] == [1, 1]
    admin.upsales.house.clock.advance(timedelta(seconds=59))
    assert calls() == 1
    admin.upsales.house.clock.advance(timedelta(seconds=1))
    assert calls() == 2
    status, _ = admin.asks("/fieldValues/activityProjects", wistiaApiPassword="another")
    assert status == 400


def test_no_more_than_so_many_tokens_are_remembered(admin: Admin) -> None:
    connection = admin.upsales.house.connection
    for number in range(PROJECTS_KEPT + 5):
        connection._remember(f"digest {number}", [], admin.upsales.house.clock.now())
    assert len(connection._projects) == PROJECTS_KEPT
    assert "digest 0" not in connection._projects


def test_why_there_are_no_projects(admin: Admin) -> None:
    assert admin.asks("/fieldValues/activityProjects", wistiaApiPassword="")[0] == 400
    admin.tenant.switches.wistia_scopes = ("stats:read",)
    status, told = admin.asks("/fieldValues/activityProjects")
    assert status == 400
    assert READ_MEDIA in told["message"]
    admin.sandbox.faults.add("wistia.projects", "503", times=None)
    status, told = admin.asks("/fieldValues/activityProjects")
    assert (status, told["message"].split(".")[0]) == (400, "Wistia does not answer just now")


# The test button.


def test_what_can_be_known_without_a_key(sandbox: Sandbox) -> None:
    admin = admin_of(sandbox, example_world(WORLD_NOW), dict(EXAMPLE_CONFIG))
    admin.tenant.world.move_to(WORLD_NOW + timedelta(days=1))
    admin.upsales.house.clock.advance(timedelta(days=1))
    status, told = admin.tests()
    assert status == 200
    token, public, counts = told.split("\n\n")
    assert token == "API token: Works: may read views and videos, and nothing more."
    assert public == "Public token: Works: the same as in a recent heat map."
    assert counts == (
        "54 of 193 views in the last 3 days left an e-mail; 35 of them pass your filters. "
        "Who of them is in Upsales is known after the first run."
    )
    assert admin.upsales.done == []
    assert admin.sandbox.counters.count("upsales.self") == 0


def test_an_empty_account_has_no_views(admin: Admin) -> None:
    assert admin.tests()[1].endswith("Wistia has no views of the last 3 days.")


def test_every_filter_counts(admin: Admin) -> None:
    world = admin.tenant.world
    hours_ago = [WORLD_NOW - timedelta(hours=n) for n in range(30)]
    world.add(view("e1", "anna@acme.example", fraction=0.2499))
    world.add(view("e2", "bo@birch.example", media_id="media00002"))
    world.add(view("e3", "cy@birch.example", received_at=hours_ago[29]))
    world.add(view("e4", "dan@birch.example"))
    world.add(view("e5", email="known@birch.example"))
    world.add(view("e6", "no address"))
    world.add(view("old", "eva@birch.example", received_at=WORLD_NOW - timedelta(days=3, hours=1)))
    told_for: list[tuple[dict[str, Any], int, int]] = [
        ({}, 4, 4),
        ({"activityMinPercent": 25}, 4, 3),
        ({"activityProjects": ["proj1"]}, 4, 3),
        ({"startDate": "2026-11-20"}, 4, 3),
        ({"identity": "any"}, 5, 5),
        ({"activityMinPercent": 25, "activityProjects": "proj1", "startDate": "2026-11-20"}, 4, 1),
    ]
    for changes, identified, passing in told_for:
        told = admin.tests(**changes)[1]
        assert f"{identified} of 6 views" in told
        assert f"{passing} of them pass" in told


def test_an_e_mail_left_earlier_counts(admin: Admin) -> None:
    world = admin.tenant.world
    long_ago = WORLD_NOW - timedelta(days=30)
    world.add(view("old", "anna@acme.example", visitor_key="anna", received_at=long_ago))
    world.add(view("e1", email="anna@acme.example", visitor_key="anna"))
    assert "1 of 1 views" in admin.tests()[1]


def test_a_large_account_is_read_in_part(sandbox: Sandbox) -> None:
    admin = admin_of(sandbox, small_world())
    for number in range(2150):
        admin.tenant.world.add(view(f"e{number}"))
    told = admin.tests()[1]
    assert "0 of the newest 2,000 views" in told
    assert admin.sandbox.counters.count("wistia.events") <= 23


def test_the_test_fails_where_something_is_to_be_done(admin: Admin) -> None:
    admin.tenant.world.add(view("e1", "anna@acme.example"))
    assert admin.tests(wistiaApiPassword="")[0] == 400
    assert admin.tests(wistiaPublicToken="abcdefghij")[0] == 400
    status, told = admin.tests(activityMinPercent="a lot")
    assert status == 400
    assert '(activityMinPercent) came as "a lot". It must be a number from 0 to 100.' in told
    status, told = admin.tests(activitiesEnabled=False)
    assert status == 200
    assert "Nothing is switched on" in told
    admin.sandbox.faults.add("wistia.medias", "503", times=None)
    status, told = admin.tests(activityProjects="proj1")
    assert status == 400
    assert told.endswith("Wistia does not answer just now. Try again in a minute.")


def test_deleted_videos_are_in_no_project(sandbox: Sandbox) -> None:
    gone = Media(11, "media00001", "Product tour", "proj1", 60.0, deleted=True)
    admin = admin_of(sandbox, small_world(medias=[gone]))
    admin.tenant.world.add(view("e1", "anna@acme.example"))
    assert "1 of 1 views" in admin.tests(activityProjects="proj1")[1]
    assert "0 of them pass" in admin.tests(activityProjects="proj1")[1]
