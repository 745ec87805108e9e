"""Lists in pages, the directory that warns of namesakes, the inbox, a roster, an identity destroyed."""

import json
from typing import Any

import pytest

from .scene import LODGE, PERSON


def pages(caller: Any, path: str, name: str, **query: str) -> list[Any]:
    """Return all rows of a list, read two at a time."""
    rows: list[Any] = []
    after: dict[str, str] = {}
    while True:
        reply = caller.get(path, limit="2", **after, **query)
        assert reply.status == 200, reply.told
        assert len(reply.told[name]) <= 2
        rows += reply.told[name]
        if reply.told["next"] is None:
            return rows
        after = {"after": reply.told["next"]}


def test_a_list_is_read_in_pages_without_a_row_twice_or_left_out(scene: Any, deliver: Any) -> None:
    lodged = [scene.lodge() for _ in range(5)]
    booked = [scene.book(f"B-{number}") for number in range(5)]
    begun = [scene.officer.done("/files", {"person": PERSON})["id"] for _ in range(3)]
    deliver()
    assert [row["id"] for row in pages(scene.officer, "/requests", "requests")] == lodged[::-1]
    assert [row["id"] for row in pages(scene.clerk, "/stays", "stays")] == booked[::-1]
    assert [row["id"] for row in pages(scene.officer, "/files", "files")] == begun[::-1]
    assert [row["request"] for row in pages(scene.clerk, "/inbox", "deliveries")] == lodged[::-1]
    keys = [row["key"] for row in pages(scene.officer, "/agencies", "agencies")]
    assert {scene.requester.key, scene.custodian.key} <= set(keys)
    assert len(keys) == len(set(keys))


def test_requests_are_filtered_by_side_state_facility_and_what_is_undecided(scene: Any) -> None:
    request, decided, cancelled = (scene.lodge() for _ in range(3))
    for ask, choice in (("notify", "honour"), ("hold", "decline")):
        scene.clerk.done(f"/requests/{decided}/acknowledge", {}) if ask == "notify" else None
        scene.clerk.done(f"/requests/{decided}/decide", {"ask": ask, "choice": choice})
    scene.officer.done(f"/requests/{cancelled}/cancel", {"reason": "discretion"})

    def ids(caller: Any, **query: str) -> set[str]:
        return {row["id"] for row in pages(caller, "/requests", "requests", **query)}

    assert ids(scene.clerk, side="custodian") == {request, decided, cancelled}
    assert ids(scene.clerk, side="requester") == set()
    assert ids(scene.officer, side="requester", live="true") == {request, decided}
    assert ids(scene.clerk, live="true", undecided="true") == {request}
    assert ids(scene.clerk, undecided="false") == {decided}
    assert ids(scene.clerk, state="cancelled") == {cancelled}
    assert ids(scene.clerk, facility=scene.custodian.facility.lower()) == {request, decided, cancelled}
    assert ids(scene.clerk, facility="NOWHERE1") == set()


def test_a_stay_is_found_by_its_whole_booking_number(scene: Any) -> None:
    stay = scene.book("B 7/24")
    scene.book("B 7/241")
    assert [row["id"] for row in scene.clerk.get("/stays", booking_number="B 7/24").told["stays"]] == [stay]
    assert scene.clerk.get("/stays", booking_number="B 7").told["stays"] == []
    assert [row["id"] for row in scene.clerk.get("/stays", in_custody="false").told["stays"]] == []


def test_a_facility_is_found_with_those_that_share_its_name(scene: Any, as_worker: Any) -> None:
    from detainer.exchange.models import Facility

    code = scene.custodian.facility
    with as_worker():
        Facility.objects.filter(pk=code).update(name=f"{code} County Jail")
        for number, state in enumerate(("ME", "VT")):
            Facility.objects.create(
                code=f"N{number}{code[-9:]}",
                name=f"{code} county jail",
                kind="jail",
                county="Essex",
                state=state,
                zone="America/New_York",
            )
    found = scene.officer.get("/facilities", q=f"{code} County").told
    assert len(found["facilities"]) == 3
    assert "share a name" in found["warning"]
    own = next(row for row in found["facilities"] if row["code"] == code)
    assert {(row["state"], row["enrolled"]) for row in own["same_named"]} == {("ME", False), ("VT", False)}
    assert [row["code"] for row in scene.officer.get("/facilities", q=code, state="ma").told["facilities"]] == [code]
    shown = scene.officer.get(f"/facilities/{code}").told
    assert shown["zone"] == "America/New_York"
    assert {row["state"] for row in shown["same_named"]} >= {"ME", "VT"}
    assert scene.officer.get("/facilities/NOWHERE1").problem == "not-found"
    assert scene.officer.get("/facilities", state="Massachusetts").fields == ["state"]


def test_a_delivery_climbs_from_created_to_opened_and_the_first_who_opened_it_stays(
    scene: Any, deliver: Any, caller: Any
) -> None:
    request = scene.lodge()
    assert scene.clerk.get("/inbox").told["deliveries"] == []
    deliver()
    [arrived] = scene.clerk.get("/inbox", opened="false").told["deliveries"]
    assert (arrived["request"], arrived["kind"], arrived["opened_at"]) == (request, "lodged", None)
    carried = scene.clerk.get(f"/deliveries/{arrived['id']}").told
    assert carried["carries"]["data"]["facility"] == scene.custodian.facility
    for may_not in (caller(scene.custodian.id, "read"), scene.officer):
        assert may_not.post(f"/deliveries/{arrived['id']}/open").status == 403
    first = scene.clerk.done(f"/deliveries/{arrived['id']}/open")
    assert first["opened_at"]
    assert first["opened_by"] == str(scene.custodian.supervisor.user)
    assert scene.clerk.done(f"/deliveries/{arrived['id']}/open")["opened_at"] == first["opened_at"]
    assert scene.clerk.get("/inbox", opened="false").told["deliveries"] == []
    [rung] = scene.officer.get(f"/requests/{request}").told["deliveries"]
    assert rung["opened_at"] == first["opened_at"]


