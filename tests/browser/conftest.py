"""A real Chromium that visits a running demo: each visitor is a signed-in user in a session of their own."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from browsing import Visitor
from playwright.sync_api import Browser, ViewportSize, sync_playwright

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PASSWORD = "only-for-the-demo"
SECONDS = 15
USUAL: ViewportSize = {"width": 1280, "height": 720}


def chromium() -> str:
    """The system's Chromium. Where there is none the tests are skipped; on the CI that is a failure."""
    named = os.environ.get("CHROMIUM", "/usr/bin/chromium")
    found = named if Path(named).exists() else shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        message = f"there is no Chromium at [{named}]: name one in CHROMIUM"
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(message)
    return str(found)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium for the tests of a module: while it runs, its event loop stands in the way of the tests that use Django."""
    path = chromium()
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield running
        running.close()


@pytest.fixture(scope="session")
def sessions() -> dict[str, Any]:
    """The cookies of each user of the demo who has signed in."""
    return {}


@pytest.fixture(scope="module")
def visitors() -> dict[Any, Visitor]:
    """Who visits in the tests of a module: a browser of one's own costs a second to open, so each keeps theirs."""
    return {}


@pytest.fixture
def visit(
    browser: Browser, served: Any, sessions: dict[str, Any], visitors: dict[Any, Visitor]
) -> Iterator[Callable[..., Visitor]]:
    """A user's visit: `visit("sheriff", java_script_enabled=False)`. None may have seen an error of the console."""

    def begin(user: str, viewport: ViewportSize = USUAL, **options: Any) -> Visitor:
        key = (user, *options.items())
        if key not in visitors:
            context = browser.new_context(base_url=served.url, storage_state=sessions.get(user), **options)
            context.set_default_timeout(SECONDS * 1000)
            visitors[key] = Visitor(context.new_page())
            if user not in sessions:
                visitors[key].signs_in(user, PASSWORD)
                sessions[user] = context.storage_state()
        visitors[key].page.set_viewport_size(viewport)
        return visitors[key]

    yield begin
    wrong = [problem for visitor in visitors.values() for problem in visitor.problems]
    for visitor in visitors.values():
        visitor.problems.clear()
    assert wrong == []
