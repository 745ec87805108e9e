"""Reconciliation on a live record: both sides and who oversees them get the same figures, sign them, see what changed since."""

import datetime as dt
from typing import Any
from uuid import UUID

import pytest
from exchange_making import LEAST, NOW, do, holding, linked, lodge, refused, rows

pytestmark = pytest.mark.usefixtures("database")
AFTER = dt.datetime(2026, 4, 3, 9, 0, tzinfo=dt.UTC)  # March is over


def of(reader: Any, custodian: Any, requester: Any, month: str = "2026-03") -> Any:
    """Return the reconciliation as somebody of an agency reads it."""
    from detainer.exchange import reconciliation
    from detainer.exchange.session import acting

    with acting(reader.agency, reader.user):
        return reconciliation.between(reader, custodian.id, requester.id, reconciliation.month(month))


def sign(who: Any, custodian: Any, requester: Any, sha256: str, *, month: str = "2026-03", now: dt.datetime = AFTER) -> Any:
    from detainer.exchange import reconciliation
    from detainer.exchange.session import acting

    said = {"custodian": str(custodian.id), "requester": str(requester.id), "month": month, "sha256": sha256}
    with acting(who.agency, who.user):
        return reconciliation.sign(who, reconciliation.SignReconciliation.model_validate(said), now)


def lodged_at_once(requester: Any, custodian: Any, count: int) -> list[UUID]:
    """Lodge many requests in one transaction."""
    from detainer.exchange.commands import named
    from detainer.exchange.commands.run import carry_out
    from detainer.exchange.session import acting
    from detainer.exchange.work import Work

    told = {**LEAST["request.lodge"], "facility": custodian.facility, "asks": ["notify", "hold"]}
    actor = requester.officer
    with acting(actor.agency, actor.user):
        work = Work(actor, NOW)
        streams = [carry_out(work, named("request", "lodge"), told, None).stream for _ in range(count)]
        work.commit()
    return streams


def test_boston_s_198_and_15_come_out_with_their_reasons_on_both_sides(
    ice: Any, essex: Any, inspector: Any, as_worker: Any
) -> None:
    requests = lodged_at_once(ice, essex, 198)
    for request in requests[:15]:
        do(essex.clerk, "request.acknowledge", {}, request)
    from detainer.exchange.models import Delivery

    with as_worker():
        lost = Delivery.objects.filter(stream__in=requests[15:])
        lost.update(needs_person=True, attempts=9, next_try_at=None, failure="the line is busy")
    ours, theirs, overseen = (of(who, essex, ice) for who in (essex.clerk, ice.officer, inspector(ice).auditor))
    for found in (ours, theirs, overseen):
        assert (found.sums.sent, found.sums.received, found.sums.not_received) == (198, 15, 183)
        assert found.sums.differences == {"never_delivered": 183, "awaiting": 15}
        assert found.sums.asks["hold"] == {"open": 198}  # nobody refused anything
        assert found.content.sha256 == ours.content.sha256
        words = {found.why(entry) for entry in found.content.entries if entry.difference == "never_delivered"}
        assert words == {"no arrival is recorded: inbox needs a person (the line is busy)"}


def test_who_is_no_side_and_oversees_neither_reads_nothing(ice: Any, essex: Any, missouri: Any, inspector: Any) -> None:
    for stranger in (missouri.supervisor, inspector(missouri).auditor):
        with refused("not-allowed"):
            of(stranger, essex, ice)
    with refused("invalid", "month"):
        of(ice.officer, essex, ice, "2026-13")


