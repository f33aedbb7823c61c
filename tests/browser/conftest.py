"""The app served for real, a sandbox behind it, and a browser in front of it."""

from __future__ import annotations

import os
import shutil
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright
from werkzeug.serving import make_server

from tests.sync.house import House
from upsales_wistia.links import sign_link
from upsales_wistia.sandbox import Limits, Sandbox
from upsales_wistia.web import create_app

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium; where it is absent the test skips, and fails where ``CI=true``."""
    program = shutil.which("chromium")
    if program is None:
        give_up = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        give_up("no Chromium: apt-get install chromium")
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=program, args=FLAGS)


@pytest.fixture
def database_kind() -> str:
    """What a browser sees does not depend on the database."""
    return "sqlite"


@pytest.fixture
def house(store: str) -> Iterator[House]:
    """A customer of the sandbox; its links lead to a port that is free."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{free.getsockname()[1]}"
    with Sandbox(limits=Limits.off()) as sandbox:
        yield House(sandbox, store, environ={"PUBLIC_URL": address})


@dataclass
class Site:
    """The app at an address, and whoever visits it."""

    house: House
    browser: Browser
    complaints: list[str] = field(default_factory=list)

    @property
    def address(self) -> str:
        """Where it is served."""
        return self.house.services.config.public_url

    def visitor(self, *, scripts: bool = True, width: int = 1280) -> BrowserContext:
        """A fresh browser, 800 pixels high."""
        return self.browser.new_context(
            base_url=self.address,
            java_script_enabled=scripts,
            viewport={"width": width, "height": 800},
            timezone_id="Europe/Stockholm",
            locale="en-GB",
            reduced_motion="reduce",  # A colour on its way to another is no fault.
        )

    def enter(self, context: BrowserContext, who: str = "Anna Kjellberg") -> Page:
        """Follow a signed link with full rights; the page it leads to."""
        page = context.new_page()
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        config = self.house.services.config
        page.goto(sign_link(config, self.house.customer, who, admin=True))
        return page

    def _hear(self, message: ConsoleMessage) -> None:
        # A page that is refused is a page too; what the policy or a script complains of is a fault.
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.complaints.append(message.text)


@pytest.fixture
def site(house: House, chromium: Browser) -> Iterator[Site]:
    """The app, served for real."""
    port = urlsplit(house.services.config.public_url).port or 0
    server = make_server("127.0.0.1", port, create_app(house.services), threaded=True)
    thread = threading.Thread(target=server.serve_forever, name="site")
    thread.start()
    made = Site(house, chromium)
    yield made
    server.shutdown()
    thread.join()
    server.server_close()
    assert made.complaints == []


def faults_of(page: Page) -> str:
    """What axe-core finds wrong with a page for those who cannot see or point; "" for nothing."""
    found = Axe().run(page)
    return "" if found.violations_count == 0 else found.generate_report()
