"""That something was opened is an event of the record: once, by whoever was first, and never in the way of who acts."""

import datetime as dt
import threading
from typing import Any

import pytest
from django import db
from exchange_making import NOW, as_role, do, kinds, last, linked, lodge, rows

pytestmark = pytest.mark.usefixtures("database")

LATER = NOW + dt.timedelta(minutes=7)


def inbox(agency: Any, stream: Any, kind: str) -> Any:
    (found,) = rows("Delivery", to_agency=agency.id, stream=stream, kind=kind, channel="inbox")
    return found


def open_it(delivery: Any, actor: Any, now: dt.datetime = LATER) -> bool:
    from detainer.exchange import deliveries
    from detainer.exchange.session import acting

    with acting(actor.agency, actor.user):
        return deliveries.open_inbox(delivery, actor.user, now)


def test_what_owes_a_receipt_is_recorded_as_opened_by_the_user_who_was_first(ice: Any, essex: Any) -> None:
    request = lodge(ice, essex)
    delivery = inbox(essex, request, "lodged")
    assert [open_it(delivery, essex.clerk), open_it(delivery, essex.supervisor)] == [True, True]
    opened = last(request, "opened")
    assert opened.data == {"delivery": str(delivery.pk), "channel": "inbox", "to": str(essex.id)}
    assert (opened.says_id, opened.by_user, kinds(request).count("opened")) == (essex.id, essex.clerk.user, 1)


def test_what_owes_none_is_opened_without_an_event(ice: Any, essex: Any) -> None:
    request, _ = linked(ice, essex)
    assert open_it(inbox(ice, request, "acknowledged"), ice.officer)
    assert inbox(ice, request, "acknowledged").opened_at == LATER
    assert "opened" not in kinds(request)


@pytest.mark.parametrize(("kind", "events"), [("lodged", 1), ("stated", 0)])
def test_of_two_who_open_it_at_once_one_is_recorded_and_neither_is_refused(kind: str, events: int, ice: Any, essex: Any) -> None:
    from detainer.exchange import deliveries
    from detainer.exchange.session import acting

    request = lodge(ice, essex)
    do(ice.officer, "request.state", {}, request)
    delivery = inbox(essex, request, kind)
    found: list[bool] = []

    def other() -> None:
        try:
            found.append(open_it(delivery, essex.supervisor))
        finally:
            db.connection.close()

    with acting(essex.id, essex.clerk.user):
        assert deliveries.open_inbox(delivery, essex.clerk.user, LATER)
        thread = threading.Thread(target=other)
        thread.start()
        thread.join(0.3)  # it waits for the first
    thread.join(20)
    assert found == [False]
    assert (kinds(request).count("opened"), inbox(essex, request, kind).opened_by) == (events, essex.clerk.user)


def test_a_command_made_on_the_version_before_it_was_opened_is_not_out_of_date(ice: Any, essex: Any) -> None:
    request = lodge(ice, essex)
    seen = last(request, "answered").version
    open_it(inbox(essex, request, "lodged"), essex.clerk)
    do(essex.clerk, "request.acknowledge", {"version": seen}, request)
    assert kinds(request)[-1] == "acknowledged"


def test_the_row_of_another_channel_is_not_opened(ice: Any, essex: Any) -> None:
    request = lodge(ice, essex)
    with as_role("detainer_worker"):
        delivery = rows("Delivery", stream=request)[0]
    delivery.channel = "webhook"
    assert open_it(delivery, essex.clerk)
    assert "opened" not in kinds(request)
