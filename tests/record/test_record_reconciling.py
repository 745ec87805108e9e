"""Reconciliation: what one side sent against what the other received, why they differ, and sums that add up."""

import datetime as dt
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from record_making import ICE, PRISON, SHERIFF, some_id, streams
from record_making import record as told

from detainer.record import reconciling, reconciling_csv
from detainer.record.reconciling import DIFFERENCES, Entry, content, entries, sums, why

FIRST, UNTIL = dt.date(2024, 1, 1), dt.date(2024, 2, 1)
ZONES = {"ESSEXMA": "America/New_York", "STATEMA": "America/New_York"}
TO_US = ("delivered", {"to": str(SHERIFF)})
OPENED = ("opened", {"to": str(SHERIFF)})
DECIDED = tuple(("decided", {"ask": ask, "choice": "decline"}) for ask in ("notify", "hold", "transfer", "share"))
ACKNOWLEDGED = (TO_US, OPENED, "acknowledged")


def entry(*events: Any, of: Any = SHERIFF) -> Entry:
    """Return the one entry of a request of these events."""
    (one,) = entries(told("request", "lodged", *events), of)
    return one


def test_what_was_answered_agrees_and_has_every_rung() -> None:
    one = entry(*ACKNOWLEDGED, *DECIDED)
    rungs = [one.sent, one.received, one.opened, one.acknowledged, one.answered]
    assert one.difference is None
    assert rungs == sorted(rungs)  # type: ignore[type-var]
    assert len(set(rungs)) == 5
    assert set(one.asks.values()) == {"declined"}
    assert why(one) == ""


@pytest.mark.parametrize(
    ("events", "difference", "words"),
    [
        ((), "never_delivered", "no arrival is recorded"),
        ((("delivered", {"to": str(ICE)}),), "never_delivered", "no arrival"),
        ((TO_US,), "not_opened", "nobody who opened it"),
        ((TO_US, "cancelled"), "not_opened", "nobody who opened it"),
        ((TO_US, OPENED), "not_acknowledged", "nobody who acknowledged it"),
        ((TO_US, OPENED, "cancelled"), "ended_before_answer", "ended as withdrawn (discretion) before a decision on notify"),
        (ACKNOWLEDGED, "awaiting", "waits for a decision on notify, hold, transfer, share"),
        ((*ACKNOWLEDGED, *DECIDED[:3]), "awaiting", "waits for a decision on share"),
        ((*ACKNOWLEDGED, "closed"), "ended_before_answer", "ended as released before"),
        ((TO_US, ("not_here", {"reason": "never_here"})), "misdirected", "wrong place (never here): no refusal"),
        ((TO_US, ("not_here", {"reason": "released_before"})), "not_here", "no longer there"),
        ((*ACKNOWLEDGED, "relayed"), "relayed", "another custodian"),
        ((*ACKNOWLEDGED, ("relayed", {"reason": "misdirected"})), "misdirected", "no refusal"),
        ((*ACKNOWLEDGED, *DECIDED, "hold_started", "cancelled"), "held_without_request", "no end of the hold"),
        ((*ACKNOWLEDGED, *DECIDED, "hold_started", "cancelled", "hold_ended"), None, ""),
    ],
)
def test_each_difference_has_its_reason(events: Any, difference: str | None, words: str) -> None:
    one = entry(*events)
    assert one.difference == difference
    assert words in why(one)


def test_an_act_of_the_custodian_shows_that_it_has_the_request_and_an_account_of_another_does_not() -> None:
    acted = entry(*DECIDED[:0], "acknowledged")
    assert None not in (acted.received, acted.opened, acted.acknowledged)
    assert acted.received == acted.acknowledged
    account = entry(("acknowledged", {"by_agency": SHERIFF, "says": ICE}))
    assert (account.received, account.acknowledged, account.difference) == (None, None, "never_delivered")
    typed = entry(("received", {"of": str(some_id("request 1 lodged")), "how": "code"}))
    assert typed.acknowledged is not None


def test_a_relay_is_a_leg_of_its_own_for_each_custodian() -> None:
    events = told("request", "lodged", *ACKNOWLEDGED, "relayed", ("delivered", {"to": str(PRISON), "by_agency": SHERIFF}))
    (ours,), (theirs,) = entries(events, SHERIFF), entries(events, PRISON)
    assert (ours.leg, ours.came, ours.ended, ours.answered) == (1, "lodged", "passed_on", events[4].recorded_at)
    assert (theirs.leg, theirs.came, theirs.ended, theirs.difference) == (2, "relayed", "open", "not_opened")
    assert (theirs.facility, theirs.sent) == ("STATEMA", events[4].recorded_at)
    assert entries(events, some_id("elsewhere")) == []


