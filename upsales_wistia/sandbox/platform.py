"""Upsales as a platform for apps: it posts requests to one, and takes its hooks and callbacks.

https://support.upsales.com/hc/en-us/articles/360001705067-Request-body
"""

from __future__ import annotations

import json
import threading
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .tenant import Tenant


@dataclass(frozen=True, slots=True)
class Answered:
    """What the app answered: its status, and the body as JSON where it is some."""

    status: int
    body: Any


@dataclass
class Platform:
    """One app in the directory. ``address`` is where it listens, "" while it is unknown."""

    app_id: int = 300
    app_key: str = "sandbox-app-key"
    address: str = ""
    callback_base: str = ""
    refuses: set[int] = field(default_factory=set)
    callbacks: list[tuple[int, dict[str, Any]]] = field(default_factory=list)
    hooks: list[int] = field(default_factory=list)
    answers: list[Answered] = field(default_factory=list)
    _threads: list[threading.Thread] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def body(
        self,
        tenant: Tenant,
        *,
        key: bool = False,
        callback: bool = False,
        config: Mapping[str, Any] | None = None,
        data: Mapping[str, Any] | None = None,
        **more: Any,
    ) -> dict[str, Any]:
        """A request's body as documented; ``key`` and ``callback`` are sent with some only."""
        made: dict[str, Any] = {
            "appId": self.app_id,
            "date": tenant.world.now.isoformat(),
            "authenticationKey": self.app_key,
            "customer": {"id": tenant.id, "name": f"Sandbox {tenant.id}"},
            "version": "1.0.0",
            "appData": {},
            "config": dict(tenant.config if config is None else config),
        }
        if key:
            made["apiKey"] = tenant.upsales_key
        if callback:
            made["callbackUrl"] = f"{self.callback_base}/callback/{tenant.id}"
        if data is not None:
            made["data"] = dict(data)
        return made | more

    def post(self, path: str, body: Any) -> Answered:
        """Post a request to the app and wait for its answer."""
        request = urllib.request.Request(  # noqa: S310  (loopback, the app under test)
            self.address + path,
            json.dumps(body).encode() if not isinstance(body, bytes) else body,
            {"Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
                return Answered(answer.status, _json(answer.read()))
        except urllib.error.HTTPError as error:
            with error:
                return Answered(error.code, _json(error.read()))

    def hooked(self, tenant: Tenant, data: Mapping[str, Any]) -> bool:
        """The app asks to be called for a customer; false when it is not active there."""
        with self._lock:
            self.hooks.append(tenant.id)
        if tenant.id in self.refuses:
            return False
        if self.address:
            body = self.body(tenant, key=True, callback=True, data=data)
            thread = threading.Thread(target=self._call, args=(body,), daemon=True)
            with self._lock:
                self._threads.append(thread)
            thread.start()
        return True

    def _call(self, body: Mapping[str, Any]) -> None:
        answered = self.post("/external", body)
        with self._lock:
            self.answers.append(answered)

    def called_back(self, customer: int, message: dict[str, Any]) -> None:
        """The app tells how a run went."""
        with self._lock:
            self.callbacks.append((customer, message))

    def join(self) -> None:
        """Wait until the app has answered every call that it asked for."""
        with self._lock:
            threads = list(self._threads)
        for thread in threads:
            thread.join()


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return body.decode("utf-8", "replace")
