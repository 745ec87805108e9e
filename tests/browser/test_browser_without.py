"""Without JavaScript, and without a mouse."""

import uuid

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def lodged(officer):
    """Lodge a request at the jail; return its address."""
    officer.opens("/requests/lodge?facility=ESSEXMA")
    officer.fills(person__name=f"Synthetic {uuid.uuid4().hex[:8]}", basis__warrant="administrative")
    officer.presses("Send the request")
    return officer.address


def test_without_javascript_a_request_is_read_acknowledged_and_decided(visit):
    request = lodged(visit("ero", java_script_enabled=False))
    clerk = visit("sheriff", java_script_enabled=False)
    assert "Synthetic" in clerk.opens("/")
    assert "Must not" in clerk.opens(request)
    clerk.opens(f"{request}/acknowledge")
    clerk.presses("Acknowledge")
    clerk.opens(f"{request}/decide?ask=notify")
    clerk.fills(choice="honour")
    assert "Will do" in clerk.presses("Record the decision")
    assert "Law as of" in clerk.opens(request) or "The law's answer" in clerk.reads()


def test_without_javascript_a_name_is_refused_with_choices_and_one_is_chosen(visit):
    officer = visit("ero", java_script_enabled=False)
    officer.opens("/requests/lodge")
    officer.fills(find="essex")
    assert "Newark, Essex County, NJ" in officer.presses("Search")
    assert "Middleton, Essex County, MA" in officer.presses("Choose Essex County Jail, Middleton, MA")


def test_the_directory_narrows_as_one_types(visit):
    reader = visit("ero")
    reader.opens("/directory")
    reader.page.locator("#q").press_sequentially("newark")
    reader.page.get_by_text("ESSEXNJ", exact=True).wait_for()
    assert reader.address == "/directory?q=newark&state="


def test_the_search_beside_the_lodge_form_answers_as_one_types(visit):
    officer = visit("ero")
    officer.opens("/requests/lodge")
    officer.page.locator("#find").press_sequentially("lynn")
    officer.page.get_by_role("button", name="Choose Lynn District Court").wait_for()


def test_with_the_keyboard_alone_a_request_is_found_opened_and_decided(visit):
    request = lodged(visit("ero"))
    clerk = visit("sheriff")
    page = clerk.page
    clerk.opens(f"{request}/acknowledge")
    reach(page, "button", "Acknowledge")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    # The first press of Tab reaches the link that passes over the header.
    page.keyboard.press("Tab")
    assert focused(page) == "Skip to main content"
    page.keyboard.press("Enter")
    reach(page, "input", "", name="choice")
    page.keyboard.press("Space")
    assert page.evaluate("document.activeElement.checked")
    reach(page, "button", "Record the decision")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert "Will do" in clerk.reads()


def focused(page):
    """What the element in focus says."""
    return page.evaluate("document.activeElement.innerText || document.activeElement.getAttribute('aria-label') || ''").strip()


def reach(page, tag, text, name=None):
    """Press Tab until an element is in focus, each time seeing where the focus is."""
    for _ in range(80):
        page.keyboard.press("Tab")
        found = page.evaluate("[document.activeElement.tagName.toLowerCase(), document.activeElement.getAttribute('name')]")
        if found[0] == tag and (name is None or found[1] == name) and text in focused(page):
            return
    raise AssertionError(f"the keyboard does not reach [{tag}] {text}")
