"""The clocks that a state's law starts: from the receipt, the release, the bond, to the end of the day; the earliest governs."""

import datetime as dt
from collections.abc import Callable
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from exchange_making import ADMINISTRATIVE, NOW, as_role, book, do, last, lodge, row, rows

pytestmark = pytest.mark.usefixtures("database")

FORM, REGULATION = "us-time-limit/form_2017", "us-time-limit/regulation"


@pytest.fixture
def at(ice: Any, party: Callable[..., Any]) -> Callable[..., tuple[Any, UUID, UUID]]:
    """Lodges a request with a jail of a state, carries it there, books the person; returns the jail, the request, the stay."""

    def make(state: str, *asks: str, zone: str = "America/New_York", **more: Any) -> tuple[Any, UUID, UUID]:
        from detainer.exchange import jobs

        jail = party("custodian", jurisdiction=f"us/{state}", zone=zone)
        request = lodge(
            ice, jail, *(asks or ("notify", "hold")), basis={**ADMINISTRATIVE, "probable_cause": ["final_order"]}, **more
        )
        waiting = rows("Delivery", stream=request, channel="inbox")
        with as_role("detainer_worker"):
            for delivery in waiting:
                jobs.deliver(delivery.id, NOW)
        stay = book(jail, occurred="2026-03-01T20:00-05:00")
        do(jail.clerk, "request.acknowledge", {"stay": str(stay)}, request)
        return jail, request, stay

    return make


def holds(request: UUID, zone: str = "America/New_York") -> dict[str, str]:
    """Return until when under each rule, in the facility's own time; the one that governs is marked."""
    found = rows("Deadline", stream=request, kind="hold_expiry", open=True)
    local = {each.rule: each.due_at.astimezone(ZoneInfo(zone)).isoformat(timespec="minutes") for each in found}
    return {each.rule: local[each.rule] + (" *" if each.governs else "") for each in found}


def test_in_north_carolina_notice_is_due_within_two_hours_and_the_hold_counts_from_the_release(at: Any) -> None:
    jail, request, stay = at("nc")
    charged = [{"offence": "assault", "level": "felony", "statute": "N.C.G.S. 14-32"}]
    do(jail.clerk, "stay.charge", {"charges": charged}, stay)
    do(jail.clerk, "request.record_facts", {"facts": {"judicial_identity_order": True}}, request)
    do(jail.clerk, "stay.release_due", {"occurred": "2026-03-02T09:50-05:00"}, stay)
    assert {rule: due for rule, due in holds(request).items() if rule.startswith("nc-")} == {
        "nc-48h-from-release": "2026-03-04T09:50-05:00"
    }
    (notice,) = rows("Deadline", stream=request, kind="notice_due")
    assert (notice.rule, notice.due_at) == ("nc-notify-two-hours", dt.datetime(2026, 3, 2, 16, 50, tzinfo=dt.UTC))
    assert notice.cite == "N.C.G.S. 162-62 as amended by S.L. 2025-85"


def test_in_colorado_six_hours_run_from_the_bond_whoever_is_held(at: Any) -> None:
    jail, request, stay = at("co", zone="America/Denver")
    do(jail.clerk, "stay.release_due", {"cause": "sentence_served", "occurred": "2026-03-02T07:00-07:00"}, stay)
    assert holds(request) == {}  # a hold is forbidden, and nobody posted a bond
    do(jail.clerk, "stay.release_due", {"cause": "bail_posted", "occurred": "2026-03-02T07:30-07:00"}, stay)
    assert holds(request, "America/Denver") == {"co-bond-six-hours": "2026-03-02T13:30-07:00 *"}
    assert (
        row("Request", request).view["facts"]["release_ground"] == "bond_posted"
    )  # the law was asked again, for it turns on that


def test_in_georgia_the_state_s_48_hours_stand_beside_the_form_s_and_the_hold_keeps_them_all(at: Any) -> None:
    jail, request, stay = at("ga")
    do(jail.clerk, "request.serve", {}, request)
    do(jail.clerk, "request.decide", {"ask": "hold", "reason": "as ordered"}, request)
    do(jail.clerk, "stay.release_due", {"occurred": "2026-03-02T09:30-05:00"}, stay)
    do(jail.clerk, "request.start_hold", {}, request)
    due = "2026-03-04T09:30-05:00"
    assert holds(request) == {FORM: f"{due} *", REGULATION: due, "ga-4214-48h": due}
    kept = {each["rule"]: each["governs"] for each in last(request, "hold_started").data["deadlines"]}
    assert kept == {FORM: True, REGULATION: False, "ga-4214-48h": False}


def test_a_person_who_has_left_is_under_no_hold_s_clock(at: Any) -> None:
    jail, request, stay = at("ga")
    do(jail.clerk, "stay.release_due", {"occurred": "2026-03-02T09:30-05:00"}, stay)
    assert holds(request)
    do(jail.clerk, "stay.transfer", {}, stay)
    assert holds(request) == {}