def test_silence_is_never_a_refusal() -> None:
    one = entry(*ACKNOWLEDGED, "closed")
    assert set(one.asks.values()) == {"overtaken"}
    assert sums([one]).asks["hold"] == {"overtaken": 1}


def many(count: int, *events: Any) -> list[Any]:
    """Return the same request under as many ids."""
    return [
        [event.model_copy(update={"stream": some_id(f"{number} {len(events)}")}) for event in told("request", "lodged", *events)]
        for number in range(count)
    ]


def test_boston_2024_comes_out_as_it_was() -> None:
    """198 sent, 15 received: of the rest the record shows no arrival, because the channel failed; nobody refused anything."""
    requests = [*many(15, *ACKNOWLEDGED, *DECIDED), *many(183)]
    told_of = content(SHERIFF, ICE, FIRST, UNTIL, requests, ZONES)
    found = sums(told_of.entries)
    assert (found.sent, found.received, found.not_received) == (198, 15, 183)
    assert (found.agreed, found.differences) == (15, {"never_delivered": 183})
    assert found.asks["hold"] == {"declined": 15, "open": 183}
    lost = [one for one in told_of.entries if one.difference]
    assert {why(one, "the fax line does not answer") for one in lost} == {"no arrival is recorded: the fax line does not answer"}


def test_a_request_belongs_to_the_day_in_the_custodian_s_zone_on_which_it_was_sent() -> None:
    late = dt.datetime(2024, 2, 1, 4, 30, tzinfo=dt.UTC)  # 23:30 on 31 January in Boston
    events = [event.model_copy(update={"recorded_at": late}) for event in told("request", "lodged")]
    assert [
        len(content(SHERIFF, ICE, one, other, [events], ZONES).entries)
        for one, other in ((FIRST, UNTIL), (UNTIL, dt.date(2024, 3, 1)))
    ] == [1, 0]


def test_the_hash_is_of_what_is_told_in_whatever_order_the_requests_come() -> None:
    requests = [*many(2), *many(3, TO_US)]
    one, other = (content(SHERIFF, ICE, FIRST, UNTIL, order, ZONES) for order in (requests, requests[::-1]))
    assert one.sha256 == other.sha256
    assert one.sha256 != content(SHERIFF, ICE, FIRST, UNTIL, requests[1:], ZONES).sha256


def test_what_changed_is_told_entry_by_entry_and_field_by_field() -> None:
    (before,), (after,) = many(1), many(1, TO_US)
    after = [event.model_copy(update={"stream": before[0].stream}) for event in after]
    then, now = (content(SHERIFF, ICE, FIRST, UNTIL, [events], ZONES).entries for events in (before, after))
    assert [(one.field, one.before, one.after) for one in reconciling.changes(then, now)] == [
        ("received", None, "2024-01-29T16:00:00Z"),
        ("difference", "never_delivered", "not_opened"),
    ]
    assert [one.field for one in reconciling.changes((), now)] == ["entry"]
    assert reconciling.changes(now, now) == []


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(streams("request"), max_size=5), st.sampled_from([SHERIFF, PRISON]))
def test_the_sums_add_up_whatever_happened(requests: list[Any], custodian: Any) -> None:
    found = [one for events in requests for one in entries(events, custodian)]
    summed = sums(found)
    assert summed.sent == summed.received + summed.not_received == len(found)
    assert summed.sent >= summed.received >= summed.opened >= summed.acknowledged >= summed.answered >= 0
    assert summed.agreed + sum(summed.differences.values()) == summed.sent
    assert sum(summed.endings.values()) == summed.sent
    assert all(sum(by.values()) == summed.sent for by in summed.asks.values())
    assert set(summed.differences) <= set(DIFFERENCES)
    for one in found:
        rungs = [at for at in (one.received, one.opened, one.acknowledged, one.answered) if at is not None]
        assert rungs == sorted(rungs)
        assert bool(why(one)) == (one.difference is not None)


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "\n=1"])
def test_no_cell_of_the_csv_is_a_formula(text: str) -> None:
    one = entry().model_copy(update={"reference": text})
    assert reconciling_csv.safe(text).startswith("'")
    line = reconciling_csv.written([one], why).split("\r\n", 1)[1]
    assert f"'{text}" in line


def test_the_csv_has_a_line_for_each_entry_and_names_nobody() -> None:
    import csv

    rows = list(csv.DictReader(reconciling_csv.written([entry(*ACKNOWLEDGED), entry()], why).splitlines()))
    assert [(row["difference"], row["notify"], row["interview"]) for row in rows] == [
        ("awaiting", "open", ""),
        ("never_delivered", "open", ""),
    ]
    assert "person" not in rows[0]
    assert (reconciling_csv.safe(None), reconciling_csv.safe("DET-1")) == ("", "DET-1")
