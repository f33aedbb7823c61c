"""Lets in the operator: by the token, or from the machine itself."""

from __future__ import annotations

import hmac
from ipaddress import ip_address
from urllib.parse import urlsplit

from flask import request
from werkzeug.exceptions import Forbidden

from .security import services

_FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Real-Ip", "Via")


def require_operator() -> None:
    """Return for the operator. Raises Forbidden for anybody else."""
    if not (_has_token() or _is_local()):
        raise Forbidden("For the operator: from this machine, or with OPERATOR_TOKEN as Bearer.")


def _has_token() -> bool:
    wanted = services().config.operator_token
    same = hmac.compare_digest(_given().encode(), (wanted or "").encode())
    return bool(wanted) and same


def _given() -> str:
    """The token as a monitor sends it (Bearer), or as a browser does: the password of any user."""
    authorization = request.authorization
    if authorization is None:
        return ""
    if authorization.type == "basic":
        return authorization.password or ""
    return (authorization.token or "") if authorization.type == "bearer" else ""


def _is_local() -> bool:
    """Whether the caller sits on this machine: no proxy in between, and no name of another host.

    Behind a proxy on the same machine everybody comes from loopback; and a page in a browser
    here may have its own name point to loopback.
    """
    if any(name in request.headers for name in _FORWARDED):
        return False
    try:
        name = urlsplit(f"//{request.host}").hostname or ""
    except ValueError:
        return False
    return _is_loopback(request.remote_addr or "") and (name == "localhost" or _is_loopback(name))


def _is_loopback(address: str) -> bool:
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False
