"""The page of reconciliation: the same for both sides, signed by a supervisor, taken away as CSV and PDF."""

import csv
import re

import pytest
from page_reading import hidden, words_of
from web_making import acknowledged, acting, do, lodge, now, signed_in, table


def address(**more):
    return {"month": f"{now():%Y-%m}", **more}


@pytest.fixture
def month(requester, jail):
    """A month with one request that nobody answered and one that was misdirected; their ids."""
    awaiting, wrong = acknowledged(requester, jail, reference="=cmd()"), lodge(requester, jail)
    do(jail.clerk, "request.not_here", {"reason": "never_here"}, wrong)
    return awaiting, wrong


def test_both_sides_read_the_same_figures_with_why_they_differ(requester, jail, month):
    pages = [words_of(signed_in(who).get("/reconciliation", address())) for who in (requester.officer, jail.auditor)]
    for page in pages:
        assert "Sent Received Opened Acknowledged Answered 2 2 2 2 1" in page
        assert "0 of 2 did not arrive" in page
        assert "Awaiting a decision Waits for a decision on notify, hold." in page
        assert "Misdirected It went to the wrong place (never here): no refusal." in page
        assert "Nobody has signed: the month is not over." in page
    prints = [re.findall(r"\b[0-9a-f]{64}\b", page) for page in pages]
    assert prints[0] == prints[1] != []


def test_a_hold_without_a_live_request_is_an_alarm(requester, party):
    jail = party("custodian", jurisdiction="us/mo", zone="America/Chicago")
    request = acknowledged(requester, jail)
    stay = do(jail.clerk, "stay.book", {"facility": jail.facility, "booking_number": "B-1", "person": {"name": "Doe, Jane"}})
    do(jail.clerk, "request.acknowledge", {"stay": str(stay)}, request)
    do(jail.clerk, "request.decide", {"ask": "hold", "choice": "honour"}, request)
    do(jail.clerk, "request.serve", {"how": "in_person"}, request)
    do(jail.clerk, "stay.release_due", {"cause": "bail_posted"}, stay)
    do(jail.clerk, "request.start_hold", {}, request)
    assert "without a live request" not in words_of(signed_in(jail.clerk).get("/reconciliation", address()))
    do(requester.officer, "request.cancel", {"reason": "citizen"}, request)
    page = words_of(signed_in(jail.clerk).get("/reconciliation", address()))
    assert "1 hold without a live request" in page
    assert "Ended Held since" in page


def test_the_csv_holds_no_formula_and_no_name_and_the_pdf_is_one(requester, jail, month):
    client = signed_in(requester.officer)
    page = client.get("/reconciliation", address()).content.decode()
    links = dict(re.findall(r'href="(/reconciliation/month\.(csv|pdf)[^"]*)"', page))
    (of_csv,) = (link.replace("&amp;", "&") for link, kind in links.items() if kind == "csv")
    (of_pdf,) = (link.replace("&amp;", "&") for link, kind in links.items() if kind == "pdf")
    rows = list(csv.DictReader(client.get(of_csv).content.decode().splitlines()))
    assert [row["reference"] for row in rows] == ["'=cmd()", ""]
    assert "Ana Maria" not in str(rows)
    pdf = client.get(of_pdf)
    assert (pdf.headers["Content-Type"], pdf.content[:5]) == ("application/pdf", b"%PDF-")
    assert client.get(of_pdf).content == pdf.content


def test_a_supervisor_signs_a_month_that_is_over_and_what_stands_is_what_was_signed(requester, jail, month):
    client = signed_in(requester.supervisor)
    past = {"month": "2020-02"}
    assert "Sign for" not in words_of(signed_in(requester.officer).get("/reconciliation", past))
    shown = client.get("/reconciliation", past)
    said = hidden(shown)
    assert client.post("/reconciliation", {**said, "sha256": "0" * 64}, follow=True).status_code == 200
    with acting(requester.id):
        assert not table("Reconciliation").objects.filter(agency=requester.id).exists()
    done = client.post("/reconciliation", said, follow=True)
    assert "Signed for your agency." in words_of(done)
    assert "As it stands" in words_of(done)
    assert "Sign for" not in words_of(done)
    assert client.post("/reconciliation", {**said, "month": "nonsense"}).status_code == 422
    assert client.post("/reconciliation", {**said, "month": f"{now():%Y-%m}"}).status_code == 409


def test_who_is_no_side_finds_nothing_of_it(requester, jail, month, party):
    outsider = signed_in(party("custodian").supervisor)
    assert "has no request in common" in words_of(outsider.get("/reconciliation"))
    assert outsider.get("/reconciliation", {"with": str(requester.id)}).status_code == 422
    for path in ("/reconciliation/month.csv", "/reconciliation/month.pdf"):
        assert outsider.get(path).status_code == 404
        assert outsider.get(path, {"of": str(jail.id)}).status_code == 422
        assert outsider.get(path, {"with": str(requester.id), "month": "2020-02"}).status_code == 422
    asked = {"custodian": str(jail.id), "requester": str(requester.id), "month": "2020-02"}
    assert outsider.post("/reconciliation", {**asked, "sha256": "0" * 64}).status_code == 403


def test_oversight_reads_what_it_was_let_read(requester, jail, month, party, as_worker):
    body = party("oversight")
    client = signed_in(body.auditor)
    assert "No agency lets yours read its record." in words_of(client.get("/reconciliation"))
    with as_worker():
        table("OversightGrant").objects.create(agency_id=jail.id, oversight_id=body.id, basis="a law", granted_at=now())
    page = words_of(client.get("/reconciliation", address()))
    assert "Sent Received Opened Acknowledged Answered 2 2 2 2 1" in page
    assert "Sign for" not in page
