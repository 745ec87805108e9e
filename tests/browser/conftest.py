"""A real Chromium that visits a running demo: each visitor is a signed-in user in a session of their own."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from browsing import Visitor
from playwright.sync_api import Browser, sync_playwright

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


@pytest.fixture(scope="module")
def signed_in(browser: Browser, served: Any) -> Callable[[str], Any]:
    """Signs a user of the demo in by the form, once; returns the cookies of the session."""
    kept: dict[str, Any] = {}

    def state_of(user: str) -> Any:
        if user not in kept:
            context = browser.new_context(base_url=served.url)
            page = context.new_page()
            page.goto("/account/login/")
            page.fill("#id_login", user)
            page.fill("#id_password", PASSWORD)
            page.get_by_role("button", name="Sign in", exact=True).click()
            page.wait_for_url("**/")
            kept[user] = context.storage_state()
            context.close()
        return kept[user]

    return state_of


@pytest.fixture
def visit(browser: Browser, served: Any, signed_in: Callable[[str], Any]) -> Iterator[Callable[..., Visitor]]:
    """Opens a session of a user: `visit("sheriff", java_script_enabled=False)`. None may have seen an error of the console."""
    visitors: list[Visitor] = []

    def begin(user: str, **options: Any) -> Visitor:
        context = browser.new_context(base_url=served.url, storage_state=signed_in(user), **options)
        context.set_default_timeout(SECONDS * 1000)
        visitor = Visitor(context.new_page())
        visitors.append(visitor)
        return visitor

    yield begin
    wrong = [problem for visitor in visitors for problem in visitor.problems]
    for visitor in visitors:
        visitor.page.context.close()
    assert wrong == []
