"""What Upsales asks while an admin sets the app up: is this right, and what is there to choose."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response, jsonify
from werkzeug.exceptions import NotFound

from ..errors import CredentialRefused, VendorError
from ..settings import Problem, read, typed
from . import texts
from .hook_request import HookRequest
from .security import services
from .status_markdown import escape

Answer = Response | tuple[Response, int]

TOKEN, PUBLIC_TOKEN = "wistiaApiPassword", "wistiaPublicToken"
PROJECTS = "activityProjects"


def check_field(asked: HookRequest, name: str) -> Answer:
    """Whether what stands in a field is right: credentials are tried, the rest is read."""
    connection, given = services().connection, asked.config or {}
    if name in (TOKEN, PUBLIC_TOKEN):
        token = _text(given, TOKEN)
        found = (
            connection.check_token(token)
            if name == TOKEN
            else connection.check_public_token(_text(given, PUBLIC_TOKEN), token)
        )
        return _message(200 if found.good else 400, found.sentence)
    problems = read({name: given.get(name)}).problems
    if problems:
        return _message(400, *(f'"{one.value}" cannot be read. {one.wanted}' for one in problems))
    return _message(200, "This can be read.")


def choices(asked: HookRequest, name: str) -> Answer:
    """The choices of a field: all projects by name."""
    if name != PROJECTS:
        raise NotFound
    token = _text(asked.config or {}, TOKEN)
    if not token:
        return _message(400, "Paste an API token first: the projects are read with it.")
    try:
        projects = services().connection.projects(token)
    except CredentialRefused:
        return _message(400, services().connection.check_token(token).sentence)
    except VendorError as error:
        return _message(400, _away(error))
    return jsonify([{"value": one.project_id, "name": one.name} for one in projects])


def check_all(asked: HookRequest) -> Answer:
    """The token and its permissions, the public token, and what can be known before a run."""
    connection, given = services().connection, asked.config or {}
    token = _text(given, TOKEN)
    found = connection.check_token(token)
    if not found.good:
        return _message(400, f"API token: {found.sentence}")
    public = connection.check_public_token(_text(given, PUBLIC_TOKEN), token)
    told = [f"API token: {found.sentence}", f"Public token: {public.sentence}"]
    reading = read(given)
    if reading.problems:
        return _message(400, *told, *_sentences(reading.problems))
    settings = typed(reading.config)
    try:
        told.append(connection.preview(token, settings, services().config.window_days).sentence)
    except VendorError as error:
        return _message(400, *told, _away(error))
    if not (settings.activities_enabled or settings.forms_enabled):
        told.append(" ".join((f"{texts.NOTHING_ON[0]}.", texts.NOTHING_ON[1])))
    return _message(200 if public.good else 400, *told)


def _sentences(problems: tuple[Problem, ...]) -> list[str]:
    return [problem.sentence for problem in problems]


def _away(error: VendorError) -> str:
    """What an admin who waits for an answer is told; runs are not the matter here."""
    if isinstance(error, CredentialRefused):
        return error.sentence
    return "Wistia does not answer just now. Try again in a minute."


def _text(given: Mapping[str, Any], name: str) -> str:
    value = given.get(name)
    return value.strip() if isinstance(value, str) else ""


def _message(status: int, *sentences: str) -> Answer:
    return jsonify({"message": "\n\n".join(map(escape, sentences))}), status