def test_each_way_that_a_request_can_go_is_one_difference(ice: Any, essex: Any, missouri: Any) -> None:
    agreed, _ = linked(ice, essex)
    for ask in ("notify", "hold"):
        do(essex.clerk, "request.decide", {"ask": ask, "choice": "decline"}, agreed)
    wrong, passed_on, withdrawn = (lodge(ice, essex) for _ in range(3))
    do(essex.clerk, "request.not_here", {"reason": "never_here"}, wrong)
    do(essex.clerk, "request.acknowledge", {}, passed_on)
    do(essex.clerk, "request.relay", {"facility": missouri.facility}, passed_on)
    do(essex.clerk, "request.acknowledge", {}, withdrawn)
    do(ice.officer, "request.cancel", {"reason": "discretion"}, withdrawn)
    found = of(ice.officer, essex, ice)
    assert {entry.request: entry.difference for entry in found.content.entries} == {
        agreed: None,
        wrong: "misdirected",
        passed_on: "relayed",
        withdrawn: "ended_before_answer",
    }
    assert found.content == of(essex.clerk, essex, ice).content
    (theirs,) = of(ice.officer, missouri, ice).content.entries
    assert (theirs.request, theirs.came, theirs.leg) == (passed_on, "relayed", 2)
    assert of(missouri.clerk, missouri, ice).content.entries == (theirs,)
    assert of(ice.officer, essex, ice, "2026-02").content.entries == ()


def test_a_hold_without_a_live_request_stands_out_among_the_holds(ice: Any, missouri: Any) -> None:
    held, _ = holding(ice, missouri)
    lifted, _ = holding(ice, missouri)
    open_one = lodge(ice, missouri)
    do(ice.officer, "request.cancel", {"reason": "citizen"}, lifted)
    for who in (ice.officer, missouri.clerk):
        found = of(who, missouri, ice)
        assert [(hold.request, hold.is_alarm) for hold in found.holds] == [(lifted, True), (held, False), (open_one, False)]
        assert [hold.must_end_by is not None for hold in found.holds] == [True, True, False]
        assert found.sums.differences["held_without_request"] == 1


def test_both_sides_sign_what_they_were_shown_and_see_what_changed_since(ice: Any, essex: Any) -> None:
    request = lodge(ice, essex)
    shown = of(ice.supervisor, essex, ice).content.sha256
    assert [one.stands for one in sign(ice.supervisor, essex, ice, shown).signatures] == [True]
    assert len(sign(ice.supervisor, essex, ice, shown).signatures) == 1  # the same signature again is the same one
    both = sign(essex.supervisor, essex, ice, shown, now=AFTER + dt.timedelta(hours=1)).signatures
    assert [one.agency for one in both] == [essex.id, ice.id]
    do(essex.clerk, "request.acknowledge", {}, request, now=AFTER + dt.timedelta(days=1))
    changed = of(ice.officer, essex, ice)
    assert [one.stands for one in changed.signatures] == [False, False]
    fields = [[change.field for change in one.changes] for one in changed.signatures]
    assert fields == [["received", "opened", "acknowledged", "difference"]] * 2
    assert changed.signatures[0].changes[-1].before == "never_delivered"
    with refused("changed"):
        sign(ice.supervisor, essex, ice, shown, now=AFTER + dt.timedelta(days=2))


def test_a_signature_takes_a_supervisor_by_name_of_one_of_the_two_and_a_month_that_is_over(
    ice: Any, essex: Any, bristol: Any
) -> None:
    from dataclasses import replace

    lodge(ice, essex)
    shown = of(ice.officer, essex, ice).content.sha256
    for nobody in (ice.officer, essex.clerk, bristol.supervisor, replace(ice.supervisor, user=None)):
        with refused("not-allowed"):
            sign(nobody, essex, ice, shown)
    with refused("state"):
        sign(ice.supervisor, essex, ice, shown, now=dt.datetime(2026, 4, 1, 1, 0, tzinfo=dt.UTC))
    with refused("changed"):
        sign(ice.supervisor, essex, ice, "0" * 64)
    assert rows("Reconciliation", custodian=essex.id) == []


def test_the_two_sides_follow_from_what_the_agencies_are(ice: Any, essex: Any, missouri: Any) -> None:
    from detainer.exchange import reconciliation
    from detainer.exchange.models import Agency
    from detainer.exchange.session import acting

    lodge(ice, essex)
    with acting(ice.id):
        one, other, third = (Agency.objects.get(pk=party.id) for party in (ice, essex, missouri))
        assert reconciliation.sides(one, other) == reconciliation.sides(other, one) == (other, one)
        assert reconciliation.partners(ice.id) == [other]
        with refused("invalid", "with"):
            reconciliation.sides(other, third)
