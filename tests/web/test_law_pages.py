"""The pages of the law, which need no account: the map, a place, and asking one question at a time."""

import html
import re
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest


@pytest.fixture
def anybody(database: Any) -> Any:
    """Somebody without an account."""
    from django.test import Client

    return Client()


def shown(anybody: Any, address: str, status: int = 200) -> str:
    response = anybody.get(address)
    assert response.status_code == status, address
    return html.unescape(response.content.decode())


def value_of(page: str) -> str:
    """The answer that the ask page shows."""
    found = re.search(r'<h2 id="answer">.*?<span class="det-tag[^"]*">([^<]+)</span>', page, re.DOTALL)
    assert found, "no answer on the page"
    return found[1]


def asked(page: str) -> str:
    """The fact that the ask page asks for; empty when it asks no more."""
    form = page.partition('law-question"')[2].partition("</form>")[0]
    names = re.findall(r'<(?:input|select)(?! type="hidden")[^>]* name="([^".]+)"', form)
    return names[0] if names else ""


def carried(page: str) -> list[tuple[str, str]]:
    """What the form of the next question carries from those before."""
    return re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page)


def answered(anybody: Any, page: str, *given: tuple[str, str]) -> str:
    return shown(anybody, f"/law/ask?{urlencode([*carried(page), *given])}")


PAGES = ["/law", "/law/us", "/law/us/ma", "/law/us/ma/boston", "/law/us/tx/harris_county", "/law/ask", "/law/ask?place=us/ma"]


@pytest.mark.parametrize("address", PAGES)
def test_a_page_of_the_law_needs_no_account_and_says_that_it_is_no_advice(anybody: Any, address: str) -> None:
    response = anybody.get(address)
    page = response.content.decode()
    assert response.status_code == 200
    assert "Research, not legal advice." in page
    assert "no agency has adopted them here" in page
    assert "style=" not in page
    assert "script-src 'self'" in response.headers["Content-Security-Policy"]


@pytest.mark.parametrize("address", ["/law", "/law/us/ma", "/law/ask"])
def test_nothing_is_changed_here(anybody: Any, address: str) -> None:
    assert anybody.post(address).status_code == 405


def test_the_law_is_in_the_navigation_of_who_is_signed_in(party: Any) -> None:
    from web_making import signed_in

    page = signed_in(party("custodian").clerk).get("/law/us/ma").content.decode()
    assert '<a href="/law" aria-current="page">Law</a>' in page


def test_the_map_says_of_every_state_what_the_engine_says(anybody: Any) -> None:
    import datetime as dt

    from detainer import law
    from detainer.web.pages.law_map import USUAL
    from detainer.web.words import ANSWERS

    page = shown(anybody, "/law?ask=hold&warrant=judicial_criminal&facility=jail&on=2024-01-29")
    told = dict(
        re.findall(r'title="([^"]+)">\w\w</abbr><span class="law-tile__answer">([A-Z][a-z ]+?)(?: \(no state file\))?<', page)
    )
    assert len(told) == 52
    facts = {**USUAL, "facility": "jail", "warrant": ["judicial_criminal"]}
    for code, name in law.gazetteer.STATES.items():
        assert told[name] == ANSWERS[law.value(f"us/{code}", "hold", dt.date(2024, 1, 29), facts)][0], name


def test_the_map_changes_with_what_is_chosen_and_takes_the_usual_for_nonsense(anybody: Any) -> None:
    hold = shown(anybody, "/law?ask=hold&on=2024-01-29")
    assert '<option value="hold" selected>' in hold
    assert shown(anybody, "/law?ask=hold&facility=court&on=2024-01-29") != hold
    wrong = shown(anybody, "/law?ask=arrest&warrant=x&facility=y&on=yesterday")
    assert '<option value="notify" selected>' in wrong
    assert "[yesterday] is not a day: write it as 2024-05-01" in wrong


def test_every_tile_has_a_place_on_the_grid() -> None:
    from pathlib import Path

    import detainer.web
    from detainer.law.gazetteer import STATES

    css = (Path(detainer.web.__file__).parent / "static" / "law.css").read_text()
    places = re.findall(r"\.law-at-(\w\w) \{ grid-area: (\d+) / (\d+); \}", css)
    assert {code for code, _, _ in places} == set(STATES)
    assert len({(row, column) for _, row, column in places}) == len(STATES)


def test_a_place_shows_its_rules_with_sources_dates_and_confidence(anybody: Any) -> None:
    page = shown(anybody, "/law/us/ma/essex_county?on=2024-01-29")
    assert "Essex County, Massachusetts" in page
    assert "No law of its own is known here" in page
    assert 'id="us-287.7-d-hold"' in page
    assert "8 CFR 287.7(d)" in page
    assert "In force since 1997-04-01." in page
    assert "High confidence (well sourced)." in page
    assert "Open questions" in page
    assert "What changed, and when" in page


def test_a_place_by_its_short_name_leads_to_its_own_page(anybody: Any) -> None:
    response = anybody.get("/law/us/ma/essex?on=2024-01-29")
    assert (response.status_code, response.headers["Location"]) == (301, "/law/us/ma/essex_county?on=2024-01-29")


