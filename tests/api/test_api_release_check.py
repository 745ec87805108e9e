"""The release check over the API: looked at, recorded, and what a release says to go on."""

from typing import Any

import pytest

SIGNED = {"basis": {"warrant": "judicial_criminal"}}


@pytest.fixture
def held(scene: Any) -> tuple[str, str]:
    """A request with a judge's warrant and the stay of the person."""
    request, stay = scene.lodge(**SIGNED), scene.book("B-77")
    scene.clerk.done(f"/requests/{request}/acknowledge", {"stay": stay})
    scene.clerk.done(f"/requests/{request}/decide", {"ask": "notify", "choice": "honour"})
    return request, stay


def test_looking_records_nothing_and_checking_records_what_was_found(scene: Any, held: Any) -> None:
    request, stay = held
    looked = scene.clerk.get(f"/stays/{stay}/release-check").told
    assert (looked["owed"], looked["stay"]) == (True, stay)
    assert [(one["id"], one["warrant"]) for one in looked["requests"]] == [(request, "criminal")]
    first, second = looked["findings"][:2]
    assert (first["kind"], first["duty"], first["request"]) == ("judicial_warrant", True, request)
    assert (second["kind"], second["command"]) == ("notice_due", "request.give_notice")
    checked = scene.clerk.done(f"/stays/{stay}/release-check", headers={"Idempotency-Key": "one-look"})
    assert (checked["check"]["findings"], len(checked["events"])) == (looked["findings"], 1)
    told = scene.clerk.get(f"/stays/{stay}/events").told["events"]
    assert [event["data"]["warrants"] for event in told if event["kind"] == "release_checked"] == [1]
    said = {"against_duty": "the warrant was recalled by telephone", "over_warrants": [request]}
    scene.clerk.done(f"/stays/{stay}/release", said)
    again = scene.clerk.done(f"/stays/{stay}/release-check", headers={"Idempotency-Key": "one-look"})
    assert (again["events"], again["check"]) == (checked["events"], None)  # the person has left since


def test_a_release_over_a_warrant_is_refused_with_the_fields_that_say_why(scene: Any, held: Any) -> None:
    request, stay = held
    reply = scene.clerk.post(f"/stays/{stay}/release", {"cause": "bail_posted"})
    assert (reply.status, reply.problem, set(reply.fields)) == (422, "invalid", {"over_warrants", "against_duty"})
    assert request in reply.told["detail"]


def test_bad_input_is_told_as_a_problem(scene: Any, held: Any) -> None:
    _, stay = held
    address = f"/stays/{stay}/release-check"
    assert scene.clerk.post(address, {"colour": "red"}).fields == ["colour"]
    assert scene.clerk.post(address, {"occurred": "2024-01-29"}).fields == ["occurred"]
    assert scene.clerk.post(address, {"version": 99}).problem == "changed"
    assert scene.clerk.post(address, []).problem == "invalid"
    assert scene.clerk.get(address, colour="red").fields == ["colour"]
    assert scene.clerk.get("/stays/01890000-0000-7000-8000-000000000000/release-check").problem == "not-found"
    assert scene.officer.post(address).problem == "not-found"
    scene.clerk.done(f"/stays/{stay}/die")
    assert (scene.clerk.get(address).problem, scene.clerk.post(address).problem) == ("state", "state")
