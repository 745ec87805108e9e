"""A machine runs a detainer from lodging to hand-over with the words of the pages."""

from typing import Any


def test_a_request_is_lodged_answered_decided_and_carried_out_over_the_api(scene: Any, deliver: Any) -> None:
    request, stay = scene.lodge(), scene.book()
    deliver()
    clerk, officer = scene.clerk, scene.officer
    clerk.done(f"/requests/{request}/acknowledge", {"stay": stay})
    answers = {item["ask"]: item for item in clerk.get(f"/requests/{request}/answers").told["answers"]}
    assert answers["hold"]["value"] == "must_not"
    assert answers["notify"]["value"] == "may"
    assert answers["hold"]["trace"]
    clerk.done(f"/requests/{request}/decide", {"ask": "hold", "choice": "decline"})
    clerk.done(f"/requests/{request}/decide", {"ask": "notify", "choice": "honour"})
    clerk.done(f"/stays/{stay}/release-due", {"cause": "bail_posted"})
    notice = clerk.done(f"/requests/{request}/give-notice", {"place": "front door"})
    deliver()
    officer.done(f"/requests/{request}/notice-received", {"will_come": True})
    clerk.done(f"/requests/{request}/hand-over", {"place": "front door"})
    shown = officer.get(f"/requests/{request}")
    assert shown.told["request"]["outcome"]["value"] == "handed_over"
    assert shown.headers["ETag"] == f'"{shown.told["request"]["version"]}"'
    assert shown.told["identity"]["name"] == "Zebulon Marker"
    rungs = {row["kind"]: row for row in shown.told["deliveries"]}
    assert rungs["notice_given"]["event"] == notice["events"][0]
    assert rungs["lodged"]["delivered_at"]
    assert rungs["lodged"]["acknowledged_at"]
    assert rungs["notice_given"]["acknowledged_at"]
    assert clerk.get(f"/stays/{stay}").told["requests"] == [request]
