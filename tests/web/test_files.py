"""Files: the requester's own history of a person, and the requests about the same person."""

import datetime as dt

import pytest
from page_reading import errors_of, send, words_of
from web_making import signed_in, table


@pytest.fixture
def begun(requester):
    """The address of a file that an officer has begun."""
    response = send(
        signed_in(requester.officer), "/files/begin", person__name="Doe, Jane", occurred="2022-07", kind="encountered"
    )
    assert response.status_code == 302
    return response.headers["Location"]


def test_a_file_begins_with_what_happened_as_far_as_it_is_known(requester, begun):
    page = words_of(signed_in(requester.officer).get(begun))
    assert "Doe, Jane" in page
    assert "Some time in July 2022 only roughly known Encountered" in page


def test_an_event_is_recorded_on_the_form_of_its_kind(requester, begun):
    officer = signed_in(requester.officer)
    response = send(officer, f"{begun}/record?kind=ordered", data__order="removal", occurred="2023-05-02")
    assert response.status_code == 302
    page = words_of(officer.get(begun))
    assert "On 2 May 2023 Order of the immigration court" in page
    assert "Order removal" in page


def test_an_event_in_the_future_is_refused_next_to_its_field(requester, begun):
    response = send(signed_in(requester.officer), f"{begun}/record?kind=removed", occurred="2999")
    assert response.status_code == 422
    assert "is in the future" in errors_of(response, "occurred")


def test_a_request_lodged_from_a_file_is_about_the_same_person_and_each_shows_the_other(requester, begun, party):
    jail, officer = party("custodian"), signed_in(requester.officer)
    file = begun.rsplit("/", 1)[-1]
    form = f"/requests/lodge?file={file}"
    assert "Doe, Jane. Taken from your file" in words_of(officer.get(form))
    response = send(officer, form, facility=jail.facility, form="I-247A", asks=["notify"], send="1")
    assert response.status_code == 302
    request = response.headers["Location"]
    assert request in officer.get(begun).content.decode()
    assert "Doe, Jane" in words_of(signed_in(jail.clerk).get(request))


def test_a_closed_file_takes_no_more_events_and_can_still_be_corrected(requester, begun):
    officer = signed_in(requester.officer)
    assert send(officer, f"{begun}/record?kind=closed").status_code == 302
    assert officer.get(f"{begun}/record").status_code == 403
    assert officer.get(f"{begun}/correct").status_code == 200


def test_a_mistake_is_mended_and_stays_readable(requester, begun):
    officer = signed_in(requester.officer)
    choice = officer.get(f"{begun}/correct").content.decode().split("correct?event=")[1].split('"')[0]
    response = send(officer, f"{begun}/correct?event={choice}", occurred="2022-08", reason="The month was misread.")
    assert response.status_code == 302
    page = words_of(officer.get(begun))
    assert "Correction" in page
    assert "The month was misread." in page
    assert "Corrected later" in page


def test_nobody_else_sees_a_file(begun, party):
    for other in (party("requester").officer, party("custodian").clerk, party("oversight").auditor):
        assert signed_in(other).get(begun).status_code == 404
        assert signed_in(other).post(f"{begun}/record", {"kind": "closed"}).status_code == 404


def test_an_oversight_body_that_is_let_reads_the_file_without_the_person(requester, begun, party, as_worker):
    oversight = party("oversight")
    with as_worker():
        table("OversightGrant").objects.create(
            agency_id=requester.id, oversight_id=oversight.id, basis="a test", granted_at=dt.datetime.now(dt.UTC)
        )
    reader = signed_in(oversight.auditor)
    assert begun in reader.get("/files").content.decode()
    page = words_of(reader.get(begun))
    assert "Encountered" in page
    assert "Doe, Jane" not in page
    assert reader.get(f"{begun}/record").status_code == 403


def test_who_may_not_begin_a_file_is_told_so(requester, party):
    assert signed_in(requester.auditor).get("/files/begin").status_code == 403
    assert signed_in(party("custodian").clerk).get("/files").status_code == 403
