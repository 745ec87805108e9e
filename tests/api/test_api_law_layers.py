"""An agency's own law over the API: looked at, adopted, withdrawn, and read by whoever is answered under it."""

from typing import Any

import pytest

from layer_making import LAYER

from .scene import LODGE

ADOPT = {"text": LAYER, "from_day": "2024-02-01", "person": "the sheriff", "note": "after the vote"}


@pytest.fixture
def address(scene: Any) -> str:
    return f"/agencies/{scene.custodian.id}/law-layers"


def test_a_layer_is_adopted_and_every_answer_rests_on_it(scene: Any, address: str) -> None:
    entry = scene.clerk.done(address, ADOPT)
    assert (entry["place"], entry["in_force"], entry["withdrawn"]) == ("us/ma/essex_county", True, False)
    assert scene.clerk.done(address, ADOPT) == entry
    request = scene.officer.done("/requests", {**LODGE, "facility": scene.custodian.facility})["id"]
    answers = {one["ask"]: one for one in scene.officer.get(f"/requests/{request}/answers").told["answers"]}
    assert answers["notify"]["value"] == "must_not"
    assert answers["notify"]["adopted_by"]["person"] == "the sheriff"
    events = scene.clerk.get(f"/requests/{request}/events").told["events"]
    assert [event["data"]["versions"]["layers"] for event in events if event["kind"] == "answered"] == [entry["hash"]]


def test_every_agency_reads_the_history_and_a_withdrawal_stays_in_it(scene: Any, address: str) -> None:
    scene.clerk.done(address, ADOPT)
    withdrawn = {"place": "us/ma/essex_county", "from_day": "2024-03-01", "person": "the board"}
    assert scene.clerk.done(f"{address}/withdraw", withdrawn)["withdrawn"] is True
    told = scene.officer.get(address).told
    assert [(one["adopted_by"], one["in_force"], bool(one["text"])) for one in told["layers"]] == [
        ("the board", False, False),
        ("the sheriff", False, True),
    ]
    before = scene.other.get(address, on="2024-02-15").told["layers"]
    assert [one["in_force"] for one in before] == [False, True]


def test_a_layer_is_looked_at_and_nothing_is_written(scene: Any, address: str) -> None:
    permit = LAYER.replace("asks: [notify]", "asks: [hold]").replace("effect: forbid", "effect: permit")
    told = scene.clerk.done(f"{address}/look", {**ADOPT, "text": permit})
    (provision,) = told["layer"]["provisions"]
    assert provision["sentences"][0]["sentence"] == "A jail may keep the person past release."
    assert "us/ma" in {one["place"] for one in told["voided"]}
    assert scene.clerk.get(address).told["layers"] == []


@pytest.mark.parametrize(
    ("change", "field", "message"),
    [
        ({"text": LAYER.replace("    effect", "     effect")}, "text", "line 11: not YAML"),
        ({"text": LAYER.replace("effect:", "asks: [hold]\n    effect:")}, "text", "line 11: key [asks] stands twice"),
        ({"text": LAYER.replace("essex", "bristol")}, "text", "[us/ma/bristol_county] is not the place of a facility"),
        ({"text": LAYER.replace("forbid", "forbids")}, "text", "line 11: rules.effect"),
        ({"text": "x" * 200_001}, "text", "at most 200000"),
        ({"text": "\u0000"}, "text", "control character"),
        ({"text": ""}, "text", "at least 1"),
        ({"from_day": "2024-02"}, "from_day", "date"),
        ({"from_day": "0001-01-01"}, "from_day", "1900-01-01"),
        ({"person": " "}, "person", "at least 1"),
        ({"place": "us"}, "place", "not a field"),
    ],
)
def test_what_is_wrong_is_told_by_its_field(scene: Any, address: str, change: Any, field: str, message: str) -> None:
    for at in (address, f"{address}/look"):
        reply = scene.clerk.post(at, {**ADOPT, **change})
        assert (reply.status, reply.problem, set(reply.fields)) == (422, "invalid", {field})
        assert message in reply.told["errors"][0]["message"]
    assert scene.clerk.get(address).told["layers"] == []


def test_only_the_agency_s_own_supervisor_changes_it(scene: Any, address: str, caller: Any) -> None:
    clerk = caller(scene.custodian.id, "custody", user=scene.custodian.clerk.user)
    for who in (scene.other, scene.officer, clerk):
        for at in (address, f"{address}/look", f"{address}/withdraw"):
            assert who.post(at, ADOPT).status == 403
    assert scene.officer.get("/agencies/01890000-0000-7000-8000-000000000000/law-layers").status == 404


def test_a_place_without_a_layer_cannot_be_withdrawn(scene: Any, address: str) -> None:
    reply = scene.clerk.post(f"{address}/withdraw", {"place": "us/ma", "from_day": "2024-03-01", "person": "the board"})
    assert (reply.status, reply.fields) == (422, ["place"])
