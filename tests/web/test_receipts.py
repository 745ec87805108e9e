"""What comes on paper is acknowledged by its code, its answers are entered late; what could not be delivered is seen to."""

import datetime as dt
import re
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from page_reading import errors_of, words_of
from web_making import PERSON, acting, do, lodge, now, signed_in, table, text

RECEIPT, ANSWERS = "/receipt", "/receipt/answers"


@pytest.fixture
def packet(ice: Any, essex: Any) -> tuple[UUID, Any]:
    """A request that was handed over on paper, and the packet."""
    from detainer.exchange.channels import paper

    request = lodge(ice, essex)
    with acting(ice.id):
        event = table("Event").objects.get(stream=request, kind="lodged").pk
    return request, paper.hand_out(ice.officer, event, now())


def kinds(agency: Any, request: UUID) -> list[str]:
    with acting(agency.id):
        return list(table("Event").objects.filter(stream=request).order_by("version").values_list("kind", flat=True))


def give(**typed: str) -> Any:
    return Client(REMOTE_ADDR=f"10.0.{dt.datetime.now(dt.UTC).microsecond % 250}.7").post(RECEIPT, {"who": "badge 4711", **typed})


def test_whoever_has_the_paper_gives_the_receipt_without_an_account(ice: Any, essex: Any, packet: Any) -> None:
    request, made = packet
    assert "No account is needed" in text(Client(), RECEIPT)
    told = {"reference": f" {made.reference.lower()} ", "code": f"{made.code[:4]}-{made.code[4:].lower()}"}
    first, again = give(**told), give(**told)
    assert "Your receipt is recorded" in words_of(first)
    assert "The receipt was given before" in words_of(again)
    for page in (first, again):
        assert PERSON["name"] not in page.content.decode()
        assert str(request) not in page.content.decode()
    assert kinds(essex, request).count("received") == 1
    page = text(signed_in(ice.officer), f"/requests/{request}")
    assert "badge 4711" in page
    assert "by the code of the paper" in page


def test_a_wrong_code_an_unknown_reference_and_a_missing_badge_are_each_said_at_their_field(packet: Any) -> None:
    _, made = packet
    for told in ({"reference": made.reference, "code": "WRONG"}, {"reference": "0000000000", "code": made.code}):
        wrong = give(**told)
        assert wrong.status_code == 422
        assert "open nothing: compare them with the paper" in errors_of(wrong, "code")
    nobody = give(reference=made.reference, code=made.code, who="")
    assert nobody.status_code == 422
    assert errors_of(nobody, "who")


def test_after_ten_wrong_codes_even_the_right_one_opens_nothing(packet: Any) -> None:
    _, made = packet
    for _ in range(10):
        assert give(reference=made.reference, code="WRONG").status_code == 422
    locked = give(reference=made.reference, code=made.code)
    assert locked.status_code == 403
    assert "typed wrong ten times and is locked" in words_of(locked)


def test_who_types_too_often_is_asked_to_wait(packet: Any) -> None:
    client = Client(REMOTE_ADDR="10.1.2.3")
    codes = [client.post(RECEIPT, {"reference": "X", "code": "Y", "who": "Z"}).status_code for _ in range(31)]
    assert codes[0] == 422
    assert codes[-1] == 429


def test_what_was_written_on_a_packet_is_entered_afterwards_and_stands_where_it_occurred(
    ice: Any, essex: Any, packet: Any
) -> None:
    request, made = packet
    client = signed_in(essex.clerk)
    came, answered = ((now() + dt.timedelta(seconds=second)).isoformat() for second in (1, 2))
    told = {"reference": made.reference, "code": made.code, "who": "records", "occurred": came}
    assert "Notify before release" in words_of(client.post(ANSWERS, {**told, "do": "look"}))
    written = {
        **told,
        "answered": answered,
        "acknowledged": "on",
        "booking_number": "26-1",
        "notify.choice": "honour",
        "do": "enter",
    }
    against = client.post(ANSWERS, {**written, "hold.choice": "honour"})
    assert against.status_code == 422
    assert "second person" in errors_of(against, "hold.reason")
    done = client.post(ANSWERS, {**written, "hold.choice": "decline"})
    assert done.status_code == 302
    assert [kind for kind in kinds(essex, request) if kind in ("received", "acknowledged", "decided")] == [
        *("received", "acknowledged", "decided", "decided")
    ]
    assert "Will do" in text(signed_in(ice.officer), f"/requests/{request}")


