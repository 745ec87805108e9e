"""Every page that a role can walk to: no accessibility violation, no error of the console, no sideways scrolling on a phone."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
PHONE, DESK = {"width": 360, "height": 740}, {"width": 1280, "height": 900}
NEVER = re.compile(r"/(static|api|account/logout)|^/livez|^/readyz")
AXE = Axe()


def pattern(address):
    """An address without what tells one record from another: a page of each kind is walked once."""
    path = address.partition("#")[0].partition("?")[0]
    return re.sub(r"^/directory/\w+", "/directory/CODE", _ID.sub("ID", path))


def walk(reader):
    """Yield every address that can be reached by links, one of each pattern."""
    waiting, seen = ["/", "/account/2fa/"], set()
    while waiting:
        address = waiting.pop(0)
        if pattern(address) in seen:
            continue
        seen.add(pattern(address))
        reader.page.goto(address)
        yield address
        links = reader.page.locator("a[href^='/']").evaluate_all("links => links.map(link => link.getAttribute('href'))")
        waiting += [link for link in links if not NEVER.search(link) and pattern(link) not in seen]


@pytest.mark.parametrize("user", ["sheriff", "sheriff-supervisor", "court", "ero", "oversight"])
def test_every_page_can_be_read_by_everybody(visit, user):
    reader = visit(user, viewport=DESK)
    wrong = []
    for address in walk(reader):
        found = AXE.run(reader.page)
        wrong += [(address, item["id"], node["html"][:160]) for item in found.response["violations"] for node in item["nodes"]]
        reader.page.set_viewport_size(PHONE)
        wide = reader.page.evaluate("document.documentElement.scrollWidth")
        wrong += [(address, "wider than a phone", wide)] if wide > PHONE["width"] else []
        reader.page.set_viewport_size(DESK)
    assert wrong == []


def test_the_sign_in_page_can_be_read_by_everybody(browser, served):
    context = browser.new_context(base_url=served.url, viewport=PHONE)
    page = context.new_page()
    page.goto("/account/login/")
    assert AXE.run(page).response["violations"] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    context.close()
