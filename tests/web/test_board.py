"""The board and the inbox: what runs out first on top, in a constant number of queries, and only the agency's own."""

import datetime as dt
import re
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

from web_making import acknowledged, acting, booked, do, lodge, now, queries_of, signed_in, table, text

from role_making import as_role


def section(page: str, key: str) -> str:
    """The part of a board, empty when it is not there."""
    found = re.search(rf'<section aria-labelledby="section-{key}"[^>]*>(.*?)</section>', page, re.DOTALL)
    return found[1] if found else ""


def due(ice: Any, essex: Any) -> UUID:
    """A request whose person is due for release."""
    stay, request = booked(essex), lodge(ice, essex)
    do(essex.clerk, "request.acknowledge", {"stay": str(stay)}, request)
    do(essex.clerk, "stay.release_due", {"cause": "bail_posted"}, stay)
    return request


def test_each_request_stands_in_one_section(ice: Any, essex: Any) -> None:
    clock, undecided, waiting, ended = due(ice, essex), lodge(ice, essex), acknowledged(ice, essex, "notify"), lodge(ice, essex)
    do(essex.clerk, "request.decide", {"ask": "notify", "choice": "honour"}, waiting)
    do(ice.officer, "request.cancel", {"reason": "discretion"}, ended)
    page = text(signed_in(essex.clerk), "/")
    for key, request in (("clock", clock), ("decide", undecided), ("waiting", waiting), ("ended", ended)):
        assert str(request) in section(page, key), key
        assert page.count(f'id="request-{request}"') == 1
    assert "Release due" in section(page, "clock")
    assert "A hold could last until" not in section(page, "clock")  # the law there forbids the hold


def test_where_the_law_lets_hold_the_board_says_how_long_a_hold_could_last(ice: Any, party: Callable[..., Any]) -> None:
    missouri = party("custodian", jurisdiction="us/mo", zone="America/Chicago")
    due(ice, missouri)
    assert "A hold could last until" in section(text(signed_in(missouri.clerk), "/"), "clock")


def test_what_runs_out_first_stands_first(ice: Any, essex: Any) -> None:
    stay, later = booked(essex), acknowledged(ice, essex)
    do(essex.clerk, "request.acknowledge", {"stay": str(stay)}, later)
    do(essex.clerk, "stay.plan_release", {"at": "2100-01-01"}, stay)
    first = due(ice, essex)
    for address in ("/", "/?show=clock"):
        shown = section(text(signed_in(essex.clerk), address), "clock")
        assert shown.index(str(first)) < shown.index(str(later))


def test_the_requester_sees_the_rungs_of_receipt(ice: Any, essex: Any) -> None:
    request = lodge(ice, essex)
    client = signed_in(ice.officer)
    assert re.search(r"Opened<span[^>]*>: not yet", text(client, "/"))
    text(signed_in(essex.clerk), f"/requests/{request}")
    assert re.search(r"Opened<span[^>]*>: yes", text(client, "/"))
    assert "Lodge a request" in text(client, "/")


def test_a_board_of_many_asks_as_often_as_one_of_few(ice: Any, essex: Any) -> None:
    client = signed_in(essex.clerk)
    counted = []
    for many in (2, 9):
        for _ in range(many):
            lodge(ice, essex, person={"name": f"Person {uuid4()}"})
            due(ice, essex)
        counts = []
        for address in ("/", "/?show=all", "/?show=clock", "/inbox"):
            text(client, address)
            counts.append(queries_of(client, address))
        counted.append(counts)
    assert counted[0] == counted[1]
    assert max(counted[0]) < 30


def test_a_page_of_a_request_asks_as_often_whatever_happened(ice: Any, essex: Any) -> None:
    request = acknowledged(ice, essex)
    client = signed_in(essex.clerk)
    counted = []
    for _ in range(2):
        text(client, f"/requests/{request}")
        counted.append(queries_of(client, f"/requests/{request}"))
        for _ in range(5):
            do(ice.officer, "request.state", {"text": "again"}, request)
            do(essex.supervisor, "request.serve", {"how": "in_person"}, request)
    assert counted[0] == counted[1]


def ago(**length: float) -> str:
    return (now() - dt.timedelta(**length)).isoformat()


def fire() -> None:
    """Fire what is due, as the worker does."""
    from detainer.exchange import firing

    with as_role("detainer_worker"):
        firing.fire_due(now())


