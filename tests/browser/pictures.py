"""Takes the pictures of docs/pictures from the demo: ``make pictures``.

Every page of a customer, at 1280 and 390 pixels, as somebody with a link sees it.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import chdir, contextmanager
from datetime import timedelta
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright
from werkzeug.serving import make_server

from tests.browser.conftest import FLAGS
from upsales_wistia.demo import Demo, demo
from upsales_wistia.links import sign_link
from upsales_wistia.sandbox.example_videos import FIRST
from upsales_wistia.store import database, jobs, search
from upsales_wistia.store.search import Filter
from upsales_wistia.sync.period import Wanted
from upsales_wistia.viewlist import scene
from upsales_wistia.web import create_app

WIDTHS = (1280, 390)
PICTURES = Path(__file__).parents[2] / "docs" / "pictures"


@contextmanager
def served(port: int) -> Iterator[Demo]:
    """The demo in a folder of its own, and its pages served on ``port``."""
    with tempfile.TemporaryDirectory() as folder, chdir(folder):
        os.environ["PORT"] = str(port)
        with demo(lambda text: None, lambda config: None) as made:
            server = make_server("127.0.0.1", port, create_app(made.services), threaded=True)
            thread = threading.Thread(target=server.serve_forever)
            thread.start()
            try:
                yield made
            finally:
                server.shutdown()
                thread.join()


def pages(made: Demo) -> dict[str, str]:
    """The address of each page, by the name of its picture."""
    return {
        "status": "status",
        "views": "views",
        "view": f"views/{_left_out(made)}",
        "waiting": "waiting",
        "videos": "videos",
        "video": f"videos/{FIRST}",
        "failed": "failed",
        "enrichment": "enrichment",
        "settings": "settings?set.activityMinPercent=15",
        "history": "history",
        "domains": "domains",
        "export": "export",
        "backfill": "backfill",
        "runs": "runs",
        "run": f"runs/{made.document['run']}",
        "operator": "../../operator",
    }


def _look_back(made: Demo) -> None:
    """Let the page of older views show what would happen."""
    today = made.services.clock.now().date()
    wanted = Wanted(today - timedelta(days=30), today)
    with database.session():
        made.services.fetching.ask(made.customer_id, wanted, "Anna Kjellberg")
    made.services.queues.join(jobs.BACKFILL)


def _left_out(made: Demo) -> str:
    """A view that was watched too little."""
    below = Filter(made.customer_id, reasons=frozenset({"below_minimum"}))
    return search.page(below, scene(made.customer_id).reading)[0].view.event_key


def take(made: Demo, browser: Browser, names: list[str], folder: Path) -> None:
    """Take the pictures of the pages named (all when none is)."""
    config = made.services.config
    link = sign_link(config, made.customer_id, "Anna Kjellberg", admin=True)
    for width in WIDTHS:
        context = browser.new_context(
            viewport={"width": width, "height": 800},
            timezone_id="Europe/Stockholm",
            locale="en-GB",
        )
        page = context.new_page()
        page.goto(link)
        for name, path in pages(made).items():
            if names and name not in names:
                continue
            page.goto(f"{config.public_url}/c/{made.customer_id}/{path}")
            page.wait_for_load_state("networkidle")
            page.screenshot(path=folder / f"{name}-{width}.png", full_page=True)
        context.close()


def main() -> None:
    """``python -m tests.browser.pictures [NAME…]``."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    program = shutil.which("chromium")
    with sync_playwright() as playwright, served(8765) as made:
        _look_back(made)
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        take(made, browser, sys.argv[1:], PICTURES)
        browser.close()


if __name__ == "__main__":
    main()
