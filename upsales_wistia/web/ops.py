"""What monitors ask: is it up, and which version is it."""

from __future__ import annotations

from flask import Blueprint, Flask, Response, jsonify

from .. import __version__
from ..errors import DeploymentError
from .security import services

NAME = "upsales-wistia"

blueprint = Blueprint("ops", __name__)


def init_app(app: Flask) -> None:
    """Add the two addresses."""
    app.register_blueprint(blueprint)


@blueprint.get("/health")
def health() -> tuple[Response, int]:
    """200 and the app's name; 503 and the cause when the database is out of reach."""
    try:
        services().check_database()
    except DeploymentError as error:
        return jsonify({"error": error.sentence}), 503
    return jsonify(NAME), 200


@blueprint.get("/version")
def version() -> Response:
    """The version that runs."""
    return jsonify({"name": NAME, "version": __version__})
