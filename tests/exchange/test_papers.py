"""The papers of a request: filled from the record as the agency sees it, kept with their hash, emptied by a court's order."""

import hashlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from exchange_making import NOW, PERSON, do, holding, kinds, last, lodge, refused, row, rows, seen_by

from serving_making import wait_for


def made(actor: Any, kind: str, request: Any, language: str = "en") -> Any:
    """Make a document; return what was done."""
    return do(actor, "request.make_document", {"kind": kind, "language": language}, request)


def seen(request: Any, agency: Any) -> Any:
    """Return what an agency sees of a request."""
    from detainer.exchange import papers
    from detainer.exchange.session import acting

    with acting(agency.id):
        return papers.seen(request, agency.id)


def test_a_document_is_kept_with_its_hash_and_made_again_it_is_the_same_one(ice: Any, missouri: Any) -> None:
    request = lodge(ice, missouri)
    first = made(missouri.clerk, "request_sheet", request)
    event = last(request, "document_made")
    document = row("Document", event.data["document"])
    assert hashlib.sha256(bytes(document.pdf)).hexdigest() == document.sha256 == event.data["sha256"]
    assert (document.agency_id, document.stream_id, document.kind) == (missouri.id, request, "request_sheet")
    assert event.data["of_version"] == first.version - 1
    again = made(missouri.clerk, "request_sheet", request)
    assert (again.events, again.version) == ((), first.version)
    do(missouri.clerk, "request.acknowledge", {"booking_number": "26-1"}, request)
    assert made(missouri.clerk, "request_sheet", request).events
    assert len(rows("Document", stream=request)) == 2


def test_each_side_makes_its_own_papers_in_a_language_that_there_is(ice: Any, missouri: Any, bristol: Any) -> None:
    request = lodge(ice, missouri)
    made(ice.officer, "request_sheet", request, "es")
    with refused("not-allowed"):
        made(ice.officer, "answer_letter", request)
    with refused("not-found"):
        made(bristol.clerk, "request_sheet", request)
    with refused("not-allowed"):
        made(missouri.auditor, "request_sheet", request)
    for language in ("fr", "../en", ""):
        with refused("invalid", "language"):
            made(missouri.clerk, "request_sheet", request, language)
    with refused("invalid", "kind"):
        made(missouri.clerk, "cover_sheet", request)
    do(missouri.clerk, "request.relay", {"facility": bristol.facility}, request)
    with refused("not-allowed"):
        made(missouri.clerk, "answer_letter", request)
    made(bristol.clerk, "answer_letter", request)


def test_a_document_is_seen_by_its_agency_alone_and_its_event_names_nobody(ice: Any, missouri: Any) -> None:
    request = lodge(ice, missouri)
    made(missouri.clerk, "notice_to_person", request, "es")
    assert len(seen_by(missouri.id, "Document", stream=request)) == 1
    assert not seen_by(ice.id, "Document", stream=request)
    assert set(last(request, "document_made").data) == {"document", "what", "language", "sha256", "of_version"}


def test_nobody_of_the_service_puts_other_bytes_into_a_document(ice: Any, missouri: Any) -> None:
    from django.db import DatabaseError

    from detainer.exchange.models import Document
    from detainer.exchange.session import acting

    request = lodge(ice, missouri)
    made(missouri.clerk, "request_sheet", request)
    with pytest.raises(DatabaseError, match="row-level security"), acting(missouri.id):
        Document.objects.filter(stream=request).update(pdf=b"%PDF-1.7 other")


def test_a_paper_bears_a_mark_without_which_nobody_makes_its_bytes_to_test_a_guessed_name(ice: Any, missouri: Any) -> None:
    from detainer.exchange import papers

    first, second = lodge(ice, missouri), lodge(ice, missouri)
    marks = [papers.head(seen(request, side)).mark for request in (first, second) for side in (ice, missouri)]
    assert all(len(mark) == 20 for mark in marks)
    assert len(set(marks)) == 4
    assert papers.head(seen(first, ice)).mark == marks[0]
    assert marks[1] not in str(seen(first, missouri).view)


def test_a_court_s_order_empties_the_documents_of_the_agency_and_of_no_other(ice: Any, missouri: Any) -> None:
    from detainer.exchange import identities
    from detainer.exchange.session import acting

    request = lodge(ice, missouri)
    for actor in (ice.officer, missouri.clerk):
        made(actor, "request_sheet", request)
    with acting(missouri.id, missouri.supervisor.user):
        identities.expunge(missouri.supervisor, row("Request", request).person, "Order 26-1", NOW)
    left = {document.agency_id: document for document in rows("Document", stream=request)}
    assert left[missouri.id].pdf is None
    assert left[missouri.id].sha256
    assert left[ice.id].pdf is not None
    assert seen(request, missouri).identity is None
    made(missouri.clerk, "request_sheet", request)
    (named, nameless) = rows("Document", stream=request, agency=missouri.id)
    assert named.pdf is None
    assert nameless.pdf


def in_a_thread(pool: ThreadPoolExecutor, act: Callable[[], Any]) -> Any:
    """Do something on a connection of its own."""
    from django.db import connection

    def once() -> Any:
        try:
            return act()
        finally:
            connection.close()

    return pool.submit(once)


