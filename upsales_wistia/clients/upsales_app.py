"""What the app itself says to Upsales: please call us for a customer, and how a run went."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from requests import PreparedRequest

from .answers import refusal
from .credentials import Credential
from .http import Caller

APP_HOOK_URL = "https://integration.upsales.com/api/external"
TIMEOUT = 30.0


class AppKey(Credential):
    """The app's own key. The vendor wants it in the query, so it is put there last."""

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        """Add ``authenticationKey`` to the address."""
        request.url = f"{request.url}&authenticationKey={quote(self._secret, safe='')}"
        return request


class UpsalesApp:
    """Speaks for the app, not for a customer.

    ``trusts`` says which addresses that came in a request may be called.
    """

    def __init__(
        self,
        external_url: str | None,
        app_id: int,
        app_key: str,
        *,
        trusts: Callable[[str], bool],
    ) -> None:
        self._base = (external_url or APP_HOOK_URL).rstrip("/")
        self._app_id = app_id
        self._credential = AppKey(app_key)
        self._trusts = trusts

    def hook(self, customer_id: int, data: Mapping[str, Any]) -> None:
        """Ask Upsales to call ``/external`` for a customer, with ``data`` and the key.

        Raises Rejected when Upsales refuses (the app is not active there), VendorError otherwise.
        """
        # https://support.upsales.com/hc/en-us/articles/360001693508-Initiate-manually
        self._post(
            f"{self._base}/appHook",
            data,
            operation="app_hook",
            params=[("customerId", str(customer_id)), ("appId", str(self._app_id))],
            credential=self._credential,
        )

    def callback(self, url: str, message: Mapping[str, Any]) -> None:
        """Tell Upsales how a run went. Raises ValueError for an address that is not Upsales'."""
        # https://support.upsales.com/hc/en-us/articles/360001693348-App-callback
        if not self._trusts(url):
            raise ValueError("not an address of Upsales")
        self._post(url, message, operation="callback")

    def _post(
        self,
        url: str,
        document: Mapping[str, Any],
        *,
        operation: str,
        params: Sequence[tuple[str, str]] = (),
        credential: Credential | None = None,
    ) -> None:
        caller = Caller("upsales")
        try:
            answer = caller.call(
                "POST",
                url,
                operation=operation,
                timeout=TIMEOUT,
                params=params,
                json=document,
                credential=credential,
            )
        finally:
            caller.close()
        error = refusal(answer, "upsales", write=True)
        if error is not None:
            raise error
