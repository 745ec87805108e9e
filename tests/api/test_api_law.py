"""The law over the API: open to all, kept by caches, precise about what is wrong."""

import datetime as dt
import json
from typing import Any

import pytest

LYNN = {
    "place": "us/ma/essex",
    "ask": "hold",
    "on": "2024-01-29",
    "facts": {"facility": "jail", "form": "I-247A", "warrant": ["administrative"]},
}


@pytest.fixture
def anybody(caller: Any) -> Any:
    """A caller without a token."""
    return caller()


def test_a_question_is_answered_without_a_token_as_the_engine_answers_it(anybody: Any) -> None:
    from detainer import law

    told = anybody.done("/law/answer", LYNN)
    own = law.answer("us/ma/essex", "hold", dt.date(2024, 1, 29), LYNN["facts"])
    assert told == own.model_dump(mode="json")
    assert told["value"] == "must_not"
    assert told["rules"][0]["cite"]


def test_a_list_of_questions_is_answered_in_its_order(anybody: Any) -> None:
    told = anybody.done("/law/answer", [LYNN, {**LYNN, "ask": "notify"}])
    assert [(answer["ask"], answer["value"]) for answer in told] == [("hold", "must_not"), ("notify", "may")]
    assert anybody.post("/law/answer", [LYNN] * 100).status == 200


@pytest.mark.parametrize(
    ("wrong", "field", "reason"),
    [
        ({"place": "us/ma/essx"}, "place", "nearest: us/ma/essex"),
        ({"ask": "notfy"}, "ask", "'notify', 'hold'"),
        ({"on": "2024-1-1"}, "on", "date"),
        ({"on": "0001-01-01"}, "on", "1900-01-01"),
        ({"facts": {"facilty": "jail"}}, "facts", "nearest: facility"),
        ({"facts": {"facility": "jial"}}, "facts", "nearest: jail"),
        ({"facts": {"warrant": ["I-2000"]}}, "facts", "[I-2000] is not a value of warrant"),
        ({"facts": "jail"}, "facts", "dictionary"),
        ({"facts": {"convictions": [{}] * 101}}, "facts", "[convictions] has more than 100 items"),
        ({"colour": "red"}, "colour", "not a field"),
    ],
)
def test_what_is_wrong_with_a_question_is_told_by_its_field(anybody: Any, wrong: Any, field: str, reason: str) -> None:
    reply = anybody.post("/law/answer", {**LYNN, **wrong})
    assert (reply.status, reply.problem, reply.fields) == (422, "invalid", [field])
    assert reason in reply.told["detail"]
    second = anybody.post("/law/answer", [LYNN, {**LYNN, **wrong}])
    assert (second.status, second.fields) == (422, [f"1.{field}"])


@pytest.mark.parametrize("body", [b"[]", b"7", b"{", b"null", json.dumps([LYNN] * 101).encode(), b"[7]", b"{}"])
def test_what_is_no_question_is_refused(anybody: Any, body: bytes) -> None:
    reply = anybody.call("POST", "/law/answer", body)
    assert (reply.status, reply.problem) == (422, "invalid")


@pytest.mark.parametrize(
    "address",
    ["/law/jurisdictions", "/law/jurisdictions/us/ma/boston", "/law/jurisdictions/us/nj?on=2024-05-01", "/law/facts"],
)
def test_what_is_read_is_kept_by_caches_until_the_law_changes(anybody: Any, address: str) -> None:
    from detainer import __version__, law

    reply = anybody.get(address)
    tag = reply.headers["ETag"]
    assert reply.status == 200
    assert reply.headers["Cache-Control"].startswith("public")
    assert tag == f'"{law.library().hash[:32]}-{__version__}"'
    again = anybody.call("GET", address, headers={"If-None-Match": f"W/{tag}"})
    assert (again.status, again.body) == (304, b"")
    assert anybody.call("GET", address, headers={"If-None-Match": '"other"'}).status == 200


def test_the_places_are_listed_with_what_their_files_cover(anybody: Any) -> None:
    told = anybody.get("/law/jurisdictions").told
    rows = {row["path"]: row for row in told["jurisdictions"]}
    assert {"us", "us/ma", "us/ma/boston"} <= set(rows)
    assert rows["us"]["rules"] > 10


def test_a_place_is_shown_on_a_day(anybody: Any) -> None:
    told = anybody.get("/law/jurisdictions/us/ma/essex", on="2024-01-29").told
    assert (told["place"], told["on"]) == ("us/ma/essex_county", "2024-01-29")
    assert all(one["standing"] for layer in told["layers"] for one in layer["provisions"])
    unknown = anybody.get("/law/jurisdictions/us/ma/essx")
    assert (unknown.status, unknown.problem) == (404, "not-found")
    assert "nearest: us/ma/essex" in unknown.told["detail"]
    assert anybody.get("/law/jurisdictions/us", on="then").fields == ["on"]
    assert anybody.get("/law/jurisdictions/us", colour="red").fields == ["colour"]


def test_a_rule_is_shown_by_its_id(anybody: Any) -> None:
    told = anybody.get("/law/rules/us-287.7-d-hold").told
    assert (told["id"], told["kind"], told["place"]) == ("us-287.7-d-hold", "rule", "us")
    unknown = anybody.get("/law/rules/us-287.7-d-hld")
    assert unknown.status == 404
    assert "nearest: us-287.7-d-hold" in unknown.told["detail"]


def test_the_vocabulary_is_that_of_the_engine(anybody: Any) -> None:
    from detainer.law.facts import Facts

    told = anybody.get("/law/facts").told
    assert [fact["fact"] for fact in told["facts"]] == list(Facts.model_fields)
    assert told["asks"] == ["notify", "hold", "transfer", "share", "interview"]
