"""Published outcomes in a real browser: the tables and the report can be read by everybody, and nothing is blocked or loaded."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from accessibility import DESK, PHONE, too_wide, violations
from browsing import Visitor
from playwright.sync_api import Browser

from serving_making import Served, serving
from template_making import careless, copied, migrated, with_outcomes

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("outcomes") / "build"
    copied("outcomes", with_outcomes, made)
    return made


@pytest.fixture(scope="module")
def publishing(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """An exchange whose operator publishes a build."""
    data = tmp_path_factory.mktemp("publishing") / "data"
    copied("migrated", migrated, data)
    careless(data)
    with serving(data, "--outcomes", str(folder), demo=False) as running:
        yield running


@pytest.fixture(scope="module")
def reader(browser: Browser, publishing: Served) -> Visitor:
    """Somebody without an account."""
    return Visitor(browser.new_context(base_url=publishing.url).new_page())


@pytest.mark.parametrize("address", ["/outcomes", "/outcomes?by=state_year&state=MA", "/outcomes/report"])
def test_published_outcomes_can_be_read_by_everybody(reader: Visitor, address: str) -> None:
    reader.page.set_viewport_size(DESK)
    assert "not known" in reader.opens(address).lower()
    assert violations(reader.page, address) == []
    reader.page.set_viewport_size(PHONE)
    assert too_wide(reader.page, address) == []
    assert reader.problems == []


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


def test_every_table_of_the_report_can_be_read_when_it_is_unfolded(reader: Visitor, folder: Path) -> None:
    page = reader.page
    page.set_viewport_size(DESK)
    page.goto(f"file://{folder}/report.html")
    page.evaluate("document.querySelectorAll('details').forEach(details => { details.open = true })")
    assert violations(page, "report.html") == []
    page.set_viewport_size(PHONE)
    assert too_wide(page, "report.html") == []
