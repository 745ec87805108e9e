"""Every page that a role can walk to: no accessibility violation, no error of the console, no sideways scrolling on a phone."""

import re
from collections import Counter
from uuid import UUID

import pytest
from accessibility import DESK, PHONE, too_wide, violations
from browsing import stream

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
NEVER = re.compile(r"/(static|api|account/logout)|^/livez|^/readyz|^/reconciliation/month\.|\.pdf\b")
# Requests and stays look different in each state, so more than one of them is walked.
AS_MANY = {"/requests/ID": 2, "/stays/ID": 2}
# The form of a command, and a page of the account, is the same for every role: it is opened for whom it is met first.
SAME_FOR_ALL = re.compile(r"/(requests|stays|files)/ID/[\w-]+(/KIND)?|/account/.*|/law(/.*)?")
_checked: set[str] = set()


def pattern(address):
    """An address without what tells one record from another: a page of each kind is walked once."""
    path = address.partition("#")[0].partition("?")[0]
    path = re.sub(r"^/law/us\b.*", "/law/PLACE", path)
    path = re.sub(r"/papers/\w+$", "/papers/KIND", path)
    return re.sub(r"^/directory/\w+", "/directory/CODE", _ID.sub("ID", path))


def walk(reader):
    """Yield every address that can be reached by links, one (or AS_MANY) of each pattern."""
    waiting, seen, count = ["/", "/account/2fa/"], set(), Counter()
    while waiting:
        address = waiting.pop(0)
        kind = pattern(address)
        if address in seen or count[kind] == AS_MANY.get(kind, 1) or (SAME_FOR_ALL.fullmatch(kind) and kind in _checked):
            continue
        seen.add(address)
        count[kind] += 1
        reader.page.goto(address)
        yield address
        links = reader.page.locator("a[href^='/']").evaluate_all("links => links.map(link => link.getAttribute('href'))")
        waiting += [link for link in links if not NEVER.search(link)]


@pytest.mark.parametrize("user", ["sheriff", "ero", "oversight", "court"])
def test_every_page_can_be_read_by_everybody(visit, user):
    reader = visit(user, viewport=DESK)
    wrong, walked = [], []
    looks = [(DESK, violations), (PHONE, too_wide)]
    for address in walk(reader):
        walked.append(pattern(address))
        for size, look in looks:
            reader.page.set_viewport_size(size)
            wrong += look(reader.page, address)
        looks.reverse()  # the next page opens at the size at which this one was left
    assert wrong == []
    assert {"/", "/inbox", "/directory", "/proof", "/requests/ID"} <= set(walked)
    _checked.update(walked)
    assert {"/law", "/law/PLACE", "/law/ask", "/reconciliation"} <= _checked
    assert {"/stays/ID/release-check", "/requests/ID/papers", "/requests/ID/papers/KIND"} <= _checked


@pytest.mark.parametrize("address", [f"/requests/{UUID(int=0)}", "/stays?after=nonsense", "/requests/lodge"])
def test_a_page_that_says_no_can_be_read_by_everybody(visit, address):
    reader = visit("sheriff", viewport=PHONE)
    reader.opens(address)
    assert violations(reader.page, address) == []


def test_the_page_of_a_second_person_can_be_read_by_everybody(visit):
    supervisor = visit("sheriff-supervisor", viewport=DESK)
    address = f"/requests/{stream('essex-today', 'hazel')}"
    assert "Waits for a second person" in supervisor.opens(address)
    assert violations(supervisor.page, address) == []


def test_a_form_that_is_refused_can_be_read_by_everybody(visit):
    officer = visit("ero", viewport=DESK)
    officer.opens("/requests/lodge")
    officer.fills(facility="Essex County Jail", prepared_on="yesterday")
    officer.presses("Send the request")
    assert violations(officer.page, "/requests/lodge") == []
    assert officer.page.evaluate("document.activeElement.getAttribute('role')") == "alert"


def test_what_stands_open_to_all_can_be_read_by_everybody(browser, served):
    context = browser.new_context(base_url=served.url, viewport=PHONE)
    page = context.new_page()
    for address in ("/account/login/", "/receipt"):
        page.goto(address)
        assert violations(page, address) + too_wide(page, address) == []
    page.fill('[name="reference"]', "3F7QT-R5W10")
    page.fill('[name="code"]', "wrong")
    page.fill('[name="who"]', "badge 4711")
    page.get_by_role("button", name="Give the receipt").click()
    assert page.evaluate("document.activeElement.getAttribute('role')") == "alert"
    assert violations(page, "/receipt, refused") == []
    context.close()


@pytest.mark.parametrize("address", ["/agency/channels", "/agency/agreements", "/deliveries", "/receipt/answers"])
def test_the_forms_of_a_supervisor_can_be_read_by_everybody(visit, address):
    supervisor = visit("sheriff-supervisor", viewport=PHONE)
    supervisor.opens(address)
    for part in supervisor.page.locator("details > summary").all():
        part.click()
    assert violations(supervisor.page, address) + too_wide(supervisor.page, address) == []
