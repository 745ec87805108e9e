"""The exchange's own record as rows for counting: when and how each request went, what the law answered, and nobody's name."""

import datetime as dt
import json
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from exchange_making import NOW, PERSON, as_role, do, holding, lodge

pytestmark = [
    pytest.mark.usefixtures("database"),
    pytest.mark.filterwarnings("ignore:fetch_arrow_table:DeprecationWarning"),  # Ibis 12 calls what DuckDB 2.0 calls old
]


def rows_of(*streams: UUID) -> list[dict[str, Any]]:
    """The rows of these requests, as the operator reads them."""
    from detainer.exchange import outcome_rows

    with as_role("detainer_worker"):
        every = {row["request"]: row for batch in outcome_rows.rows() for row in batch}
    return [every[str(stream)] for stream in streams]


def seen_by(agency: UUID | None) -> set[str]:
    """The requests that a session of an agency gets rows of."""
    from detainer.exchange import outcome_rows, session

    with session.acting(agency):
        return {row["request"] for batch in outcome_rows.rows() for row in batch}


def test_a_request_that_ended_in_a_hand_over_has_its_times_and_its_answers(ice: Any, missouri: Any) -> None:
    request, _ = holding(ice, missouri)
    do(missouri.clerk, "request.hand_over", {}, request, now=NOW + dt.timedelta(hours=5))
    [row] = rows_of(request)
    assert (row["outcome"], row["confirmed"]) == ("handed_over", True)
    assert row["facility_code"] == missouri.facility
    assert row["lodged_at"] == row["acknowledged_at"] == row["decided_at"] == row["hold_started_at"] == NOW
    assert row["handed_over_at"] == NOW + dt.timedelta(hours=5)
    assert (row["ask_hold"], row["ask_notify"]) == ("honoured", "honoured")
    assert row["answer_hold"] in ("must", "may", "needs_facts")


def test_what_has_not_come_is_null_and_what_was_not_asked_too(ice: Any, missouri: Any) -> None:
    [row] = rows_of(lodge(ice, missouri, "notify"))
    assert (row["outcome"], row["ask_notify"], row["ask_hold"]) == ("open", "open", None)
    assert row["handed_over_at"] is row["decided_at"] is row["hold_started_at"] is None


def test_a_decision_that_was_taken_back_is_none(ice: Any, missouri: Any) -> None:
    from detainer.exchange import models

    request = lodge(ice, missouri, "notify")
    do(missouri.clerk, "request.acknowledge", {}, request)
    do(missouri.clerk, "request.decide", {"ask": "notify"}, request)
    with as_role("detainer_worker"):
        decided = models.Event.objects.get(stream=request, kind="decided")
    do(missouri.clerk, "request.correct", {"corrects": str(decided.id), "reason": "a slip", "void": True}, request)
    assert rows_of(request)[0]["decided_at"] is None


def test_a_row_names_nobody(ice: Any, missouri: Any) -> None:
    [row] = rows_of(lodge(ice, missouri))
    told = json.dumps(row, default=str)
    assert not [said for said in (PERSON["name"], PERSON["date_of_birth"], "A200000001", "person") if str(said) in told]


def test_an_agency_gets_its_own_requests_and_nobody_gets_none(ice: Any, missouri: Any, party: Any) -> None:
    request = lodge(ice, missouri)
    other = party("custodian")
    assert str(request) in seen_by(missouri.id)
    assert str(request) in seen_by(ice.id)
    assert str(request) not in seen_by(other.id)
    assert seen_by(None) == set()


def test_the_rows_are_those_of_the_outcomes_and_build_a_report(ice: Any, missouri: Any, tmp_path: Path) -> None:
    import pyarrow.parquet as pq

    from detainer import outcomes
    from detainer.exchange import outcome_rows
    from detainer.outcomes.deriving.from_record import ROWS

    request, _ = holding(ice, missouri)
    do(missouri.clerk, "request.end_hold", {}, request, now=NOW + dt.timedelta(hours=30))
    do(missouri.clerk, "request.hand_over", {}, lodge(ice, missouri))
    with as_role("detainer_worker"):
        [batch] = list(outcome_rows.rows())
        made = outcomes.build_record([batch], tmp_path / "ours", outcomes.Options(threshold=0))
    assert set(batch[0]) == set(ROWS.names)
    assert (made.source, made.counts) == ("exchange", {"requests": len(batch)})
    mix = pq.read_table(tmp_path / "ours" / "measures" / "outcome_mix.parquet").to_pylist()
    assert sum(part["numerator"] for part in mix) == mix[0]["denominator"] > 0
    held = {part["category"]: part["numerator"] for part in pq.read_table(tmp_path / "ours/measures/held.parquet").to_pylist()}
    assert held["to_48"] >= 1
    time_to = outcomes.summary(tmp_path / "ours", (), "time_acknowledged")
    assert time_to[0]["category"] == "within_hour"
    place = outcomes.facility(tmp_path / "ours", missouri.facility)
    assert {"ask_notify", "ask_hold", "time_delivered"} <= set(place.measures)
    assert (tmp_path / "ours" / "report.html").is_file()
