"""Reconciliation over the API: the same for both sides, signed by its hash, and nothing to who is no side of it."""

import datetime as dt
from typing import Any

import pytest

FORMULA = "=HYPERLINK(1)"


@pytest.fixture
def asked(scene: Any) -> dict[str, str]:
    """The query of this month between the two agencies of the scene."""
    month = dt.datetime.now(dt.UTC).strftime("%Y-%m")
    return {"custodian": str(scene.custodian.id), "requester": str(scene.requester.id), "month": month}


def test_both_sides_are_told_the_same(scene: Any, asked: Any) -> None:
    request, wrong = scene.lodge(), scene.lodge(reference=FORMULA)
    scene.clerk.done(f"/requests/{wrong}/not-here", {"reason": "never_here"})
    ours, theirs = (caller.get("/reconciliations", **asked).told["reconciliation"] for caller in (scene.clerk, scene.officer))
    assert ours == theirs
    assert (ours["sums"]["sent"], ours["sums"]["received"]) == (2, 1)
    found = {one["request"]: (one["difference"], one["why"]) for one in ours["entries"]}
    assert found[request][0] == "never_delivered"
    assert found[request][1].startswith("no arrival is recorded: inbox")
    assert found[wrong] == ("misdirected", "it went to the wrong place (never here): no refusal")
    assert [(one["request"], one["alarm"]) for one in ours["holds"]] == [(request, False)]
    assert "Marker" not in str(ours)
    assert scene.clerk.get("/reconciliations").told == {"reconciliation": None, "signed": []}


def test_a_month_that_is_over_is_signed_by_its_hash_once(scene: Any, asked: Any) -> None:
    past = {**asked, "month": "2020-02"}
    shown = scene.officer.get("/reconciliations", **past).told["reconciliation"]["sha256"]
    signed = scene.officer.done("/reconciliations", {**past, "sha256": shown})
    again = scene.officer.done("/reconciliations", {**past, "sha256": shown})
    assert again["signatures"] == signed["signatures"]
    assert [(one["agency"], one["stands"], one["changes"]) for one in signed["signatures"]] == [
        (str(scene.requester.id), True, [])
    ]
    (row,) = scene.clerk.get("/reconciliations").told["signed"]
    assert (row["from_day"], row["until_day"], row["sha256"]) == ("2020-02-01", "2020-03-01", shown)
    changed = scene.clerk.post("/reconciliations", {**past, "sha256": "0" * 64})
    assert (changed.status, changed.problem, changed.told["sha256"]) == (409, "changed", shown)
    assert scene.other.get("/reconciliations").told["signed"] == []


def test_bad_input_and_who_may_not_are_told_as_problems(scene: Any, asked: Any, caller: Any) -> None:
    get, post = scene.officer.get, scene.officer.post
    assert get("/reconciliations", **{**asked, "month": "2020-13"}).fields == ["month"]
    assert get("/reconciliations", month="2020-02").fields == ["custodian"]
    assert get("/reconciliations", **{**asked, "custodian": "01890000-0000-7000-8000-000000000000"}).problem == "not-found"
    assert scene.other.get("/reconciliations", **asked).problem == "not-allowed"
    assert post("/reconciliations", {**asked, "sha256": "short"}).fields == ["sha256"]
    assert post("/reconciliations", {**asked, "sha256": "0" * 64}).problem == "state"  # the month is not over
    assert scene.other.post("/reconciliations", {**asked, "sha256": "0" * 64}).problem == "not-allowed"
    clerk = caller(scene.custodian.id, "custody", user=scene.custodian.clerk.user)
    assert clerk.post("/reconciliations", {**asked, "sha256": "0" * 64}).problem == "not-allowed"