def test_an_overdue_answer_stands_on_top_until_it_is_given_and_is_no_alarm_of_the_other_side(ice: Any, essex: Any) -> None:
    request = lodge(ice, essex, "notify", occurred=ago(hours=4))
    do(essex.clerk, "request.acknowledge", {"occurred": ago(hours=3)}, request)
    fire()
    mine, theirs = signed_in(essex.clerk), signed_in(ice.officer)
    page = text(mine, "/")
    assert str(request) in section(page, "alarm")
    assert "Answer due" in section(page, "alarm")
    assert "held past the hour" not in page
    assert re.search(r'det-count--urgent">1<span class="usa-sr-only"> alarms', page)
    assert section(text(theirs, "/"), "alarm") == ""
    own = text(mine, f"/requests/{request}")
    assert "Reminder" in own
    assert "It ran out" in own
    assert "Alarm of the other side" in text(theirs, f"/requests/{request}")
    assert "The answer is overdue" in text(theirs, f"/requests/{request}")
    do(essex.clerk, "request.decide", {"ask": "notify", "choice": "honour"}, request)
    assert section(text(mine, "/"), "alarm") == ""


def test_who_is_held_past_the_hour_stands_first_and_stays_though_somebody_has_seen_to_it(
    ice: Any, party: Callable[..., Any]
) -> None:
    missouri = party("custodian", jurisdiction="us/mo", zone="America/Chicago")
    waits = lodge(ice, missouri, "notify", occurred=ago(days=30))
    do(missouri.clerk, "request.acknowledge", {"occurred": ago(days=29)}, waits)
    stay, request = booked(missouri, occurred=ago(days=20)), lodge(ice, missouri)
    do(missouri.clerk, "request.acknowledge", {"stay": str(stay)}, request)
    do(missouri.clerk, "request.decide", {"ask": "hold", "choice": "honour", "reason": "A warrant is there."}, request)
    do(missouri.clerk, "request.serve", {"how": "in_person"}, request)
    do(missouri.clerk, "stay.release_due", {"cause": "bail_posted", "occurred": ago(days=8)}, stay)
    do(missouri.clerk, "request.start_hold", {}, request)
    fire()
    client = signed_in(missouri.supervisor)
    for address in ("/", "/?show=alarm"):
        shown = section(text(client, address), "alarm")
        assert shown.index(str(request)) < shown.index(str(waits))
    assert "1 person is held past the hour" in text(client, "/")
    page = text(client, f"/requests/{request}")
    assert "Held past the hour" in page
    assert "I have seen to it" in page
    form = page.split("I have seen to it</summary>")[1].split("</form>")[0]
    hidden = dict(re.findall(r'name="(clock|version|key)" value="([^"]*)"', form))
    assert client.post(f"/requests/{request}/answer_clock", {**hidden, "note": "The deputy is on the way."}).status_code == 302
    again = text(client, f"/requests/{request}")
    assert "Alarm seen to: hold must end" in again
    assert "Held past the hour" in again
    assert "I have seen to it</summary>" not in again
    assert "held past the hour" in text(client, "/")
    do(missouri.clerk, "request.end_hold", {"reason": "deadline"}, request)
    assert "held past the hour" not in text(client, "/")


def test_the_inbox_tells_a_clock_that_fired_once_and_says_how_often(ice: Any, essex: Any) -> None:
    request = lodge(ice, essex, "notify", occurred=ago(hours=4))
    do(essex.clerk, "request.acknowledge", {"occurred": ago(hours=3)}, request)
    from detainer.exchange import firing, jobs

    with as_role("detainer_worker"):
        for hours in range(8):
            firing.fire(request, now() + dt.timedelta(hours=hours))
        for delivery in table("Delivery").objects.filter(stream=request, delivered_at=None):  # its own: others' may be many
            jobs.deliver(delivery.pk, now() + dt.timedelta(hours=9))
    page = text(signed_in(essex.clerk), "/inbox")
    assert page.count("A clock of your own agency") == 1
    assert "before it" in page
    assert "Answer due: still nobody acted" in page


def test_pages_of_fifty_show_each_request_once(ice: Any, essex: Any) -> None:
    made = {str(lodge(ice, essex, "notify")) for _ in range(61)}
    client = signed_in(essex.clerk)
    assert "All 61" in text(client, "/")
    first = text(client, "/?show=decide")
    following = re.search(r'rel="next" href="([^"]+)"', first)
    assert following is not None
    second = text(client, following[1].replace("&amp;", "&"))
    shown = re.findall(r'id="request-([^"]+)"', first) + re.findall(r'id="request-([^"]+)"', second)
    assert len(shown) == 61
    assert set(shown) == made
    assert 'id="request-' in text(client, "/?show=decide&after=nonsense%22%27")


