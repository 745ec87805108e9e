"""A roster booked in one go: all of it or nothing, and every wrong line told by its number."""

from typing import Any

import pytest
from exchange_making import NOW, book, ndjson, refused, row, rows, seen_by, told

pytestmark = pytest.mark.usefixtures("database")


def people(custodian: Any, *numbers: str, **more: Any) -> list[dict[str, Any]]:
    person = {"name": "Ana Maria Example"}
    return [{"facility": custodian.facility, "booking_number": number, "person": person, **more} for number in numbers]


def book_all(actor: Any, body: bytes) -> dict[str, Any]:
    from detainer.exchange.commands import batch

    return batch.book_all(actor, body, now=NOW)


def test_a_roster_books_everybody_in_order_of_the_lines(essex: Any) -> None:
    done = book_all(essex.clerk, ndjson(people(essex, "24-1", "24-2", "24-3")))
    assert (done["booked"], done["known"]) == (3, 0)
    assert [row("Stay", stay).booking_number for stay in done["ids"]] == ["24-1", "24-2", "24-3"]
    assert len(seen_by(essex.id, "Identity")) == 3
    assert len(rows("Feed", agency=essex.id)) == 3


def test_charges_and_the_time_of_a_booking_come_with_the_line(essex: Any) -> None:
    line = people(essex, "24-1", charges=[{"offence": "larceny"}], occurred="2026-03-01T08:00-05:00")
    (stay,) = book_all(essex.clerk, ndjson(line))["ids"]
    assert [(event.kind, event.occurred) for event in told(stay)] == [
        ("booked", "2026-03-01T08:00-05:00"),
        ("charged", "2026-03-01T08:00-05:00"),
    ]


def test_a_roster_sent_again_changes_nothing(essex: Any) -> None:
    body = ndjson(people(essex, "24-1", "24-2"))
    book_all(essex.clerk, body)
    done = book_all(essex.clerk, body)
    assert done == {"booked": 0, "known": 2, "ids": []}
    assert len(seen_by(essex.id, "Stay")) == 2


def test_empty_lines_and_an_empty_roster_book_nobody(essex: Any) -> None:
    assert book_all(essex.clerk, b"")["booked"] == 0
    assert book_all(essex.clerk, b"\n\n" + ndjson(people(essex, "24-1")) + b"\r\n\n")["booked"] == 1


def test_every_wrong_line_is_told_by_its_number_and_nothing_is_written(essex: Any, missouri: Any) -> None:
    good = people(essex, "24-1")[0]
    lines = [
        ndjson([good]),
        b"{not json",
        b'["a", "list"]',
        ndjson([{**good, "booking_number": ""}]),
        ndjson([{**good, "booking_number": "24-5", "facility": "NOWHERE9"}]),
        ndjson([{**good, "booking_number": "24-6", "facility": missouri.facility}]),
        ndjson([{**good, "booking_number": "24-7", "occurred": "2099-01-01"}]),
        ndjson([{**good, "booking_number": "24-8", "occurred": "yesterday"}]),
        ndjson([{**good, "booking_number": "24-9", "occurred": 7}]),
        ndjson([good]),
        ndjson([{**good, "booking_number": "24-11", "shoe_size": 44}]),
        ndjson([{**good, "booking_number": "24-12", "person": {"name": "A", "date_of_birth": "2030-01-01"}}]),
        b'{"facility": "' + b"\xff\xfe" + b'"}',
        b'{"booking_number": ' + b"9" * 5000 + b"}",
        b"[" * 5000 + b"]" * 5000,
    ]
    with refused("invalid") as refusal:
        book_all(essex.clerk, b"\n".join(lines))
    wrong = [error.field.split(".")[0] for error in refusal.value.errors]
    assert sorted(set(wrong), key=lambda field: int(field.split()[1])) == [f"line {number}" for number in range(2, 16)]
    fields = {error.field for error in refusal.value.errors}
    assert {
        "line 4.booking_number",
        "line 5.facility",
        "line 6.facility",
        "line 7.occurred",
        "line 8.occurred",
        "line 9.occurred",
        "line 10.booking_number",
        "line 11.shoe_size",
        "line 12.person.date_of_birth",
    } <= fields
    assert "14 of 15 lines" in refusal.value.detail
    assert seen_by(essex.id, "Stay") == []


def test_a_name_of_a_facility_in_a_line_is_refused_with_the_place(essex: Any) -> None:
    line = people(essex, "24-1")[0]
    with refused("invalid", "line 1.facility"):
        book_all(essex.clerk, ndjson([{**line, "facility": row("Facility", essex.facility).name}]))


def test_a_roster_of_more_lines_than_a_batch_holds_is_too_large(essex: Any) -> None:
    with refused("too-large") as refusal:
        book_all(essex.clerk, b"{}\n" * 10_001)
    assert refusal.value.status == 413
    assert "10001" in refusal.value.detail


def test_only_a_custodian_s_clerk_books_a_roster(ice: Any, essex: Any) -> None:
    body = ndjson(people(essex, "24-1"))
    for actor in (ice.officer, ice.clerk, essex.officer, essex.auditor):
        with refused("not-allowed"):
            book_all(actor, body)


def test_a_number_of_another_custodian_is_not_taken(essex: Any, missouri: Any) -> None:
    book(missouri, booking_number="24-1")
    assert book_all(essex.clerk, ndjson(people(essex, "24-1")))["booked"] == 1
