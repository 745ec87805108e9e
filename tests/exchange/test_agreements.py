"""One agency proposes how soon what is due, the other agrees; the clocks of the pair are counted by it from then on."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django import db
from django.db import DatabaseError, transaction
from exchange_making import NOW, agreed, as_role, do, lodge, refused, rows, seen_by
from meeting_making import at_once

pytestmark = pytest.mark.usefixtures("database")

HOUR = dt.timedelta(hours=1)


@contextmanager
def speaking(actor: Any) -> Iterator[Any]:
    from detainer.exchange import agreements
    from detainer.exchange.session import acting

    with acting(actor.agency, actor.user):
        yield agreements


def propose(by: Any, custodian: Any, requester: Any, now: dt.datetime = NOW, **terms: Any) -> Any:
    told = {"custodian": custodian.id, "requester": requester.id, "purposes": "notices of release", **terms}
    with speaking(by) as agreements:
        return agreements.propose(by, agreements.ProposeAgreement.model_validate(told), now)


def agree(by: Any, proposal: Any, now: dt.datetime = NOW) -> Any:
    with speaking(by) as agreements:
        return agreements.agree(by, agreements.AgreeTo(proposal=proposal.id), now)


def arrived(request: Any, at: dt.datetime) -> Any:
    """Carry a request to its custodian; return the clock of its answer."""
    from detainer.exchange import jobs

    waiting = rows("Delivery", stream=request, delivered_at=None, channel="inbox")
    with as_role("detainer_worker"):
        for delivery in waiting:
            jobs.deliver(delivery.id, at)
    (clock,) = rows("Deadline", stream=request, kind="answer_due")
    return clock


def test_what_both_agreed_to_counts_for_what_arrives_from_then_on_and_changes_nothing_before(ice: Any, essex: Any) -> None:
    before = arrived(lodge(ice, essex), NOW)
    assert (before.due_at - NOW, before.cite) == (HOUR, "the exchange's measure, where nothing else is agreed")
    proposal = propose(ice.supervisor, essex, ice, routine_minutes=240, contest_hours=72)
    assert arrived(lodge(ice, essex), NOW).due_at == NOW + HOUR  # a proposal alone changes nothing
    agree(essex.supervisor, proposal, NOW + HOUR)
    later = arrived(lodge(ice, essex, now=NOW + 2 * HOUR), NOW + 2 * HOUR)
    assert (later.due_at, later.cite) == (NOW + 6 * HOUR, "agreement of 2 March 2026")
    do(essex.clerk, "request.acknowledge", {}, before.stream_id, now=NOW + 2 * HOUR)
    (still,) = rows("Deadline", stream=before.stream_id, kind="answer_due")
    assert still.due_at == NOW + HOUR  # it began before the agreement
    do(essex.clerk, "request.contest", {}, later.stream_id, now=NOW + 2 * HOUR)
    (claim,) = rows("Deadline", stream=later.stream_id, kind="contest_due")
    assert claim.due_at == NOW + 74 * HOUR


def test_the_last_agreement_counts_and_the_same_again_is_the_same(ice: Any, essex: Any) -> None:
    first = agreed(essex, ice, routine_minutes=30)
    again = propose(ice.supervisor, essex, ice, NOW + HOUR, routine_minutes=20)
    assert propose(ice.supervisor, essex, ice, NOW + 2 * HOUR, routine_minutes=20).id == again.id
    entry = agree(essex.supervisor, again, NOW + 3 * HOUR)
    assert agree(essex.supervisor, again, NOW + 4 * HOUR).id == entry.id != first.id
    from detainer.exchange import agreements

    with as_role("detainer_worker"):
        terms = agreements.agreed(essex.id, ice.id)
    assert [agreements.in_force(terms, NOW + hours * HOUR).routine_minutes for hours in (-1, 0, 2, 3)] == [60, 30, 30, 20]


def test_only_the_two_supervisors_speak_and_nobody_agrees_with_himself(ice: Any, essex: Any, bristol: Any) -> None:
    with refused("not-allowed"):
        propose(ice.officer, essex, ice)
    with refused("not-allowed"):
        propose(bristol.supervisor, essex, ice)
    with refused("invalid", "requester"):
        propose(essex.supervisor, essex, bristol)
    with refused("invalid", "requester"):
        propose(essex.supervisor, essex, essex)
    proposal = propose(ice.supervisor, essex, ice)
    with refused("not-allowed"):
        agree(ice.supervisor, proposal)
    with refused("invalid", "proposal"):  # another agency does not see it
        agree(bristol.supervisor, proposal)
    propose(ice.supervisor, essex, ice, NOW + HOUR, routine_minutes=15)
    with refused("state"):  # it was replaced
        agree(essex.supervisor, proposal)
    assert seen_by(bristol.id, "Agreement") == []
    assert len(seen_by(essex.id, "Agreement", requester=ice.id)) == 2


def test_two_who_agree_at_once_agree_once(ice: Any, essex: Any) -> None:
    proposal = propose(ice.supervisor, essex, ice)
    done = at_once([lambda: agree(essex.supervisor, proposal)] * 3)
    assert len({entry.id for entry in done}) == 1


@pytest.mark.parametrize("role", ["detainer_worker", "detainer_service"])
@pytest.mark.parametrize("verb", ["UPDATE agreement SET routine_minutes = 1", "DELETE FROM agreement"])
def test_an_agreement_is_never_changed(ice: Any, essex: Any, role: str, verb: str) -> None:
    agreed(essex, ice)
    with as_role(role), pytest.raises(DatabaseError), transaction.atomic(), db.connection.cursor() as cursor:
        cursor.execute(verb)