def test_the_board_fetches_its_changing_part_and_nothing_when_nothing_changed(ice: Any, essex: Any) -> None:
    lodge(ice, essex)
    client = signed_in(essex.clerk)
    url = re.search(r'hx-get="([^"]+)"', text(client, "/"))
    assert url is not None
    again = client.get(url[1].replace("&amp;", "&"), headers={"HX-Request": "true"})
    assert again.status_code == 204
    request = lodge(ice, essex)
    changed = client.get(url[1].replace("&amp;", "&"), headers={"HX-Request": "true"})
    assert changed.status_code == 200
    assert changed.content.decode().startswith('<div id="board"')
    assert str(request) in changed.content.decode()


def test_a_user_of_two_agencies_works_for_one_at_a_time(ice: Any, essex: Any, party: Callable[..., Any], as_worker: Any) -> None:
    other = party("custodian")
    with as_worker():
        table("Membership").objects.create(agency_id=other.id, user_id=essex.clerk.user, role="clerk")
    here, there = lodge(ice, essex), lodge(ice, other)
    client = signed_in(essex.clerk)
    page = text(client, "/")
    assert str(here) in page
    assert str(there) not in page
    assert client.post("/agency", {"agency": str(other.id)}).status_code == 302
    page = text(client, "/")
    assert str(there) in page
    assert str(here) not in page
    assert client.post("/agency", {"agency": str(ice.id)}).status_code == 403
    assert client.post("/agency", {"agency": "nonsense"}).status_code == 403
    assert client.get("/agency").status_code == 405


def test_oversight_sees_the_board_without_the_people(ice: Any, essex: Any, party: Callable[..., Any], as_worker: Any) -> None:
    body = party("oversight", facility_kind="federal", jurisdiction="us")
    request = lodge(ice, essex, person={"name": "Marker Person"}, reference="REF-77")
    client = signed_in(body.auditor)
    assert str(request) not in text(client, "/")
    with as_worker():
        granted = {"agency_id": essex.id, "oversight_id": body.id, "basis": "G.L. c. 12A", "granted_at": "2026-01-01T00:00Z"}
        table("OversightGrant").objects.create(**granted)
    for address in ("/", f"/requests/{request}", "/?show=all"):
        page = text(client, address)
        assert "REF-77" in page
        assert "Marker Person" not in page
    assert "Record the decision" not in text(client, f"/requests/{request}")


def test_an_agency_that_an_account_names_sees_the_request_and_the_gap(ice: Any, essex: Any, party: Callable[..., Any]) -> None:
    other = party("custodian", jurisdiction="us/ma/bristol")
    request = acknowledged(ice, essex)
    do(essex.clerk, "request.relay", {"facility": other.facility}, request)
    page = text(signed_in(essex.clerk), "/")
    assert str(request) in section(page, "named")
    assert "You may say what your agency did" in text(signed_in(essex.clerk), f"/requests/{request}")


def test_the_inbox_lists_what_came_latest_first_and_who_opened_it(ice: Any, essex: Any, as_worker: Any) -> None:
    requests = [lodge(ice, essex, person={"name": f"Person {number}"}) for number in (1, 2)]
    with as_worker():
        for row in table("Delivery").objects.filter(stream__in=requests):
            row.delivered_at = row.created_at
            row.save()
    client = signed_in(essex.clerk)
    page = text(client, "/inbox")
    assert page.index("Person 2") < page.index("Person 1")
    assert page.count("Not opened</span>") >= 2
    text(client, f"/requests/{requests[0]}")
    assert f"clerk_{essex.key}" in text(client, "/inbox")
    assert "Person 1" not in text(client, "/inbox?show=unopened")
    with acting(essex.id):
        assert table("Delivery").objects.filter(opened_at=None).count() == 1


def test_who_has_left_the_agency_they_chose_works_for_another_of_theirs(ice: Any, essex: Any, party: Any, as_worker: Any) -> None:
    other = party("custodian")
    with as_worker():
        left = table("Membership").objects.create(agency_id=other.id, user_id=essex.clerk.user, role="clerk")
    request = lodge(ice, essex)
    client = signed_in(essex.clerk)
    client.post("/agency", {"agency": str(other.id)})
    with as_worker():
        left.delete()
    assert str(request) in text(client, "/")
