"""The documents of a request over the API: made, listed, read as PDF, each agency its own."""

import hashlib
from typing import Any


def test_a_document_is_made_once_listed_and_read(scene: Any) -> None:
    request = scene.lodge()
    address = f"/requests/{request}/documents"
    made = scene.clerk.done(address, {"kind": "notice_to_person", "language": "es"}, headers={"Idempotency-Key": "notice"})
    document = made["document"]
    assert (document["kind"], document["language"], document["emptied"]) == ("notice_to_person", "es", False)
    again = scene.clerk.done(address, {"kind": "notice_to_person", "language": "es"})
    assert (again["events"], again["document"]) == ([], document)
    told = scene.clerk.get(address).told["documents"]
    assert told == [document]
    pdf = scene.clerk.get(f"/documents/{document['id']}")
    assert (pdf.status, pdf.headers["Content-Type"]) == (200, "application/pdf")
    assert hashlib.sha256(pdf.body).hexdigest() == document["sha256"]
    events = scene.officer.get(f"/requests/{request}/events").told["events"]
    assert [event["data"]["sha256"] for event in events if event["kind"] == "document_made"] == [document["sha256"]]


def test_another_agency_sees_the_hash_and_not_the_document(scene: Any) -> None:
    request = scene.lodge()
    document = scene.clerk.done(f"/requests/{request}/documents", {"kind": "request_sheet"})["document"]["id"]
    assert scene.officer.get(f"/requests/{request}/documents").told["documents"] == []
    assert scene.officer.get(f"/documents/{document}").problem == "not-found"
    assert scene.other.get(f"/requests/{request}/documents").problem == "not-found"
    assert scene.officer.post(f"/requests/{request}/documents", {"kind": "hold_log"}).problem == "not-allowed"
    reply = scene.clerk.post(f"/requests/{request}/documents", {"kind": "letter", "language": "fr"})
    assert set(reply.fields) == {"kind", "language"}


def test_an_emptied_document_keeps_its_hash_and_no_bytes(scene: Any) -> None:
    request = scene.lodge()
    document = scene.clerk.done(f"/requests/{request}/documents", {"kind": "request_sheet"})["document"]
    person = scene.clerk.get(f"/requests/{request}").told["request"]["person"]
    scene.clerk.done(f"/identities/{person}/expunge", {"order": "Order 26-1"})
    (left,) = scene.clerk.get(f"/requests/{request}/documents").told["documents"]
    assert left == {**document, "emptied": True}
    assert "court's order" in scene.clerk.get(f"/documents/{document['id']}").told["detail"]