def test_a_packet_of_another_agency_is_none_of_ours(party: Callable[..., Any], packet: Any) -> None:
    _, made = packet
    client = signed_in(party("custodian").clerk)
    wrong = client.post(
        ANSWERS, {"reference": made.reference, "code": made.code, "who": "x", "occurred": "2026-03-01", "do": "look"}
    )
    assert wrong.status_code == 422
    assert "no code of a packet for this agency" in errors_of(wrong, "code")


def test_a_packet_is_made_handed_over_and_printed_again_by_who_sent_the_request(ice: Any, essex: Any) -> None:
    request = lodge(ice, essex)
    client, address = signed_in(ice.officer), f"/requests/{request}/packet"
    assert "Hand it over on paper" in text(client, f"/requests/{request}")
    assert client.post(address, {"do": "make"}).content.startswith(b"%PDF")
    assert "not handed over yet" in text(client, address)
    assert client.post(address, {"do": "handed"}).status_code == 302
    assert "Handed over" in text(client, address)
    assert "Paper" in text(client, f"/requests/{request}")
    text(signed_in(essex.clerk), address, status=403)


@pytest.fixture
def stuck(ice: Any, essex: Any, as_worker: Any) -> Any:
    """A request whose e-mail nobody took."""
    request = lodge(ice, essex)
    with as_worker():
        one = table("Delivery").objects.get(stream=request, channel="inbox")
        one.pk, one.channel, one.needs_person, one.attempts = UUID(int=request.int ^ 1), "email", True, 3
        one.failure, one.reply_head = "the mail server refused the recipient: 550 5.1.1", "550 no such user"
        one.save(force_insert=True)
    return one


def test_who_sent_it_sees_why_it_was_not_delivered_and_has_it_tried_again(ice: Any, essex: Any, stuck: Any) -> None:
    client = signed_in(ice.officer)
    page = text(client, "/deliveries")
    assert "refused the recipient: 550 5.1.1" in page
    assert "550 no such user" in page
    assert re.search(r'/deliveries"[^>]*>Not delivered <span class="det-count det-count--urgent">1', text(client, "/"))
    theirs = text(signed_in(essex.clerk), f"/requests/{stuck.stream_id}")
    assert "could not be delivered" in theirs
    assert "550 no such user" not in theirs
    assert "550 no such user" in text(client, f"/requests/{stuck.stream_id}")
    assert signed_in(ice.auditor).post("/deliveries", {"do": "again", "delivery": str(stuck.pk)}).status_code == 403
    assert client.post("/deliveries", {"do": "again", "delivery": str(stuck.pk)}).status_code == 302
    assert "Still being tried" in text(client, "/deliveries")


def test_what_could_not_be_delivered_is_told_by_telephone_and_stands_in_the_record(ice: Any, stuck: Any) -> None:
    client = signed_in(ice.officer)
    nobody = client.post("/deliveries", {"do": "told", "delivery": str(stuck.pk), "who": ""})
    assert nobody.status_code == 422
    assert errors_of(nobody, f"{stuck.pk}_who")
    for _ in range(2):
        client.post("/deliveries", {"do": "told", "delivery": str(stuck.pk), "who": "desk 4"})
    assert kinds(ice, stuck.stream_id).count("stated") == 1
    page = text(client, f"/requests/{stuck.stream_id}")
    assert "Told by telephone what could not be delivered by email (lodged); taken by: desk 4" in page
    assert "Nothing: every channel took what you sent" in text(client, "/deliveries")


def test_an_alarm_a_promise_and_a_receipt_have_forms_that_work(ice: Any, essex: Any) -> None:
    request = lodge(ice, essex)
    clerk = signed_in(essex.clerk)
    do(essex.clerk, "request.acknowledge", {}, request)
    past = clerk.post(f"/requests/{request}/will_answer", {"by": "2020-01-01"})
    assert past.status_code == 422
    assert "not still to come" in errors_of(past, "by")
    assert clerk.post(f"/requests/{request}/will_answer", {"by": "2099-01-01 09:30"}).status_code == 302
    for client in (clerk, signed_in(ice.officer)):
        assert "In time so far" in text(client, f"/requests/{request}")
    do(ice.officer, "request.contest", {"ground": "citizenship", "claimed_by": "person"}, request)
    page = text(clerk, f"/requests/{request}")
    assert "You owe a receipt for the claim" in words_of(clerk.get(f"/requests/{request}"))
    of = re.search(rf"/requests/{request}/receive\?of=([0-9a-f-]+)", page)
    assert of is not None
    assert clerk.post(f"/requests/{request}/receive", {"of": of[1]}).status_code == 302
    assert "You owe" not in words_of(clerk.get(f"/requests/{request}"))
    do(ice.officer, "request.cancel", {"reason": "discretion"}, request)
    assert f"/requests/{request}/cancel_received" in text(clerk, f"/requests/{request}")
