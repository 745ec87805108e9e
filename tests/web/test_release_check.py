"""The page before a release: what it lists and in which order, what it records, and that going on takes a reason."""

import pytest
from page_reading import errors_of, send, words_of
from web_making import acknowledged, acting, booked, do, queries_of, signed_in, table

SIGNED = {"warrant": "judicial_criminal"}


def linked(requester, jail, stay, **more):
    """A request that is acknowledged and linked to a stay."""
    request = acknowledged(requester, jail, **more)
    do(jail.clerk, "request.acknowledge", {"stay": str(stay)}, request)
    return request


@pytest.fixture
def stay(jail):
    return booked(jail)


def test_the_page_keeps_a_judge_s_warrant_apart_and_links_to_what_settles_each(requester, jail, clerk, stay):
    civil = linked(requester, jail, stay, reference="CIVIL-1")
    signed = linked(requester, jail, stay, basis=SIGNED, reference="SIGNED-1")
    do(jail.clerk, "request.decide", {"ask": "notify", "choice": "honour"}, civil)
    response = clerk.get(f"/stays/{stay}/release-check")
    page, words = response.content.decode(), words_of(response)
    assert "Before the person leaves: 2 live requests" in words
    places = [words.index(part) for part in ("A judge signed a warrant", "Owed, and not done", "To know")]
    assert places == sorted(places)
    assert places[0] < words.index("reference SIGNED-1") < places[1]
    assert f'href="/requests/{civil}/give_notice"' in page
    assert f'href="/requests/{civil}/decide?ask=hold"' in page
    assert f'href="/requests/{signed}/serve"' in page
    assert "Over which warrants of a judge?" in words
    assert "Criminal warrant: I-247A of" in words
    assert f'action="/stays/{stay}/release"' in page


def test_a_check_is_recorded_and_the_stay_tells_it(requester, jail, clerk, stay):
    linked(requester, jail, stay)
    assert "Nobody has recorded a check" in words_of(clerk.get(f"/stays/{stay}/release-check"))
    assert send(clerk, f"/stays/{stay}/release-check").headers["Location"] == f"/stays/{stay}/release-check"
    page = words_of(clerk.get(f"/stays/{stay}/release-check"))
    assert "Recorded: what waited on the stay" in page
    assert "Checked last at" in page
    assert "Looked before the release" in words_of(clerk.get(f"/stays/{stay}")) or "elease" in page


def test_a_release_over_a_warrant_takes_a_reason_that_names_it(requester, jail, clerk, stay):
    signed = linked(requester, jail, stay, basis=SIGNED)
    form = f"/stays/{stay}/release"
    refused = send(clerk, form, cause="bail_posted")
    assert refused.status_code == 422
    assert "a judge signed the criminal warrant" in errors_of(refused, "over_warrants").lower()
    assert "settle it first, or say why not" in errors_of(refused, "against_duty")
    assert "Before the person leaves: 1 live request" in words_of(refused)
    assert send(clerk, form, cause="bail_posted", against_duty="It was recalled.").status_code == 422
    done = send(clerk, form, cause="bail_posted", against_duty="It was recalled.", over_warrants=[str(signed)])
    assert done.status_code == 302
    with acting(jail.id):
        assert table("Request").objects.get(pk=signed).live is False
    assert clerk.get(f"/stays/{stay}/release-check").status_code == 409


def test_nothing_owed_takes_no_reason_and_the_release_is_recorded_from_the_page(jail, clerk, stay):
    page = clerk.get(f"/stays/{stay}/release-check")
    assert "Before the person leaves: no live request Nothing is owed. To go on takes no reason." in words_of(page)
    assert "against_duty" not in page.content.decode()
    assert f'href="/stays/{stay}/release-check"' in clerk.get(f"/stays/{stay}").content.decode()
    assert send(clerk, f"/stays/{stay}/release", cause="sentence_served").status_code == 302


def test_a_hand_over_with_an_open_claim_asks_for_the_reason_and_without_one_does_not(requester, jail, clerk, stay):
    request = linked(requester, jail, stay)
    address = f"/requests/{request}/hand_over"
    assert "against_duty" not in clerk.get(address).content.decode()
    do(jail.clerk, "request.contest", {"ground": "citizenship", "claimed_by": "person"}, request)
    refused = send(clerk, address)
    assert "a claim against the request waits for an answer (citizenship)" in errors_of(refused, "against_duty").lower()
    assert send(clerk, address, against_duty="The passport was shown to be another's.").status_code == 302


def test_who_may_not_release_reads_the_page_and_settles_nothing(requester, jail, party, stay):
    linked(requester, jail, stay)
    page = signed_in(jail.auditor).get(f"/stays/{stay}/release-check")
    assert page.status_code == 200
    assert '<form class="det-form"' not in page.content.decode()
    assert "Record that the copy was served" not in words_of(page)
    assert signed_in(jail.auditor).post(f"/stays/{stay}/release-check").status_code == 403
    for stranger in (requester.officer, party("custodian").clerk):
        assert signed_in(stranger).get(f"/stays/{stay}/release-check").status_code == 404
        assert signed_in(stranger).post(f"/stays/{stay}/release-check").status_code in (403, 404)


def test_the_page_asks_the_database_as_often_for_many_requests_as_for_one(requester, jail, clerk, stay):
    linked(requester, jail, stay)
    clerk.get(f"/stays/{stay}/release-check")
    one = queries_of(clerk, f"/stays/{stay}/release-check")
    for _ in range(4):
        linked(requester, jail, stay)
    assert queries_of(clerk, f"/stays/{stay}/release-check") == one
