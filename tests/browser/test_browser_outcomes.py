"""Published outcomes in a real browser: the tables and the report can be read by everybody, and nothing is blocked or loaded."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from browsing import Visitor
from playwright.sync_api import Browser
from test_browser_every_page import DESK, PHONE, violations

from build_making import build, rows
from serving_making import Served, serving

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("outcomes") / "build", rows(900), threshold=0)


@pytest.fixture(scope="module")
def publishing(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """An exchange whose operator publishes a build."""
    with serving(tmp_path_factory.mktemp("publishing") / "data", "--outcomes", str(folder), demo=False) as running:
        yield running


@pytest.mark.parametrize("address", ["/outcomes", "/outcomes?by=state_year&state=MA", "/outcomes/report"])
def test_published_outcomes_can_be_read_by_everybody(browser: Browser, publishing: Served, address: str) -> None:
    context = browser.new_context(base_url=publishing.url, viewport=DESK)
    visitor = Visitor(context.new_page())
    assert "not known" in visitor.opens(address).lower()
    assert violations(visitor.page, address) == []
    visitor.page.set_viewport_size(PHONE)
    assert visitor.page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert visitor.problems == []
    context.close()


def test_the_report_is_whole_without_any_network(browser: Browser, folder: Path) -> None:
    context = browser.new_context(viewport=DESK, offline=True, java_script_enabled=False)
    visitor = Visitor(context.new_page())
    asked: list[str] = []
    visitor.page.on("request", lambda request: asked.append(request.url))
    visitor.page.goto(f"file://{folder}/report.html")
    assert visitor.page.locator("figure svg").count() >= 8
    assert [address for address in asked if not address.startswith(("file:", "data:"))] == []
    assert visitor.problems == []
    context.close()


def test_every_table_of_the_report_can_be_read_when_it_is_unfolded(browser: Browser, folder: Path) -> None:
    context = browser.new_context(viewport=DESK)
    page = context.new_page()
    page.goto(f"file://{folder}/report.html")
    page.evaluate("document.querySelectorAll('details').forEach(details => { details.open = true })")
    assert violations(page, "report.html") == []
    page.set_viewport_size(PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    context.close()
