"""The page of one request: the law's answer before the decision, and decisions without JavaScript."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from web_making import acknowledged, acting, booked, do, lodge, signed_in, table, text, typed


@pytest.fixture
def bristol(party: Callable[..., Any]) -> Any:
    """Another jail, which has no part in it."""
    return party("custodian", jurisdiction="us/ma/bristol")


def _asks(custodian: Any, request: Any) -> dict[str, Any]:
    with acting(custodian.id):
        return {ask["ask"]: ask for ask in table("Request").objects.get(pk=request).asks}


def test_a_clerk_sees_on_day_one_which_part_is_lawful(ice: Any, essex: Any) -> None:
    page = text(signed_in(essex.clerk), f"/requests/{lodge(ice, essex)}")
    assert "Must not" in page
    assert "Lunn v. Commonwealth" in page
    assert "Acknowledge the request" in page


def test_the_page_says_before_that_a_choice_goes_against_the_law(ice: Any, essex: Any) -> None:
    page = text(signed_in(essex.clerk), f"/requests/{acknowledged(ice, essex)}")
    assert "To do it goes against the law&#x27;s answer: it takes a reason, and a second person" in page


def test_a_clerk_decides_without_javascript(ice: Any, essex: Any) -> None:
    request = acknowledged(ice, essex)
    client = signed_in(essex.clerk)
    sent = typed(client, f"/requests/{request}/decide?ask=notify", ask="notify", choice="honour")
    assert sent.status_code == 302
    assert _asks(essex, request)["notify"]["choice"] == "honour"
    assert "The decision is recorded" in text(client, f"/requests/{request}")


def test_the_form_on_the_page_itself_decides(ice: Any, essex: Any) -> None:
    request = acknowledged(ice, essex)
    client = signed_in(essex.clerk)
    part = text(client, f"/requests/{request}").split('id="ask-hold"')[1]
    fields = dict(re.findall(r'name="(ask|version|key)" value="([^"]*)"', part)[:3])
    assert client.post(f"/requests/{request}/decide", {**fields, "choice": "decline"}).status_code == 302
    assert _asks(essex, request)["hold"]["choice"] == "decline"


def test_a_decision_against_the_law_waits_for_a_second_person(ice: Any, essex: Any) -> None:
    request = acknowledged(ice, essex)
    clerk, supervisor = signed_in(essex.clerk), signed_in(essex.supervisor)
    without = typed(clerk, f"/requests/{request}/decide?ask=hold", ask="hold", choice="honour")
    assert without.status_code == 422
    assert "needs a reason and a second person" in without.content.decode()
    typed(clerk, f"/requests/{request}/decide?ask=hold", ask="hold", choice="honour", reason="A court's order exists.")
    assert _asks(essex, request)["hold"]["choice"] is None
    assert "confirm_decision" not in text(clerk, f"/requests/{request}")
    assert typed(supervisor, f"/requests/{request}/confirm_decision?ask=hold", ask="hold").status_code == 302
    assert _asks(essex, request)["hold"]["choice"] == "honour"


def test_a_form_that_is_sent_twice_is_done_once(ice: Any, essex: Any) -> None:
    request = lodge(ice, essex)
    client = signed_in(essex.clerk)
    page = text(client, f"/requests/{request}/contest")
    fields = dict(re.findall(r'name="(version|key)" value="([^"]*)"', page))
    for _ in range(2):
        client.post(f"/requests/{request}/contest", {**fields, "ground": "citizenship", "claimed_by": "person"})
    with acting(essex.id):
        assert table("Event").objects.filter(stream=request, kind="contested").count() == 1


def test_what_was_typed_is_kept_when_the_record_has_changed(ice: Any, essex: Any) -> None:
    request = acknowledged(ice, essex)
    client = signed_in(essex.clerk)
    page = text(client, f"/requests/{request}/decide?ask=notify")
    fields = dict(re.findall(r'name="(version|key)" value="([^"]*)"', page))
    do(essex.supervisor, "request.serve", {"how": "in_person"}, request)
    told = {**fields, "ask": "notify", "choice": "honour", "reason": "As our policy says."}
    again = client.post(f"/requests/{request}/decide", told)
    assert again.status_code == 409
    shown = again.content.decode()
    assert "The record has changed since it was read" in shown
    assert "As our policy says." in shown
    renewed = dict(re.findall(r'name="(version|key)" value="([^"]*)"', shown))
    assert client.post(f"/requests/{request}/decide", {**told, **renewed}).status_code == 302


def test_html_and_sql_in_every_text_are_shown_as_they_are(ice: Any, essex: Any) -> None:
    evil = "<script>alert(1)</script>'; DROP TABLE event;--"
    request = acknowledged(
        ice,
        essex,
        person={"name": evil},
        reference=evil,
        contact=evil,
        note=evil,
        basis={"warrant": "administrative", "warrant_signed_by": evil},
    )
    do(essex.clerk, "request.decide", {"ask": "hold", "choice": "decline", "reason": evil, "note": evil}, request)
    do(ice.officer, "request.state", {"text": evil}, request)
    for client in (signed_in(essex.clerk), signed_in(ice.officer)):
        for address in ("/", f"/requests/{request}", "/inbox", f"/requests/{request}/state"):
            page = text(client, address)
            assert "<script>alert" not in page
        assert "&lt;script&gt;alert(1)&lt;/script&gt;&#x27;; DROP TABLE event;--" in text(client, f"/requests/{request}")
    typed_back = signed_in(essex.clerk).post(f"/requests/{request}/not_here", {"reason": "other", "where": evil, "note": evil})
    assert typed_back.status_code == 422
    assert "<script>alert" not in typed_back.content.decode()
    assert "&lt;script&gt;" in typed_back.content.decode()


def test_opening_the_page_opens_the_delivery_once_and_only_for_who_acts(ice: Any, essex: Any) -> None:
    request = lodge(ice, essex)
    text(signed_in(essex.auditor), f"/requests/{request}")
    with acting(essex.id):
        assert table("Delivery").objects.get(stream=request).opened_at is None
    text(signed_in(essex.clerk), f"/requests/{request}")
    text(signed_in(essex.supervisor), f"/requests/{request}")
    with acting(essex.id):
        assert table("Delivery").objects.get(stream=request).opened_by == essex.clerk.user
    page = text(signed_in(ice.officer), f"/requests/{request}")
    assert "a user of Agency" in page
    assert f"clerk_{essex.key}" not in page


def test_each_side_gets_the_commands_of_its_own(ice: Any, essex: Any, bristol: Any) -> None:
    request = lodge(ice, essex)
    assert text(signed_in(ice.officer), f"/requests/{request}/cancel")
    text(signed_in(essex.clerk), f"/requests/{request}/cancel", status=403)
    text(signed_in(ice.officer), f"/requests/{request}/acknowledge", status=403)
    text(signed_in(essex.auditor), f"/requests/{request}/acknowledge", status=403)
    text(signed_in(essex.clerk), f"/requests/{request}/decide", status=409)
    text(signed_in(essex.clerk), f"/requests/{request}/no-such-command", status=404)
    text(signed_in(bristol.clerk), f"/requests/{request}", status=404)
    text(signed_in(bristol.clerk), f"/requests/{request}/acknowledge", status=404)


def test_a_missing_fact_is_asked_for_and_changes_the_answer(ice: Any, party: Any) -> None:
    boston = party("custodian", facility_kind="police", jurisdiction="us/ma/boston")
    request = acknowledged(ice, boston, "transfer", basis={})
    client = signed_in(boston.clerk)
    page = text(client, f"/requests/{request}")
    if 'id="questions"' in page:
        name = re.search(r'name="(facts\.[a-z_0-9]+)"', page.split('id="questions"')[1])
        assert name is not None
    sent = typed(client, f"/requests/{request}/record_facts")
    assert sent.status_code == 422  # nothing was answered
    do(boston.clerk, "request.record_facts", {"facts": {"age": 15}}, request)
    assert "How old is the person?" in text(client, f"/requests/{request}")


def test_the_page_tells_what_was_known_then(ice: Any, essex: Any) -> None:
    request = acknowledged(ice, essex)
    with acting(essex.id):
        first = table("Event").objects.filter(stream=request).order_by("version").first().recorded_at
    client = signed_in(essex.clerk)
    page = text(client, f"/requests/{request}?as_of={first.isoformat().replace('+00:00', 'Z')}")
    assert "As known at the end of" in page
    assert "Request acknowledged" not in page
    assert "Record the decision" not in page
    text(client, f"/requests/{request}?as_of=2001-01-01", status=404)
    text(client, f"/requests/{request}?as_of=nonsense", status=422)


def test_a_release_without_the_lawful_notice_is_said_plainly(ice: Any, essex: Any) -> None:
    stay = booked(essex)
    request = lodge(ice, essex)
    do(essex.clerk, "request.acknowledge", {"stay": str(stay)}, request)
    do(essex.clerk, "stay.release", {"cause": "bail_posted"}, stay)
    for client in (signed_in(essex.clerk), signed_in(ice.officer)):
        assert "No notice of the release was given, although the law allowed it" in text(client, f"/requests/{request}")


def test_a_release_with_notice_is_not_reproached(ice: Any, essex: Any) -> None:
    stay = booked(essex)
    request = lodge(ice, essex)
    do(essex.clerk, "request.acknowledge", {"stay": str(stay)}, request)
    do(essex.clerk, "request.decide", {"ask": "notify", "choice": "honour"}, request)
    do(essex.clerk, "request.give_notice", {}, request)
    do(essex.clerk, "stay.release", {"cause": "bail_posted"}, stay)
    page = text(signed_in(ice.officer), f"/requests/{request}")
    assert "Released with notice" in page
    assert "No notice of the release" not in page


def test_a_mistake_is_mended_and_both_stay_readable(ice: Any, essex: Any) -> None:
    request = acknowledged(ice, essex)
    do(essex.clerk, "request.serve", {"how": "in_person"}, request)
    client = signed_in(essex.clerk)
    with acting(essex.id):
        served = table("Event").objects.get(stream=request, kind="served")
    assert f"correct?event={served.id}" in text(client, f"/requests/{request}/correct")
    sent = typed(
        client,
        f"/requests/{request}/correct?event={served.id}",
        corrects=str(served.id),
        reason="By mail.",
        data__how="inmate_mail",
    )
    assert sent.status_code == 302
    page = text(client, f"/requests/{request}")
    assert "det-event--corrected" in page
    assert "By mail." in page


def test_the_booking_of_the_same_person_is_offered_for_the_link(ice: Any, essex: Any) -> None:
    stay, request = booked(essex, booking_number="24-0815"), lodge(ice, essex)
    client = signed_in(essex.clerk)
    assert "24-0815: Ana Maria Example" in text(client, f"/requests/{request}/acknowledge")
    assert typed(client, f"/requests/{request}/acknowledge", stay=str(stay)).status_code == 302
    with acting(essex.id):
        assert table("Request").objects.get(pk=request).stay == stay
