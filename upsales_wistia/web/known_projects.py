"""The projects of a customer by name: as Wistia lists them, else as its known videos name them."""

from __future__ import annotations

from ..clients.wistia_schema import Project
from ..errors import VendorError
from ..store import customers, media
from .security import services
from .texts import settings as words


def listed_projects(customer_id: int) -> tuple[list[Project], str]:
    """All projects, at most a minute old, and why these may not be all; "" when they are."""
    house = services()
    token = customers.secrets(house.keyring, customer_id).get("wistiaApiPassword")
    if not token:
        return [], words.NO_PROJECTS
    try:
        return house.connection.projects(token), ""
    except VendorError:
        known = _of_videos(customer_id)
        return [Project(one, name, 0) for one, name in known.items()], words.PROJECTS_AWAY


def project_names(customer_id: int) -> dict[str, str]:
    """What each project is called, by Wistia's hashed id."""
    listed, _ = listed_projects(customer_id)
    return _of_videos(customer_id) | {one.project_id: one.name for one in listed}


def _of_videos(customer_id: int) -> dict[str, str]:
    return {project: name for _, _, project, name in media.names(customer_id) if project}
