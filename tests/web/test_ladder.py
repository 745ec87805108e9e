"""The ladder of receipt of a request, as each side reads it."""

from typing import Any
from uuid import UUID, uuid4

from told_making import CLERK, ICE, SHERIFF, ZONE, arrived, at, fired, told

from detainer.record import views
from detainer.web.ladder import Carried, Line, Reading, Rung, ladder, messages, owing

NAMES: dict[Any, str] = {ICE: "ERO Boston", SHERIFF: "Essex Sheriff", CLERK: "Casey Clerk"}


def reading(events: Any, *carried: Carried, agency: UUID = ICE, minutes: float = 5) -> Reading:
    """What a side reads so many minutes after the request was lodged."""
    return Reading(views.request(events), events, carried, NAMES, agency, ZONE, at(minutes))


def carried(events: Any, channel: str = "inbox", index: int = 0, **more: Any) -> Carried:
    """A message on its way to the sheriff."""
    one = events[index]
    return Carried(uuid4(), one.id, one.kind, SHERIFF, channel, one.recorded_at, **more)


def rung(read: Reading, name: str) -> Rung:
    """The rung that begins so."""
    return next(one for one in ladder(read) if one.name.startswith(name))


def only(one: Rung) -> Line:
    """Its only line."""
    (line,) = one.lines
    return line


def test_what_was_sent_a_moment_ago_stands_on_the_first_rung() -> None:
    read = reading(told())
    assert [(one.name, one.is_reached) for one in ladder(read)] == [
        ("Sent", True),
        ("Accepted by the channel", False),
        ("Fetched or opened", False),
        ("Acknowledged by a named person", False),
        ("Answered", False),
    ]
    assert only(rung(read, "Sent")) == Line("ERO Boston", "2 March 2026, 10:00 EST")


def test_each_channel_says_for_itself_whether_it_took_the_request() -> None:
    events = told()
    rows = (
        carried(events, delivered_at=at(1), attempts=1),
        carried(events, "email", delivered_at=at(2), attempts=3),
        carried(events, "fax"),
        carried(events, "webhook", attempts=4, failing_since=at(-60), next_try_at=at(8), failure="answered 503", reply="busy"),
        carried(events, "paper", attempts=9, needs_person=True, failure="nobody there"),
    )
    inbox, email, fax, webhook, paper = rung(reading(events, *rows), "Accepted").lines
    assert (inbox.text, inbox.at, inbox.tone) == ("Inbox of this exchange", "2 March 2026, 10:01 EST", "done")
    assert email.more == "after 3 tries"
    assert (fax.text, fax.tone) == ("Fax: on its way", "wait")
    assert webhook.text == "Its own system (webhook): not accepted yet"
    assert "4 tries" in webhook.more
    assert "since 2 March 2026, 09:00 EST" in webhook.more
    assert "next try is in 3 min" in webhook.more
    assert webhook.more.endswith("answered 503 (it replied: busy)")
    assert (paper.tone, paper.more) == ("urgent", "Given up after 9 tries: nobody there")


def test_the_receivers_side_is_not_told_what_its_server_replied_unless_it_is_given() -> None:
    events = told()
    row = carried(events, "webhook", attempts=1, failure="answered 503")
    assert "it replied" not in only(rung(reading(events, row, agency=SHERIFF), "Accepted")).more


def test_as_the_record_alone_tells_it_a_channel_took_it_and_somebody_opened_it() -> None:
    opening = {"delivery": str(uuid4()), "channel": "inbox", "to": str(SHERIFF)}
    read = reading(told(arrived(1), (3, "opened", SHERIFF, opening, CLERK)))
    assert only(rung(read, "Accepted")).at == "2 March 2026, 10:01 EST"
    assert only(rung(read, "Fetched")).who == "a user of Essex Sheriff"


def test_the_first_who_opened_it_is_named() -> None:
    events = told()
    rows = (
        carried(events, opened_at=at(9), opened_by="Casey Clerk", delivered_at=at(1)),
        carried(events, "email", opened_at=at(4), opened_by="a user of Essex Sheriff", delivered_at=at(1)),
    )
    assert only(rung(reading(events, *rows), "Fetched")).who == "a user of Essex Sheriff"


def test_a_user_is_named_to_the_own_agency_an_office_to_the_other() -> None:
    events = told((2, "acknowledged", SHERIFF, {}, CLERK))
    assert only(rung(reading(events, agency=SHERIFF), "Acknowledged")).who == "Casey Clerk"
    assert only(rung(reading(events, agency=ICE), "Acknowledged")).who == "a user of Essex Sheriff"


