"""Wistia's JSON, field by field: https://docs.wistia.com/reference (v1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from zlib import crc32

from .crm import iso
from .facts import Media, Project, View
from .videos import Video
from .world import World

_PLACES = [
    ("SE", "Stockholm", "Stockholm", 59.33, 18.06),
    ("NO", "Oslo", "Oslo", 59.91, 10.75),
    ("FI", "Uusimaa", "Helsinki", 60.17, 24.94),
    ("NL", "North Holland", "Amsterdam", 52.37, 4.9),
    ("", "", "", None, None),
]
_AGENTS = [
    ("Chrome", "141", "iOS (iPhone)", True),
    ("Firefox", "132", "Windows", False),
    ("Safari", "18", "Mac", False),
    ("Unknown Browser", "0", "Unknown", False),
]
_CREATED = "2025-02-03T09:00:00+00:00"


def event_row(view: View, world: World, base_url: str, public_token: str) -> dict[str, Any]:
    """A viewing session. A tenth of the rows lacks thumbnail and position, as live rows do."""
    dice = crc32(view.event_key.encode())
    country, region, city, lat, lon = _PLACES[dice % len(_PLACES)]
    media = world.media(view.media_id)
    heat_map = f"{base_url}/v1/stats/events/{view.event_key}/iframe.html"
    row: dict[str, Any] = {
        "received_at": iso(view.received_at),
        "event_key": view.event_key,
        "visitor_key": view.visitor_key,
        "ip": f"192.0.2.{dice % 250}" if country else "",
        "org": "Nordnet Broadband" if country else "",
        "country": country,
        "region": region,
        "city": city,
        "lat": lat,
        "lon": lon,
        "email": view.email,
        "percent_viewed": view.fraction,
        "embed_url": view.page,
        "media_id": view.media_id,
        "media_name": media.name if media else "",
        "media_url": f"https://sandbox.wistia.com/medias/{view.media_id}",
        "iframe_heatmap_url": heat_map + (f"?public_token={public_token}" if public_token else ""),
        "conversion_type": view.conversion_type,
        "conversion_data": view.conversion if view.conversion is not None else {},
        "user_agent_details": _agent(dice),
        "thumbnail": {**_thumbnail(view.media_id), "fileSize": 4211, "contentType": "image/jpeg"},
    }
    if dice % 10 == 0:
        del row["thumbnail"], row["lat"], row["lon"]
    return row


def visitor_row(visitor_key: str, views: Sequence[View], *, listed: bool) -> dict[str, Any]:
    """A visitor, from their views newest first. Only lists tell ``identifying_event_key``."""
    known = [view for view in views if view.email]
    identity = _typed(views)
    row: dict[str, Any] = {
        "visitor_key": visitor_key,
        "created_at": iso(views[-1].received_at),
        "last_active_at": iso(views[0].received_at),
        "last_event_key": views[0].event_key,
        "load_count": len(views) * 2,
        "play_count": len(views),
        "visitor_identity": {
            "name": " ".join(str(identity.get(n) or "") for n in _NAMES).strip(),
            "email": identity.get("email") or (known[0].email if known else None),
            "org": {"name": None, "title": None},
        },
        "user_agent_details": _agent(crc32(visitor_key.encode())),
    }
    if listed:
        row["identifying_event_key"] = known[-1].event_key if known else None
    return row


def media_row(media: Media, project: Project | None, video: Video) -> dict[str, Any]:
    """A video. Live rows name the project's id ``hashed_id``, the specification ``hashedId``."""
    row: dict[str, Any] = {
        "id": media.id,
        "hashed_id": media.hashed_id,
        "name": media.name,
        "type": "Video",
        "archived": video.archived,
        "created": video.created.isoformat() if video.created else _CREATED,
        "updated": "2026-01-12T13:30:00+00:00",
        "duration": media.duration,
        "description": "<p></p>",
        "progress": 1.0,
        "status": video.status,
        "thumbnail": _thumbnail(media.hashed_id),
        "assets": [_asset(media)],
        "subfolder": None,
        "tags": [],
        "cursor": None,
        "share_link": f"https://sandbox.wistia.com/s/{media.hashed_id}",
    }
    if project is not None:
        spelling = "hashedId" if media.id % 2 else "hashed_id"
        row["project"] = {"id": project.id, "name": project.name, spelling: project.hashed_id}
    return row


def project_row(project: Project, medias: int) -> dict[str, Any]:
    """A project, in v1's camel case."""
    return {
        "id": project.id,
        "name": project.name,
        "description": None,
        "mediaCount": medias,
        "created": _CREATED,
        "updated": _CREATED,
        "hashedId": project.hashed_id,
        "public": False,
        "publicId": None,
        "anonymousCanUpload": False,
        "anonymousCanDownload": False,
    }


def heat_map(view: View) -> str:
    """A picture of what was watched, from the start up to the fraction."""
    width = round(view.fraction * 100)
    return (
        '<!DOCTYPE html><html lang="en"><title>Heat map</title><body style="margin:0">'
        '<svg width="100%" height="70" role="img" aria-label="What was watched">'
        '<rect width="100%" height="70" fill="#eee"/>'
        f'<rect width="{width}%" height="70" fill="#e66"/></svg></body></html>'
    )


_NAMES = ("first_name", "last_name")


def _typed(views: Sequence[View]) -> dict[str, Any]:
    filled = (v.conversion for v in views if isinstance(v.conversion, Mapping) and v.conversion)
    return dict(next(filled, {}))


def _agent(dice: int) -> dict[str, Any]:
    names = ("browser", "browser_version", "platform", "mobile")
    return dict(zip(names, _AGENTS[dice % len(_AGENTS)], strict=True))


def _thumbnail(hashed_id: str) -> dict[str, Any]:
    url = f"https://embed-ssl.wistia.com/deliveries/{hashed_id}.jpg?image_crop_resized=200x120"
    return {"url": url, "width": 200, "height": 120}


def _asset(media: Media) -> dict[str, Any]:
    url = f"https://embed.wistia.com/deliveries/{media.hashed_id}.bin"
    shape = {"width": 1280, "height": 720, "fileSize": 1_048_576}
    return {"url": url, **shape, "contentType": "video/mp4", "type": "OriginalFile"}
