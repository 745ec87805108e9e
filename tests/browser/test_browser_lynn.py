"""The Lynn case as each of the demo's users sees it, point by point with the case file."""

from pathlib import Path

import pytest
from browsing import stream
from ruamel.yaml import YAML

from detainer.record import when
from detainer.web import words

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

EXAMPLES = Path(__file__).parents[2] / "examples"
CASE = YAML(typ="safe", pure=True).load((EXAMPLES / "lynn-2024.yaml").read_text("utf-8"))
AGENCIES = {
    agency["key"]: agency["name"]
    for agency in [*YAML(typ="safe", pure=True).load((EXAMPLES / "demo.yaml").read_text("utf-8"))["agencies"], *CASE["agencies"]]
}
ZONE = "America/New_York"
REQUEST, STAY, FILE = (f"/{kind}s/{stream('lynn-2024', kind)}" for kind in ("request", "stay", "file"))
SEE_THE_FILE, DO_NOT_SEE_THE_FILE = ("ero", "oversight"), ("court", "sheriff")
DAYS = f"{CASE['derived']['days_arraignment_to_arrest']} days"


def told(kind):
    return [event for event in CASE["events"] if event["stream"] == kind]


def rows(page):
    """What each row of a page's time line says."""
    said = page.locator(".det-event").evaluate_all("rows => rows.map(row => row.innerText)")
    return [" ".join(text.split()) for text in said]


def untold(kind, page):
    """The events of a stream of the case that a page does not tell as the case file does."""
    said = rows(page)
    return [event for event in told(kind) if not is_told(event, said)]


def is_told(event, said):
    """Whether one row tells an event: what, when, who says so, and not confirmed by whom."""
    at = when.parse(str(event["occurred"]), ZONE)
    line = when.in_words(at, ZONE)
    line = line[:1].upper() + line[1:]
    by, says = AGENCIES[event["by"]], AGENCIES[event["says"]]
    title = "Arrested at large" if event.get("data", {}).get("at_large") else words.said(event["kind"])
    wanted = [line, by]
    wanted += [f"as {says} says", f"Not confirmed by {by}"] if by != says else []
    wanted += ["only roughly known"] if at.is_rough else []
    wanted += [event["data"]["text"]] if event.get("data", {}).get("text") else [] if event["kind"] == "stated" else [title]
    return any(all(part in text for part in wanted) for text in said)


@pytest.mark.parametrize("user", ["court", "sheriff", "ero", "oversight"])
def test_every_event_of_the_request_and_the_stay_is_told_with_its_date_and_on_whose_word(visit, user):
    reader = visit(user)
    reader.opens(REQUEST)
    assert untold("request", reader.page) == []
    reader.opens(STAY)
    assert untold("stay", reader.page) == []


@pytest.mark.parametrize("user", ["court", "sheriff", "ero", "oversight"])
def test_the_law_forbade_the_hold_and_not_the_notice_which_was_never_given(visit, user):
    reader = visit(user)
    reader.opens(REQUEST)
    hold, notify = (" ".join(reader.page.locator(f"#ask-{ask}").inner_text().split()) for ask in ("hold", "notify"))
    assert "Must not" in hold
    assert "Lunn v. Commonwealth" in hold
    assert "May" in notify
    page = reader.reads()
    assert "Released without notice" in page
    assert "Not confirmed" in page
    assert "No notice of the release was given, although the law allowed it" in page


@pytest.mark.parametrize("user", SEE_THE_FILE)
def test_who_may_see_the_file_reads_the_days_to_the_arrest(visit, user):
    reader = visit(user)
    reader.opens(FILE)
    assert untold("file", reader.page) == []
    assert DAYS in reader.reads()
    assert DAYS in reader.opens(REQUEST)
    assert DAYS in reader.opens(STAY)


@pytest.mark.parametrize("user", DO_NOT_SEE_THE_FILE)
def test_who_may_not_see_the_file_reads_nothing_of_it(visit, user):
    reader = visit(user)
    assert "Not found" in reader.opens(FILE)
    for address in (REQUEST, STAY):
        page = reader.opens(address)
        assert DAYS not in page
        assert "Arrested at large" not in page
        assert "Supervision" not in page


def test_the_stay_shows_the_gap_and_what_the_law_answered_at_the_jail(visit):
    page = visit("sheriff").opens(STAY)
    assert "Gap in the record" in page
    assert "whether it ever arrived there is not known. That is no refusal." in page
    assert "No request is recorded as received by Essex County Sheriff's Office (Massachusetts)" in page
    assert "at Essex County Jail, Middleton on 29 January 2024" in page
    assert "Must not" in page.split("No request is recorded as received")[1]


def test_nobody_is_named(visit):
    for user in ("court", "sheriff", "ero"):
        assert "Not named in the source" in visit(user).opens(STAY)
    assert "Not named in the source" not in visit("oversight").opens(STAY)
