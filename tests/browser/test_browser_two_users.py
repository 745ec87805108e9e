"""A whole case played by an officer and a clerk, each in a session of their own, and a supervisor where one is needed."""

import uuid

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def test_a_request_goes_from_lodging_to_hand_over_between_two_sessions(visit):
    officer, clerk, supervisor = visit("ero"), visit("sheriff"), visit("sheriff-supervisor")
    name, number = f"Synthetic {uuid.uuid4().hex[:8]}", f"DEMO-{uuid.uuid4().hex[:8]}"

    # The clerk has the person.
    clerk.opens("/stays/book")
    clerk.fills(booking_number=number, person__name=name, charges__0__offence="shoplifting", charges__0__level="misdemeanor")
    assert "The person is booked." in clerk.presses("Record the booking")
    stay = clerk.address

    # The officer names a facility by its name alone, and is shown which ones there are.
    officer.opens("/requests/lodge")
    officer.fills(facility="Essex County Jail", person__name=name, basis__warrant="administrative")
    officer.fills(basis__warrant_form="I-200", asks=["notify", "hold"], reference=number, contact="duty desk")
    page = officer.presses("Send the request")
    assert "is a name, not a code" in page
    assert "Newark, Essex County, NJ" in page
    page = officer.presses("Choose Essex County Jail, Middleton, MA")
    assert "Middleton, Essex County, MA" in page
    page = officer.presses("Check the law", within=".det-form__do")
    assert "Not lawful there: hold past release." in page
    assert "Lawful there: notify before release." in page
    page = officer.presses("Send the request")
    assert "The request is sent." in page
    request = officer.address
    assert "Delivered to Essex County Sheriff's Office (Massachusetts)" in officer.waits_for("Delivered to", request)

    # The clerk finds it in the inbox, opens it, acknowledges it, decides each ask.
    clerk.waits_for(number, "/inbox")
    clerk.opens(request)
    page = clerk.follows("Acknowledge")
    acknowledge(clerk, number)
    decide(clerk, "notify", "honour")
    assert "needs a reason and a second person" in decide(clerk, "hold", "honour")
    clerk.fills(reason="The officer on duty says that a judge's order is on its way.")
    assert "Waits for a second person" in clerk.presses("Record the decision")

    # Another person, a supervisor, confirms; then counsel is asked, and the hold is declined after all.
    supervisor.opens(request)
    page = supervisor.presses("Confirm as the second person", within="#ask-hold")
    assert "Against the law's answer" in page
    clerk.opens(f"{request}/decide?ask=hold")
    clerk.fills(choice="decline", reason="No order came, and Lunn gives no power to hold.")
    assert "Declined" in clerk.presses("Record the decision")

    # The copy is served, the release planned, the notice given.
    clerk.opens(f"{request}/serve")
    clerk.fills(how="in_person", language="Spanish")
    clerk.presses("Record the service")
    clerk.opens(f"{stay}/plan_release")
    clerk.fills(at="2030-01-02 09:30", cause="bail_posted")
    assert "Give" in clerk.presses("Record the plan")
    clerk.opens(f"{request}/give_notice")
    clerk.fills(place="Middleton, sally port")
    clerk.presses("Send the notice")

    # The officer sees delivered, opened, answered, and the notice; and says that somebody will come.
    page = officer.waits_for("Notice given", request)
    for rung in ("Accepted by the channel", "Fetched or opened", "Acknowledged by a named person"):
        assert f"{rung} not recorded" not in page
    officer.waits_for("Answer the notice", request)
    officer.follows("Answer the notice")
    officer.fills(will_come="true")
    officer.presses("Send the receipt")

    # The release becomes due, and the person is handed over without being held.
    clerk.opens(f"{stay}/release_due")
    clerk.fills(cause="bail_posted")
    assert "48 elapsed hours" in clerk.presses("Record the moment")
    clerk.opens(f"{request}/hand_over")
    clerk.fills(papers=["I-200"], place="Middleton, sally port")
    assert "Handed over" in clerk.presses("Record the hand-over")
    assert "Handed over" in officer.opens(request)
    assert "Transferred" in clerk.opens(stay)


def acknowledge(clerk, number):
    """Acknowledge the request that is open, and link it to the booking."""
    field = clerk.page.locator('main [name="stay"]')
    option = clerk.page.locator(f'main select[name="stay"] option:has-text("{number}")')
    if option.count():
        field.first.select_option(option.first.get_attribute("value"))
    else:
        clerk.page.locator(f'label:has-text("{number}")').first.click()
    return clerk.presses("Acknowledge")


def decide(clerk, ask, choice):
    """Decide an ask by the form that stands beside the law's answer."""
    part = f"#ask-{ask}"
    value = clerk.page.locator(f'{part} [name="choice"][value="{choice}"]')
    clerk.page.locator(f'{part} label[for="{value.get_attribute("id")}"]').click()
    return clerk.presses("Record the decision", within=part)