# --- a roster ---


def roster(scene: Any, numbers: Any, **more: Any) -> bytes:
    rows = ({"facility": scene.custodian.facility, "booking_number": str(number), "person": PERSON, **more} for number in numbers)
    return b"\n".join(json.dumps(row).encode() for row in rows)


def send(scene: Any, body: bytes) -> Any:
    return scene.clerk.post("/stays:batch", body, content_type="application/x-ndjson")


def test_a_roster_is_booked_whole_and_sent_again_it_changes_nothing(scene: Any) -> None:
    first = send(scene, roster(scene, range(30)))
    assert (first.status, first.told["booked"], first.told["known"]) == (200, 30, 0)
    assert scene.clerk.get(f"/stays/{first.told['ids'][7]}").told["stay"]["booking_number"] == "7"
    again = send(scene, roster(scene, range(31)))
    assert (again.told["booked"], again.told["known"]) == (1, 30)


def test_a_roster_with_wrong_lines_tells_each_by_its_number_and_books_nobody(scene: Any) -> None:
    lines = roster(scene, range(6)).split(b"\n")
    lines[1] = b"{"
    lines[3] = json.dumps({"facility": "NOWHERE1", "booking_number": "x", "person": PERSON}).encode()
    lines[5] = lines[4]
    reply = send(scene, b"\n".join(lines))
    assert (reply.status, reply.problem) == (422, "invalid")
    assert {field.split(".")[0] for field in reply.fields} == {"line 2", "line 4", "line 6"}
    assert scene.clerk.get("/stays").told["stays"] == []


def test_a_roster_of_more_than_ten_thousand_lines_or_32_mebibytes_is_refused(scene: Any) -> None:
    assert send(scene, b"\n".join([b"{}"] * 10_001)).problem == "too-large"
    assert send(scene, b" " * (32 * 1024 * 1024 + 1)).problem == "too-large"
    assert send(scene, roster(scene, range(300), note="n" * 3900)).status == 200  # over one mebibyte: a batch may be


def test_only_a_custodians_clerk_books_a_roster(scene: Any) -> None:
    reply = scene.officer.post("/stays:batch", roster(scene, range(2)), content_type="application/x-ndjson")
    assert (reply.status, reply.problem) == (403, "not-allowed")


# --- an identity destroyed ---


def test_an_identity_is_destroyed_under_an_order_and_the_record_stays_whole(scene: Any, caller: Any) -> None:
    from detainer.record.event import Event, broken

    request = scene.lodge()
    person = scene.clerk.get(f"/requests/{request}").told["request"]["person"]
    clerk = caller(scene.custodian.id, "custody")
    assert clerk.post(f"/identities/{person}/expunge", {"order": "2026 CV 7"}).status == 403
    assert scene.clerk.post(f"/identities/{person}/expunge", {}).fields == ["order"]
    gone = scene.clerk.done(f"/identities/{person}/expunge", {"order": "2026 CV 7"})
    assert gone["destroyed_under"] == "2026 CV 7"
    identity = scene.clerk.get(f"/requests/{request}").told["identity"]
    assert (identity["name"], identity["date_of_birth"], identity["destroyed_under"]) == ("", None, "2026 CV 7")
    assert scene.officer.get(f"/requests/{request}").told["identity"]["name"] == PERSON["name"], "each agency's own"
    told = scene.clerk.get(f"/requests/{request}/events").told["events"]
    assert broken(Event.model_validate(event) for event in told) is None
    assert scene.clerk.post(f"/identities/{person}/expunge", {"order": "2026 CV 7"}).status == 404


# --- probes ---


def test_the_probes_answer_without_a_token(scene: Any, deliver: Any, caller: Any) -> None:
    import detainer

    assert caller().get("/livez").told == {"status": "alive", "version": detainer.__version__}
    deliver()
    ready = caller().get("/readyz")
    assert (ready.status, ready.told["status"], ready.told["oldest_undelivered_seconds"]) == (200, "ready", 0)
    scene.officer.done("/requests", {**LODGE, "facility": scene.custodian.facility})
    waiting = caller().get("/readyz").told
    assert 0 < waiting["oldest_undelivered_seconds"] < 60
    assert waiting["version"] == detainer.__version__


@pytest.mark.parametrize("path", ["/livez", "/readyz"])
def test_a_probe_is_only_read(caller: Any, path: str) -> None:
    assert caller().call("POST", path).status == 405


def test_tables_that_are_not_this_versions_are_not_ready(caller: Any, as_superuser: Any) -> None:
    from django.db import connection

    with as_superuser(), connection.cursor() as cursor:
        cursor.execute("UPDATE django_migrations SET name = '0004_later' WHERE app = 'exchange' AND name LIKE '0004_%%'", [])
    try:
        reply = caller().get("/readyz")
    finally:
        with as_superuser(), connection.cursor() as cursor:
            cursor.execute("UPDATE django_migrations SET name = '0004_deliveries' WHERE name = '0004_later'")
    assert (reply.status, reply.told["status"], reply.told["migrations"]) == (503, "not_ready", "behind")
