"""The directory: facilities found by their code and place, never by a name alone."""

from django.test import Client
from page_reading import words_of
from places_making import elsewhere
from web_making import signed_in


def test_who_is_not_signed_in_is_sent_to_sign_in(database):
    response = Client().get("/directory")
    assert response.status_code == 302
    assert response.headers["Location"].startswith("/account/login/")


def test_a_search_shows_what_tells_places_of_one_name_apart(party, as_worker):
    agency = party("custodian")
    elsewhere(as_worker, agency.id, "Twinford County Jail", "Twinford", PA="TWFAPA", NY="TWFANY")
    page = words_of(signed_in(agency.clerk).get("/directory", {"q": "twinford"}))
    assert "TWFAPA" in page
    assert "City of TWFANY" in page
    assert "Check the state" in page
    assert "1 more of this name: TWFANY (NY)." in page
    assert "A county of this name is also in NY." in page


def test_a_search_is_narrowed_by_state(party, as_worker):
    agency = party("custodian")
    elsewhere(as_worker, agency.id, "Narrow County Jail", "Narrow", PA="NRWPA", NY="NRWNY")
    page = words_of(signed_in(agency.clerk).get("/directory", {"q": "narrow", "state": "pa"}))
    assert "NRWPA" in page
    assert "City of NRWNY" not in page


def test_a_search_that_finds_nothing_says_so(party):
    page = words_of(signed_in(party("custodian").clerk).get("/directory", {"q": "no such place at all"}))
    assert "No facility has this code, name, city or county." in page


def test_only_a_requester_is_offered_to_lodge(party):
    jail, requester = party("custodian"), party("requester")
    address = f"/requests/lodge?facility={jail.facility}"
    assert address in signed_in(requester.officer).get("/directory", {"q": jail.facility}).content.decode()
    assert address not in signed_in(jail.clerk).get("/directory", {"q": jail.facility}).content.decode()


def test_a_facility_says_what_the_law_there_answers(party):
    jail = party("custodian")
    page = words_of(signed_in(jail.clerk).get(f"/directory/{jail.facility.lower()}"))
    assert "Hold past release Must not" in page
    assert "Lunn v. Commonwealth" in page
    assert "Notify before release May" in page


def test_a_facility_warns_of_places_like_it(party, as_worker):
    agency = party("custodian")
    elsewhere(as_worker, agency.id, "Twin County Jail", "Twin", PA="TWNPA", NY="TWNNY")
    page = words_of(signed_in(agency.clerk).get("/directory/TWNPA"))
    assert "Easily mistaken for 1 other place" in page
    assert "Twin County Jail, NY (TWNNY)" in page


def test_a_code_that_is_not_there_is_not_found(party):
    response = signed_in(party("custodian").clerk).get("/directory/NOSUCH")
    assert response.status_code == 404
    assert "No facility has the code [NOSUCH]" in words_of(response)


def test_markup_in_a_search_is_only_text(party):
    body = signed_in(party("custodian").clerk).get("/directory", {"q": "<script>alert(1)</script>"}).content.decode()
    assert "<script>alert" not in body
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in body
