"""Lodging on the page: the facility by its code, the law's answers before it is sent, errors next to the fields."""

import pytest
from page_reading import errors_of, hidden, send, words_of
from places_making import elsewhere
from web_making import acting, signed_in, table

FORM = "/requests/lodge"
ASKED = {"form": "I-247A", "asks": ["notify", "hold"], "person__name": "Doe, Jane", "basis__warrant": "administrative"}


@pytest.fixture
def officer(party):
    return signed_in(party("requester").officer)


def count_of_requests(party):
    with acting(party.id):
        return table("Request").objects.count()


def test_a_request_is_lodged_and_its_page_shown(officer, jail):
    response = send(officer, FORM, facility=jail.facility, send="1", **ASKED)
    assert response.status_code == 302
    page = officer.get(response.headers["Location"])
    assert page.status_code == 200
    assert "The request is sent." in words_of(page)
    assert "Must not" in words_of(page)


def test_a_name_is_refused_with_the_candidates_as_choices_and_nothing_typed_is_lost(officer, jail, as_worker):
    elsewhere(as_worker, jail.id, "Ambiguous County Jail", "Ambiguous", PA="AMBPA", NY="AMBNY")
    response = send(officer, FORM, facility="Ambiguous County Jail", send="1", **ASKED)
    assert response.status_code == 422
    assert "is a name, not a code" in errors_of(response, "facility")
    page = words_of(response)
    assert "City of AMBPA, Ambiguous County, PA" in page
    assert "City of AMBNY, Ambiguous County, NY" in page
    assert 'name="pick" value="AMBPA"' in response.content.decode()
    assert 'value="Doe, Jane"' in response.content.decode()
    assert count_of_requests(jail) == 0


def test_a_candidate_that_is_picked_fills_the_code_and_shows_its_place(officer, jail, as_worker):
    elsewhere(as_worker, jail.id, "Picked County Jail", "Picked", PA="PCKPA", NY="PCKNY")
    response = send(officer, FORM, facility="Picked County Jail", pick="PCKPA", **ASKED)
    assert response.status_code == 200
    body = response.content.decode()
    assert 'name="facility" value="PCKPA"' in body
    assert 'value="Doe, Jane"' in body
    assert "City of PCKPA, Picked County, PA" in words_of(response)
    assert "A county of this name is also in NY." in words_of(response)


def test_the_search_beside_the_field_works_without_script(officer, jail):
    response = send(officer, FORM, find=jail.facility, search="1", person__name="Doe, Jane")
    assert f'name="pick" value="{jail.facility}"' in response.content.decode()
    assert 'value="Doe, Jane"' in response.content.decode()


def test_the_search_beside_the_field_works_as_one_types(officer, jail):
    assert f'value="{jail.facility}"' in officer.get("/requests/lodge/facilities", {"find": jail.facility}).content.decode()


def test_a_facility_of_the_directory_stands_in_the_form(officer, jail):
    body = officer.get(FORM, {"facility": jail.facility}).content.decode()
    assert f'value="{jail.facility}"' in body
    assert "Essex County, <strong>MA</strong>" in body


def test_the_law_is_checked_before_anything_is_sent(officer, jail):
    response = send(officer, FORM, facility=jail.facility, check="1", **{**ASKED, "person__name": ""})
    page = words_of(response)
    assert response.status_code == 200
    assert "Nothing is sent yet. Not lawful there: hold past release. Lawful there: notify before release." in page
    assert "Lunn v. Commonwealth" in page
    assert count_of_requests(jail) == 0


def test_a_judges_criminal_warrant_changes_what_the_law_answers(officer, jail):
    said = {**ASKED, "basis__warrant": "judicial_criminal", "requester_unit": "criminal_investigation"}
    page = words_of(send(officer, FORM, facility=jail.facility, check="1", **said))
    assert "Not lawful there: hold past release" not in page


def test_a_form_that_contradicts_itself_is_told_so_when_it_is_checked_and_when_it_is_sent(officer, jail):
    for button in ("check", "send"):
        response = send(officer, FORM, facility=jail.facility, **{**ASKED, "form": "I-247G", button: "1"})
        assert response.status_code == 422
        assert "is not asked by the form I-247G" in errors_of(response, "asks")
    assert count_of_requests(jail) == 0


@pytest.mark.parametrize(
    ("field", "wrong", "says"),
    [
        ("person__name", "", "required"),
        ("person__date_of_birth", "2999-01-01", "is in the future"),
        ("prepared_on", "yesterday", "is not a date"),
        ("prepared_on", "2999-01-01", "is in the future"),
        ("facility", "", "required"),
        ("facility", "ZZZZZZ", "No facility has the code [ZZZZZZ]"),
        ("asks", [], "required"),
        ("form", "I-999", "not one of the available choices"),
        ("basis__probable_cause", ["hunch"], "not one of the available choices"),
    ],
)
def test_what_is_wrong_stands_next_to_its_field_and_nothing_is_sent(officer, jail, field, wrong, says):
    response = send(officer, FORM, **{"facility": jail.facility, **ASKED, field: wrong, "send": "1"})
    assert response.status_code == 422
    assert says.lower() in errors_of(response, field.replace("__", ".")).lower()
    assert count_of_requests(jail) == 0


def test_a_facility_whose_agency_takes_no_part_is_refused(officer, party, as_worker):
    other = party("custodian")
    with as_worker():
        table("Agency").objects.filter(pk=other.id).update(enrolled=False)
    response = send(officer, FORM, facility=other.facility, send="1", **ASKED)
    assert response.status_code == 422
    assert "does not take part yet" in errors_of(response, "facility")


def test_a_form_sent_twice_lodges_once(officer, jail):
    filled = {**hidden(officer.get(FORM)), "facility": jail.facility, "send": "1"}
    filled |= {name.replace("__", "."): value for name, value in ASKED.items()}
    first, second = officer.post(FORM, filled), officer.post(FORM, filled)
    assert first.headers["Location"] == second.headers["Location"]
    assert count_of_requests(jail) == 1


def test_a_later_request_replaces_an_earlier_one(officer, jail):
    first = send(officer, FORM, facility=jail.facility, send="1", **ASKED).headers["Location"]
    replaced = first.rsplit("/", 1)[-1]
    assert send(officer, FORM, facility=jail.facility, send="1", replaces=replaced, **ASKED).status_code == 302
    assert "Replaced by a later request" in words_of(officer.get(first))


def test_who_is_no_requester_or_no_officer_cannot_open_the_form(jail, party):
    assert signed_in(jail.clerk).get(FORM).status_code == 403
    assert signed_in(party("requester").auditor).get(FORM).status_code == 403


def test_markup_in_every_text_field_stays_text(officer, jail):
    evil = "<script>alert(1)</script>'; DROP TABLE event; --"
    said = {**ASKED, "person__name": evil, "reference": evil, "contact": evil, "note": evil, "person__citizenship": evil}
    page = officer.get(send(officer, FORM, facility=jail.facility, send="1", **said).headers["Location"])
    assert "<script>alert" not in page.content.decode()
    assert "DROP TABLE event" in words_of(page)
