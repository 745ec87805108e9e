"""A command that is sent again is done once; a command made on what has changed is not done."""

import threading
from typing import Any
from uuid import uuid4

from .scene import LODGE


def test_the_same_key_with_the_same_body_gives_the_first_reply_again(scene: Any) -> None:
    said, headers = {**LODGE, "facility": scene.custodian.facility}, {"Idempotency-Key": str(uuid4())}
    first, second = (scene.officer.post("/requests", said, headers=headers) for _ in range(2))
    assert (first.status, second.status) == (201, 201)
    assert first.body == second.body
    assert first.headers["ETag"] == second.headers["ETag"]
    assert "Idempotent-Replayed" not in first.headers
    assert second.headers["Idempotent-Replayed"] == "true"
    assert len(scene.officer.get("/requests").told["requests"]) == 1


def test_the_same_key_with_another_body_or_for_another_command_is_refused(scene: Any) -> None:
    headers = {"Idempotency-Key": "number-1"}
    said = {**LODGE, "facility": scene.custodian.facility}
    request = scene.officer.done("/requests", said, headers=headers)["id"]
    for path, body in (("/requests", {**said, "reference": "another"}), (f"/requests/{request}/cancel", {"reason": "citizen"})):
        reply = scene.officer.post(path, body, headers=headers)
        assert (reply.status, reply.problem) == (422, "key-reused")
    # A key is the agency's own: another's of the same words is another key.
    assert scene.clerk.post(f"/requests/{request}/acknowledge", {}, headers=headers).status == 200


def test_a_refused_command_leaves_its_key_free(scene: Any) -> None:
    headers = {"Idempotency-Key": "number-1"}
    assert scene.officer.post("/requests", {**LODGE, "facility": "NOWHERE1"}, headers=headers).status == 422
    assert scene.officer.post("/requests", {**LODGE, "facility": scene.custodian.facility}, headers=headers).status == 201


def test_a_key_that_cannot_be_kept_is_refused(scene: Any) -> None:
    for key in ("", "with space", "x" * 201, "ć"):
        reply = scene.officer.post("/requests", {**LODGE, "facility": scene.custodian.facility}, headers={"Idempotency-Key": key})
        assert (reply.status, reply.fields) == (422, ["Idempotency-Key"])


def test_the_same_key_sent_at_the_same_moment_by_many_is_done_once(scene: Any) -> None:
    from django.db import connection

    said, headers = {**LODGE, "facility": scene.custodian.facility}, {"Idempotency-Key": str(uuid4())}
    replies: list[Any] = []

    def send() -> None:
        replies.append(scene.officer.post("/requests", said, headers=headers))
        connection.close()

    threads = [threading.Thread(target=send) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {reply.status for reply in replies} == {201}
    assert len({reply.body for reply in replies}) == 1
    assert len(scene.officer.get("/requests").told["requests"]) == 1


def test_a_command_on_a_version_that_has_changed_is_refused_with_the_new_state(scene: Any) -> None:
    request = scene.lodge()
    etag = scene.clerk.get(f"/requests/{request}").headers["ETag"]
    scene.officer.done(f"/requests/{request}/cancel", {"reason": "citizen"}, headers={"If-Match": etag})
    for more in ({"headers": {"If-Match": etag}}, {"headers": {"If-Match": f"W/{etag}"}}):
        reply = scene.clerk.post(f"/requests/{request}/acknowledge", {}, **more)
        assert (reply.status, reply.problem, reply.told["state"]) == (409, "changed", "cancelled")
    reply = scene.clerk.post(f"/requests/{request}/acknowledge", {"version": int(etag.strip('"'))})
    assert (reply.status, reply.problem) == (409, "changed")


def test_two_clerks_at_once_one_wins(scene: Any) -> None:
    from django.db import connection

    request = scene.lodge()
    etag = scene.clerk.get(f"/requests/{request}").headers["ETag"]
    replies: list[Any] = []

    def say_not_here() -> None:
        said = {"reason": "never_here"}
        replies.append(scene.clerk.post(f"/requests/{request}/not-here", said, headers={"If-Match": etag}))
        connection.close()

    threads = [threading.Thread(target=say_not_here) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(reply.status for reply in replies) == [200, 409, 409, 409]


def test_a_version_may_be_any_and_is_refused_where_it_is_none_or_two(scene: Any) -> None:
    request = scene.lodge()
    assert scene.clerk.post(f"/requests/{request}/acknowledge", {}, headers={"If-Match": "*"}).status == 200
    reply = scene.clerk.post(f"/requests/{request}/acknowledge", {}, headers={"If-Match": "three"})
    assert (reply.status, reply.fields) == (422, ["If-Match"])
    reply = scene.clerk.post(f"/requests/{request}/acknowledge", {"version": 2}, headers={"If-Match": '"3"'})
    assert (reply.status, reply.fields) == (422, ["version"])
