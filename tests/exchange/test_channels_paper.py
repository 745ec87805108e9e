"""Receipts by a code: typed or read out by who has the paper, locked after ten wrong ones; and what was answered on paper."""

import datetime as dt
from typing import Any
from uuid import uuid4

import pytest
from django import db
from exchange_making import NOW, as_role, do, kinds, last, lodge, refused, row, rows, told

pytestmark = pytest.mark.usefixtures("database")

LATER = NOW + dt.timedelta(hours=5)


@pytest.fixture
def handed_out(ice: Any, essex: Any) -> tuple[Any, Any]:
    """A request whose packet was handed out; the request, and the packet."""
    from detainer.exchange.channels import paper

    request = lodge(ice, essex)
    return request, paper.hand_out(ice.officer, last(request, "lodged").id, NOW)


def use(packet: Any, code: str | None = None, *, reference: str | None = None, now: dt.datetime = LATER) -> Any:
    from detainer.exchange import receipt_codes

    return receipt_codes.use(reference or packet.reference, code or packet.code, "badge 77", now)


def wrong(packet: Any) -> str:
    """A code that is not the packet's."""
    return ("0" if packet.code[0] != "0" else "1") + packet.code[1:]


# --- the code ---


def test_the_code_of_a_paper_acknowledges_its_event_for_the_agency_that_has_it(handed_out: Any, essex: Any) -> None:
    request, packet = handed_out
    assert use(packet).is_new
    received = last(request, "received")
    assert received.data == {"of": str(last(request, "lodged").id), "how": "code", "who": "badge 77"}
    assert (received.says_id, received.by_user, received.recorded_at) == (essex.id, None, LATER)
    assert [one.channel for one in rows("Delivery", stream=request, kind="received")] == ["inbox"]


def test_a_code_works_once_and_says_again_what_it_did(handed_out: Any) -> None:
    request, packet = handed_out
    use(packet)
    again = use(packet, now=LATER + dt.timedelta(days=1))
    assert (again.is_new, again.at) == (False, LATER)
    assert kinds(request).count("received") == 1


def test_a_code_is_taken_however_it_is_typed_or_heard(handed_out: Any) -> None:
    from detainer.exchange import receipt_codes

    _, packet = handed_out
    assert receipt_codes.spelt(" 3f7q-tr5wl ") == "3F7QTR5W1"
    assert receipt_codes.spelt("oO iI") == "0011"
    assert use(packet, receipt_codes.shown(packet.code).lower(), reference=f" {packet.reference.lower()} ").is_new


def test_ten_wrong_codes_lock_it_for_the_right_one_too(handed_out: Any) -> None:
    from detainer.exchange.refusals import Refused

    request, packet = handed_out
    for _ in range(9):
        with pytest.raises(Refused, match="open nothing"):
            use(packet, wrong(packet))
    with db.transaction.atomic():
        assert use(packet).is_new
        db.transaction.set_rollback(True)
    with pytest.raises(Refused, match="open nothing"):
        use(packet, wrong(packet))
    with pytest.raises(Refused, match="typed wrong ten times") as caught:
        use(packet)
    assert caught.value.kind == "not-allowed"
    assert "received" not in kinds(request)


def test_a_wrong_reference_is_told_in_the_words_of_a_wrong_code(handed_out: Any) -> None:
    from detainer.exchange.refusals import Refused

    _, packet = handed_out
    said = []
    for code, reference in ((wrong(packet), packet.reference), (packet.code, "0000000000")):
        with pytest.raises(Refused) as caught:
            use(packet, code, reference=reference)
        said.append(caught.value.problem())
    assert said[0] == said[1]


def test_who_has_the_table_has_no_code(handed_out: Any) -> None:
    _, packet = handed_out
    (kept,) = rows("ReceiptCode", delivery=packet.delivery)
    assert packet.code not in f"{kept.reference} {kept.code_hash}"
    with as_role("detainer_service"), db.connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM receipt_code")
        assert cursor.fetchone() == (0,)


def test_a_code_that_was_used_when_the_process_died_still_leaves_its_receipt(handed_out: Any) -> None:
    from detainer.exchange import receipt_codes

    request, packet = handed_out
    receipt_codes.opened(packet.reference, packet.code, LATER)  # and there it died
    assert (use(packet).is_new, kinds(request).count("received")) == (True, 1)


# --- the packet ---


def test_a_packet_is_made_once_and_is_not_there_for_others(handed_out: Any, ice: Any, essex: Any) -> None:
    from detainer.exchange.channels import paper

    request, packet = handed_out
    event = last(request, "lodged").id
    again = paper.hand_out(ice.officer, event, LATER)
    assert (again.delivery, again.reference, again.code) == (packet.delivery, packet.reference, packet.code)
    assert packet.pdf.startswith(b"%PDF-")
    with refused("not-found"):
        paper.hand_out(essex.clerk, event, LATER)
    with refused("not-allowed"):
        paper.hand_out(ice.auditor, event, LATER)