def test_a_place_that_is_none_is_told_with_the_nearest(anybody: Any) -> None:
    assert "nearest: us/ma/essex" in shown(anybody, "/law/us/ma/essx", 404)


def test_a_day_is_shown_as_the_law_then_stood(anybody: Any) -> None:
    assert "Shown is today" in shown(anybody, "/law/us/nc?on=tomorrow")
    before, after = (shown(anybody, f"/law/us/nc?on={on}") for on in ("2018-01-01", "2025-06-01"))
    assert before.count("Not in force on this day") > after.count("Not in force on this day")


def test_asking_begins_with_the_place_and_asks_only_for_what_still_matters(anybody: Any) -> None:
    page = shown(anybody, "/law/ask?place=us/ca/los_angeles_county&ask=notify&on=2024-05-01")
    assert value_of(page) == "Needs facts"
    assert asked(page) == "facility"
    assert value_of(answered(anybody, page, ("facility", "federal"))) == "May"
    page = answered(anybody, page, ("facility", "jail"))
    seen = {"facility"}
    while fact := asked(page):
        assert fact not in seen, "it asks twice"
        seen.add(fact)
        kind = "none" if "checkbox" in page.partition('law-question"')[2] or ".offence" in page else "no"
        page = answered(anybody, page, (fact, kind if fact != "age" else "30"))
    assert value_of(page) == "Must not"
    assert 2 < len(seen) < 12
    assert "Because" in page
    assert "Looked at:" in page


def test_what_was_said_can_be_taken_back_and_what_is_not_known_passed_over(anybody: Any) -> None:
    page = shown(anybody, "/law/ask?place=us/ma/essex&ask=hold&on=2024-01-29&facility=jail")
    (back,) = re.findall(r'<a href="([^"]+)">Take back', page)
    assert parse_qsl(urlsplit(back).query) == [("place", "us/ma/essex"), ("ask", "hold"), ("on", "2024-01-29")]
    first = asked(page)
    (skip,) = re.findall(r'<a href="([^"]+)">It is not known', page)
    passed = shown(anybody, skip)
    assert asked(passed) != first
    assert "Not known" in passed


def test_offences_are_asked_for_by_the_titles_of_the_laws_own_lists(anybody: Any) -> None:
    passed = "&".join(f"skip={name}" for name in ("public_information", "outstanding_federal_felony_warrant"))
    page = shown(anybody, f"/law/ask?place=us/ca&ask=notify&on=2024-05-01&facility=jail&{passed}")
    while asked(page) not in ("convictions", ""):
        page = shown(anybody, re.findall(r'<a href="([^"]+)">It is not known', page)[0])
    assert "A serious or violent felony" in page
    assert "(felony)" in page
    assert "wobbler yes" not in page


def test_an_offence_is_told_in_its_parts_and_carried_on(anybody: Any) -> None:
    page = shown(
        anybody,
        "/law/ask?place=us/ca&ask=notify&on=2024-05-01&facility=jail&convictions.class=felony&convictions.offence=murder&convictions.on=2023",
    )
    assert "murder, class felony, on 2023" in page or "class felony, murder, on 2023" in page
    kept = [value for name, value in carried(page) if name == "convictions"]
    assert kept == [] or '"class": "felony"' in kept[0]


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("place=us/ma/essx", "nearest: us/ma/essex"),
        ("place=us/ma&ask=arrest", "[arrest] is not an ask"),
        ("place=us/ma&on=now", "[now] is not a day"),
        ("place=us/ma&on=0001-01-01", "is too far"),
        ("place=us/ma&facilty=jail", "[facilty] is not a fact; nearest: facility"),
        ("place=us/ma&facility=jial", "[jial] is not a value of facility"),
        ("place=us/ma&age=old", "age: [old] is not a whole number"),
        ("place=us/ma&court_order=perhaps", "court_order: [perhaps] is neither yes nor no"),
        ("place=us/ma&convictions={", "convictions: [{] is not an offence"),
        ("place=us/ma&convictions.colour=red", "[convictions.colour] is not a fact"),
        ("place=us/ma&convictions.on=then", "[then] is not a date"),
    ],
)
def test_what_cannot_be_understood_is_told_on_the_page(anybody: Any, query: str, reason: str) -> None:
    page = shown(anybody, f"/law/ask?{query}")
    assert reason.lower() in page.lower()
    assert 'role="alert"' in page
    assert '<h2 id="answer">' not in page


def test_facts_are_written_to_an_address_as_they_are_read_from_it() -> None:
    from detainer.web.pages.law_facts import facts_of, written

    facts = {
        "facility": "jail",
        "court_order": False,
        "warrant": [],
        "information": ["release_date", "photograph"],
        "age": 30,
        "convictions": [{"class": "felony", "on": "2019-04"}],
        "pending_charges": [],
        "issuing_office": "Boston",
    }
    assert facts_of({name: written(name, value) for name, value in facts.items()}) == facts