def somebody_waits() -> bool:
    """Return whether a transaction waits for a lock of another."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return bool(cursor.fetchone()[0])


def test_a_name_that_is_destroyed_while_a_document_is_made_is_not_kept_in_it(ice: Any, missouri: Any) -> None:
    from detainer.exchange import identities
    from detainer.exchange.session import acting

    request = lodge(ice, missouri)
    person = row("Request", request).person
    with ThreadPoolExecutor(1) as pool:
        with acting(missouri.id, missouri.supervisor.user):
            identities.expunge(missouri.supervisor, person, "Order 26-1", NOW)
            making = in_a_thread(pool, lambda: made(missouri.clerk, "request_sheet", request))
            wait_for(somebody_waits, seconds=30)
        making.result()
    assert made(missouri.clerk, "request_sheet", request).events == ()  # what was kept is what is made without the name
    (document,) = rows("Document", stream=request)
    assert document.pdf


def test_the_papers_of_a_hold_tell_it_from_the_request_to_the_hand_over(ice: Any, missouri: Any) -> None:
    from detainer.exchange import papers

    request, _ = holding(ice, missouri)
    do(ice.officer, "request.notice_received", {"will_come": True}, request)
    made(missouri.clerk, "notice_to_person", request, "es")
    log = papers.hold_log(seen(request, missouri))
    assert {clock.rule for clock in log.clocks} >= {clock.rule for clock in log.clocks if clock.governs}
    assert all("48 h" in clock.arithmetic for clock in log.clocks)
    assert [entry.what for entry in log.entries if entry.what.startswith("hold")] == ["hold_started"]
    assert log.ended is None
    do(missouri.clerk, "request.hand_over", {"place": "Gate 2", "papers": ["I-200"]}, request)
    of = seen(request, missouri)
    record = papers.hand_over_record(of)
    assert (record.place, record.papers, record.held) == ("Gate 2", ("I-200",), True)
    assert papers.hold_log(of).reason == "handed_over"
    notice = papers.release_notice(of)
    assert (notice.of, notice.will_come, notice.how) == ("release", True, "exchange")
    letter = papers.answer_letter(of)
    assert [(line.ask, line.choice) for line in letter.rows] == [("notify", "honour"), ("hold", "honour")]
    proof = papers.proof_of_service(of)
    assert proof.how == "in_person"
    assert proof.papers == ()  # the notice was made after the service
    assert papers.hand_over_record(seen(request, ice)).about.person.name == PERSON["name"]
    for kind in papers.PAPERS:
        made(missouri.clerk, kind, request)
    assert {document.kind for document in rows("Document", stream=request, language="en")} == set(papers.PAPERS)


def test_the_notice_tells_what_the_law_says_and_whom_to_call_and_the_cover_names_nobody(ice: Any, essex: Any) -> None:
    from detainer.exchange import papers

    request = lodge(ice, essex, contact="duty desk (555) 010-0100", prepared_on="2026-03-01", note="call # [x] $ first")
    of = seen(request, essex)
    notice = papers.notice_to_person(of)
    (hold,) = [line for line in notice.rows if line.ask == "hold"]
    assert (hold.answer, bool(hold.rules), hold.choice) == ("must_not", True, None)
    assert [call.number for call in notice.calls] == ["", "duty desk (555) 010-0100", papers.ICE_LINE]
    sheet = papers.request_sheet(of)
    assert (sheet.note, sheet.prepared.first, sheet.basis.warrant_form) == ("call # [x] $ first", "2026-03-01", "I-200")
    cover = papers.cover_sheet(of, of.told[0], sender=ice.id, receiver=essex.id, reference="K7M2Q9XD", code="48312207")
    assert PERSON["name"] not in cover.model_dump_json()
    assert PERSON["numbers"]["a_number"] not in cover.model_dump_json()
    assert papers.print_packet(of, cover).request == sheet


def test_the_packet_that_a_sender_hands_out_names_the_person(ice: Any, essex: Any) -> None:
    from django.conf import settings

    from detainer import documents
    from detainer.exchange import papers, receipt_codes
    from detainer.exchange.channels import paper

    request = lodge(ice, essex)
    packet = paper.hand_out(ice.officer, last(request, "lodged").id, NOW)
    of = seen(request, ice)
    assert papers.about(of).person.name == PERSON["name"]
    reference, code = (receipt_codes.shown(one) for one in (packet.reference, packet.code))
    ends = {"sender": ice.id, "receiver": essex.id, "reference": reference, "code": code}
    cover = papers.cover_sheet(of, of.told[0], **ends, address=f"{settings.EXCHANGE_URL}/receipt")
    assert packet.pdf == documents.made("print_packet", papers.print_packet(of, cover))


def test_two_who_make_the_same_document_at_once_keep_one(ice: Any, missouri: Any) -> None:
    request = lodge(ice, missouri)
    with ThreadPoolExecutor(2) as pool:
        making = [in_a_thread(pool, lambda: made(missouri.clerk, "request_sheet", request)) for _ in range(2)]
        assert sorted(len(one.result().events) for one in making) == [0, 1]
    assert len(rows("Document", stream=request)) == 1
    assert kinds(request).count("document_made") == 1
