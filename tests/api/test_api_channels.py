"""Channels, what needs a person, and the receipt of a paper, over the API."""

import datetime as dt
import json
from typing import Any
from uuid import uuid4

import pytest
from standardwebhooks import Webhook

from receiver_making import allowing, receiving, says

pytestmark = pytest.mark.usefixtures("database")

NOW = dt.datetime.now(dt.UTC)


@pytest.fixture
def supervisor(scene: Any, caller: Any) -> Any:
    """A machine of the custodian that may set its channels."""
    return caller(scene.custodian.id, "supervise")


def drain(agency: Any, as_worker: Any, now: dt.datetime | None = None) -> None:
    from detainer.exchange import sending

    with as_worker():
        sending.drain(agency.id, "webhook", lambda: now or dt.datetime.now(dt.UTC))


def test_a_channel_is_set_tried_rotated_changed_and_removed(scene: Any, supervisor: Any, as_worker: Any) -> None:
    with allowing(), receiving() as receiver:
        made = supervisor.done("/channels", {"kind": "webhook", "address": receiver.url})
        first = made["secret"]
        assert (made["kind"], made["active"], len(made["secrets"])) == ("webhook", True, 1)
        tried = supervisor.done("/channels/webhook/test")
        assert (tried["accepted"], tried["reply"]) == (True, "200")
        second = supervisor.done("/channels/webhook/rotate", {})["secret"]
        scene.lodge()
        drain(scene.custodian, as_worker)
        test, lodged = receiver.got
        assert json.loads(test[1])["type"] == "org.detainer.test.v1"
        for secret in (first, second):
            assert Webhook(secret).verify(lodged[1], lodged[0])["type"] == "org.detainer.request.lodged.v1"
        again = supervisor.done("/channels", {"kind": "webhook", "address": receiver.url})
        assert again["secret"] is None, "where it leads is changed, and its secret stays"
        shown = supervisor.get("/channels").told["channels"][0]
        assert "secret" not in shown
        assert not {first, second} & set(map(str, shown["secrets"]))
        assert supervisor.call("PATCH", "/channels/webhook", {"active": False}).told["active"] is False
        assert supervisor.call("DELETE", "/channels/webhook").status == 204
        assert supervisor.get("/channels").told["channels"] == []
        assert supervisor.post("/channels/webhook/test").problem == "not-found"


def test_a_test_that_fails_says_how(supervisor: Any) -> None:
    with allowing(), receiving(says(401, b"who are you?")) as receiver:
        supervisor.done("/channels", {"kind": "webhook", "address": receiver.url})
        tried = supervisor.done("/channels/webhook/test")
    assert (tried["accepted"], tried["failure"], tried["reply"]) == (False, "misdirected", "401 who are you?")


@pytest.mark.parametrize("address", ["https://localhost/hook", "https://169.254.169.254/", "nowhere", "https://" + "a" * 600])
def test_an_address_that_no_webhook_may_lead_to_is_refused_at_its_field(supervisor: Any, address: str) -> None:
    reply = supervisor.post("/channels", {"kind": "webhook", "address": address})
    assert (reply.problem, reply.fields) == ("invalid", ["address"])


def test_channels_are_a_supervisors_and_their_own_agencys(scene: Any, supervisor: Any, caller: Any) -> None:
    with allowing(), receiving() as receiver:
        supervisor.done("/channels", {"kind": "webhook", "address": receiver.url})
    clerk = caller(scene.custodian.id, "custody", "read")
    for method, path in (("GET", ""), ("POST", ""), ("PATCH", "/webhook"), ("DELETE", "/webhook"), ("POST", "/webhook/test")):
        assert clerk.call(method, f"/channels{path}", {}).problem == "not-allowed"
    assert scene.other.get("/channels").told["channels"] == []
    assert scene.other.post("/channels/webhook/rotate", {}).problem == "not-found"
    assert supervisor.post("/channels/inbox/rotate", {}).problem == "invalid"


def test_what_needs_a_person_is_listed_for_its_sender_and_tried_again(scene: Any, supervisor: Any, as_worker: Any) -> None:
    with allowing(), receiving(says(410), says(200)) as receiver:
        supervisor.done("/channels", {"kind": "webhook", "address": receiver.url})
        scene.lodge()
        drain(scene.custodian, as_worker)
        (needing,) = scene.officer.get("/deliveries", needs_person="true").told["deliveries"]
        assert (needing["channel"], needing["failure"], needing["attempts"]) == ("webhook", "answered 410", 1)
        assert needing["failing_since"]
        assert scene.clerk.get("/deliveries", needs_person="true").told["deliveries"] == []
        path = f"/deliveries/{needing['id']}/try-again"
        assert scene.clerk.post(path).problem == "not-found"
        assert scene.officer.done(path)["needs_person"] is False
        assert scene.officer.post(path).problem == "state"
        supervisor.call("PATCH", "/channels/webhook", {"active": True})
        drain(scene.custodian, as_worker)
    assert len(receiver.got) == 2
    assert scene.officer.get("/deliveries", needs_person="true").told["deliveries"] == []
    assert [one["channel"] for one in scene.officer.get("/deliveries").told["deliveries"]].count("webhook") == 1


def test_the_inbox_holds_an_event_once_whatever_its_channels(scene: Any, supervisor: Any, as_worker: Any, deliver: Any) -> None:
    with allowing(), receiving() as receiver:
        supervisor.done("/channels", {"kind": "webhook", "address": receiver.url})
        scene.lodge()
        drain(scene.custodian, as_worker)
        deliver()
    assert len(scene.clerk.get("/inbox").told["deliveries"]) == 1


# --- a paper's receipt ---


@pytest.fixture
def packet(scene: Any) -> Any:
    from detainer.exchange.channels import paper

    request = scene.lodge()
    lodged = scene.officer.get(f"/requests/{request}/events").told["events"][0]["id"]
    return paper.hand_out(scene.requester.officer, lodged, NOW)


def test_who_has_the_paper_acknowledges_it_without_a_token(scene: Any, packet: Any, caller: Any) -> None:
    said = {"reference": packet.reference, "code": packet.code, "who": "badge 77"}
    given = caller().done("/receipts", said)
    assert given["is_new"]
    assert caller().done("/receipts", said)["is_new"] is False
    events = scene.officer.get(f"/requests/{given['request']}/events").told["events"]
    assert [event["data"]["who"] for event in events if event["kind"] == "received"] == ["badge 77"]


def test_a_wrong_code_is_refused_and_too_many_calls_from_one_address_are(packet: Any, caller: Any) -> None:
    from django.core.cache import cache

    cache.clear()
    wrong = {"reference": packet.reference, "code": "00000000"}
    found = [caller().post("/receipts", wrong).status for _ in range(32)]
    assert (found[:10], found[10:30], found[30:]) == ([422] * 10, [403] * 20, [429] * 2)
    cache.clear()


def test_a_receipt_that_is_none_is_refused_at_its_field(caller: Any) -> None:
    assert caller().post("/receipts", {"reference": "A"}).fields == ["code"]
    assert caller().post("/receipts", {"reference": str(uuid4()), "code": "x"}).fields == ["code"]