def test_who_gave_the_code_of_a_fax_acknowledges_it() -> None:
    events = told()
    of = told((2, "received", SHERIFF, {"of": str(events[0].id), "how": "code", "who": "badge 4711"}))
    line = only(rung(reading([events[0], of[1]]), "Acknowledged"))
    assert (line.text, line.who) == ("Receipt given", "badge 4711, Essex Sheriff")


def test_a_system_alone_is_no_named_person() -> None:
    one = rung(reading(told((2, "acknowledged", SHERIFF, {}))), "Acknowledged")
    assert not one.is_reached
    assert only(one).text == "No named person yet"


def test_reminders_stand_between_and_what_repeats_stands_once() -> None:
    events = told(*(fired(60 * number, "reminder", number) for number in (1, 2, 3)), fired(240, "second_contact", 4))
    again = told(fired(300, "escalation", 5), *(fired(360 + 60 * number, "repeat", number) for number in range(6, 12)))
    lines = rung(reading(events), "Reminded").lines
    assert [line.text for line in lines] == ["Reminder 1", "Reminder 2", "Reminder 3", "Second contact told"]
    assert len(rung(reading(again), "Reminded").lines) == 2


def test_each_ask_is_answered_for_itself() -> None:
    decided = {"ask": "hold", "choice": "decline", "answer": {"value": "must_not"}}
    events = told((2, "acknowledged", SHERIFF, {}, CLERK), (9, "decided", SHERIFF, decided, CLERK))
    notify, hold = rung(reading(events, minutes=10), "Answered").lines
    assert (notify.text, notify.tone) == ("Notify before release: not answered yet", "wait")
    assert (hold.text, hold.at) == ("Hold past release: declined", "2 March 2026, 10:09 EST")


def test_a_promise_counts_until_it_passes() -> None:
    events = told((2, "will_answer", SHERIFF, {"by": "2026-03-02T16:00Z"}, CLERK))
    in_time = rung(reading(events, minutes=20), "Answered").lines[-1]
    assert (in_time.text, in_time.more, in_time.tone) == (
        "Will answer by 11:00 EST on 2 March 2026",
        "In time so far: 40 min left",
        "wait",
    )
    passed = rung(reading(events, minutes=61), "Answered").lines[-1]
    assert (passed.tone, passed.text) == ("urgent", "Will answer by 11:00 EST on 2 March 2026: that time has passed")


def test_what_came_after_the_request_is_told_in_short() -> None:
    events = told((9, "cancelled", ICE, {"reason": "discretion"}))
    rows = (carried(events, delivered_at=at(1)), carried(events, index=1, delivered_at=at(10), attempts=1))
    (cancel,) = messages(reading(events, *rows))
    assert (cancel.kind, cancel.to, cancel.sent) == ("cancelled", "Essex Sheriff", "2 March 2026, 10:09 EST")
    assert [line.text for line in cancel.steps] == ["Inbox of this exchange"]


def test_a_withdrawal_that_nobody_acknowledged_is_owed_a_receipt() -> None:
    events = told((9, "cancelled", ICE, {"reason": "discretion"}), arrived(10))
    (mine,) = owing(reading(events, agency=SHERIFF))
    assert (mine.what, mine.who, mine.is_mine) == ("the withdrawal", "Essex Sheriff", True)
    assert mine.since == "10:10 EST on 2 March 2026"
    assert not owing(reading(events, agency=ICE))[0].is_mine


def test_a_request_that_was_passed_on_begins_a_ladder_of_its_own() -> None:
    prison = UUID(int=9)
    said = {"custodian": str(prison), "facility": "TX1", "reason": "misdirected"}
    events = told((2, "acknowledged", SHERIFF, {}, CLERK), (9, "relayed", SHERIFF, said))
    read = reading(events)
    assert only(rung(read, "Sent")).who == ""
    assert rung(read, "Acknowledged").lines == ()
    assert only(rung(read, "Sent")).at == "2 March 2026, 10:09 EST"


def test_what_is_to_come_is_never_in_the_past() -> None:
    events = told()
    row = carried(events, "webhook", attempts=1, next_try_at=at(1), failure="timed out")
    assert "next try" not in only(rung(reading(events, row, minutes=5), "Accepted")).more