def test_it_is_delivered_when_a_person_says_that_it_was_handed_over(handed_out: Any, ice: Any, essex: Any) -> None:
    from detainer.exchange.channels import paper

    request, packet = handed_out
    assert row("Delivery", packet.delivery).delivered_at is None
    with refused("not-found"):
        paper.handed_over(essex.clerk, packet.delivery, LATER)
    for _ in range(2):
        paper.handed_over(ice.officer, packet.delivery, LATER, "2026-03-02T11:30-05:00")
    assert row("Delivery", packet.delivery).delivered_at == NOW + dt.timedelta(minutes=90)
    (delivered,) = [event for event in told(request) if event.kind == "delivered"]
    assert (delivered.data["channel"], delivered.says_id, delivered.by_user) == ("paper", ice.id, ice.officer.user)


def test_no_job_carries_a_packet(handed_out: Any) -> None:
    from detainer.exchange import jobs, sending

    with as_role("detainer_worker"):
        jobs.carry_what_waits(LATER)
        assert [kind for _, kind in sending.due(LATER) if kind == "paper"] == []
    assert row("Delivery", handed_out[1].delivery).delivered_at is None


def entered(packet: Any, *answers: tuple[str, str, dict[str, Any]], code: str | None = None) -> Any:
    """What comes back on a packet: when it was received at ten past ten, and what was answered."""
    from detainer.exchange.channels import paper

    told = [paper.Answer(command=name, occurred=at, data=data) for name, at, data in answers]
    here = {"reference": packet.reference, "code": code or packet.code, "who": "badge 77"}
    return paper.EnterPaper(**here, occurred="2026-03-02T10:10-05:00", answers=told)


ANSWERS = (
    ("acknowledge", "2026-03-02T10:20-05:00", {}),
    ("decide", "2026-03-02T10:40-05:00", {"ask": "notify", "choice": "honour"}),
)


def test_what_was_answered_on_paper_is_entered_with_its_code_as_of_then_and_the_record_tells_that_it_is_late(
    handed_out: Any, essex: Any
) -> None:
    from detainer.exchange.channels import paper
    from detainer.exchange.work import of_row
    from detainer.record.late import entered_late

    request, packet = handed_out
    for _ in range(2):  # entered again, nothing is done twice
        assert paper.enter(essex.clerk, entered(packet, *ANSWERS), LATER) == request
    now = [event for event in told(request) if event.recorded_at == LATER and event.says_id == essex.id]
    assert [event.kind for event in now if event.kind != "answered"] == ["received", "acknowledged", "decided"]
    assert now[0].data == {"of": str(last(request, "lodged").id), "how": "paper", "who": "badge 77"}
    assert all(event.by_user == essex.clerk.user for event in now)
    late = [entered_late(of_row(event), "America/New_York") for event in now if event.kind != "answered"]
    assert [span.total_seconds() / 60 for span in late if span] == [290, 280, 260]
    assert entered_late(of_row(last(request, "lodged"))) is None


def test_an_answer_that_is_refused_is_named_and_those_before_it_stand(handed_out: Any, essex: Any) -> None:
    from detainer.exchange.channels import paper
    from detainer.exchange.refusals import Refused

    request, packet = handed_out
    odd = entered(packet, ANSWERS[0], ("decide", "2026-03-02T10:40-05:00", {"ask": "transfer", "choice": "honour"}))
    with pytest.raises(Refused, match=r"^answers\.1: ") as caught:
        paper.enter(essex.clerk, odd, LATER)
    assert all(error.field.startswith("answers.1") for error in caught.value.errors)
    assert kinds(request)[-1] != "decided"
    assert "acknowledged" in kinds(request)
    with pytest.raises(Refused, match="there is no command"):
        paper.enter(essex.clerk, entered(packet, ("hold_on", "2026-03-02T10:40-05:00", {})), LATER)


def test_only_the_agency_that_the_packet_was_for_enters_it_and_only_with_its_code(
    handed_out: Any, ice: Any, essex: Any, missouri: Any
) -> None:
    from detainer.exchange.channels import paper
    from detainer.exchange.refusals import Refused

    request, packet = handed_out
    for actor, code in ((missouri.clerk, None), (ice.officer, None), (essex.clerk, wrong(packet)), (essex.auditor, None)):
        with pytest.raises(Refused):
            paper.enter(actor, entered(packet, *ANSWERS, code=code), LATER)
    assert {"received", "acknowledged"} & set(kinds(request)) == set()


def test_nobody_makes_a_packet_of_an_event_that_is_not_there(ice: Any) -> None:
    from detainer.exchange.channels import paper

    with refused("not-found"):
        paper.hand_out(ice.officer, uuid4(), NOW)


def test_a_receipt_answers_for_the_delivery_beside_what_a_clerk_does_at_the_same_moment(handed_out: Any, essex: Any) -> None:
    request, packet = handed_out
    do(essex.clerk, "request.acknowledge", {}, request)
    assert use(packet).is_new
    assert kinds(request)[-1] == "received"
