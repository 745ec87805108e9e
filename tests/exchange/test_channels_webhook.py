"""The webhook, with real receivers on loopback: what is sent, how it is signed, and what each way to fail makes of it."""

import datetime as dt
import json
import socket
import time
from typing import Any
from uuid import UUID, uuid4

import pytest
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent
from exchange_making import NOW
from standardwebhooks import Webhook, WebhookVerificationError

from detainer.record.event import GENESIS, Event
from receiver_making import a_gigabyte, allowing, never, receiving, says, slowly, trickling

pytestmark = pytest.mark.usefixtures("database")

HERE = UUID("0190a000-0000-7000-8000-000000000001")


def channel(url: str, count: int = 1) -> tuple[Any, list[str]]:
    """Return a channel that leads to an address, not kept, and its secrets, the newest first."""
    from detainer.exchange.channels import keys
    from detainer.exchange.models import Channel

    secrets: list[str] = []
    kept: list[dict[str, Any]] = []
    for _ in range(count):
        secret, kept = keys.made(kept, NOW)
        secrets.insert(0, secret)
    return Channel(agency_id=HERE, kind="webhook", address=url, secrets=kept, created_at=NOW, updated_at=NOW), secrets


def message(version: int = 3) -> Any:
    """Return an event on its way."""
    from detainer.exchange.channels.message import Message

    event = Event.model_construct(
        id=uuid4(),
        stream=uuid4(),
        stream_kind="request",
        version=version,
        kind="cancelled",
        occurred="2026-03-01",
        recorded_at=NOW,
        by_agency=HERE,
        by_user=None,
        says=HERE,
        data={"reason": "citizen"},
        prev=GENESIS,
        hash="a" * 64,
    )
    return Message(uuid4(), HERE, uuid4(), event)


def sent(url: str, *messages: Any) -> list[Any]:
    """Send messages to an address as a worker does; return what came of each."""
    from detainer.exchange.channels import webhook

    with webhook.sender(channel(url)[0]) as send:
        return [send(one) for one in messages or (message(),)]


def failure(url: str) -> Any:
    (outcome,) = sent(url)
    assert "localhost" not in outcome.said, "who sends learns where the channel leads"
    return outcome.failure


def test_an_event_goes_out_as_a_cloud_event_under_its_own_id() -> None:
    one = message()
    with allowing(), receiving() as receiver:
        assert sent(receiver.url, one)[0].is_accepted
    headers, body = receiver.got[0]
    told = JSONFormat().read(CloudEvent, body)
    assert (told.get_id(), told.get_source()) == (str(one.event.id), f"urn:uuid:{HERE}")
    assert (told.get_type(), told.get_subject()) == ("org.detainer.request.cancelled.v1", str(one.event.stream))
    assert (told.get_time(), told.get_specversion()) == (NOW, "1.0")
    data: Any = told.get_data()
    assert (data["occurred"], data["version"], data["hash"], data["prev"]) == ("2026-03-01", 3, "a" * 64, GENESIS)
    assert headers["content-type"] == "application/cloudevents+json"
    assert headers["webhook-id"] == str(one.event.id)


def test_the_receiver_can_verify_the_signature_and_not_that_of_other_bytes() -> None:
    from detainer.exchange.channels import webhook

    told, (secret,) = channel("")
    with allowing(), receiving() as receiver:
        told.address = receiver.url
        with webhook.sender(told) as send:
            send(message())
    headers, body = receiver.got[0]
    assert Webhook(secret).verify(body, headers)["data"]["data"] == {"reason": "citizen"}
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(body.replace(b"citizen", b"deceased"), headers)


def test_while_a_secret_is_rotated_either_one_verifies_and_the_one_before_them_no_more() -> None:
    from detainer.exchange.channels import webhook

    told, secrets = channel("", count=3)
    with allowing(), receiving() as receiver:
        told.address = receiver.url
        with webhook.sender(told) as send:
            send(message())
    headers, body = receiver.got[0]
    for secret in secrets[:2]:
        Webhook(secret).verify(body, headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(secrets[2]).verify(body, headers)


def test_what_is_kept_of_a_secret_is_not_the_secret() -> None:
    told, (secret,) = channel("https://records.example/")
    assert secret.startswith("whsec_")
    assert secret[6:30] not in json.dumps(told.secrets)


def test_a_secret_kept_under_another_key_is_told_and_nothing_is_sent_unsigned() -> None:
    from django.test import override_settings

    from detainer.exchange.channels import keys, webhook

    told, _ = channel("")
    with allowing(), receiving() as receiver, override_settings(SECRET_KEY="another key, as long as it should be" * 2):
        keys.key_for.cache_clear()
        told.address = receiver.url
        with webhook.sender(told) as send:
            assert send(message()).failure == "misconfigured"
        assert receiver.got == []
        secret, told.secrets = keys.made(told.secrets, NOW)  # made anew, it signs alone: the one before it is lost
        with webhook.sender(told) as send:
            assert send(message()).is_accepted
    keys.key_for.cache_clear()
    headers, body = receiver.got[0]
    Webhook(secret).verify(body, headers)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (says(500), "server_error"),
        (says(410), "gone"),
        (says(404), "misdirected"),
        (says(422, b"no such subject"), "refused"),
        (says(429, Retry_After="120"), "busy"),
        (says(204), None),
    ],
)
def test_a_status_is_met_by_its_kind(answer: Any, kind: str | None) -> None:
    with allowing(), receiving(answer) as receiver:
        assert failure(receiver.url) == kind


def test_a_redirect_is_not_followed() -> None:
    with allowing(), receiving() as elsewhere, receiving(says(307, Location=elsewhere.url)) as receiver:
        assert failure(receiver.url) == "redirect"
    assert elsewhere.got == []


def test_what_a_receiver_asks_to_wait_is_read_from_seconds_and_from_a_date() -> None:
    later = (dt.datetime.now(dt.UTC) + dt.timedelta(minutes=10)).strftime("%a, %d %b %Y %H:%M:%S GMT")
    with allowing(), receiving(says(429, Retry_After="120"), says(503, Retry_After=later), says(503, Retry_After="soon")) as one:
        first, second, third = sent(one.url, message(), message(), message())
    assert (first.retry_after, first.reply) == (dt.timedelta(minutes=2), "429 ")
    assert dt.timedelta(minutes=9) < second.retry_after <= dt.timedelta(minutes=10)
    assert (second.failure, third.failure, third.retry_after) == ("busy", "server_error", None)


def test_a_receiver_that_does_not_answer_is_given_up_in_time() -> None:
    start = time.monotonic()
    with allowing(seconds=0.4), receiving(never) as receiver:
        assert failure(receiver.url) == "timeout"
    assert time.monotonic() - start < 3


def test_a_receiver_that_answers_a_byte_at_a_time_is_given_up_in_time_all_the_same() -> None:
    start = time.monotonic()
    with allowing(seconds=0.6), receiving(slowly) as receiver:
        assert failure(receiver.url) == "timeout"
    assert time.monotonic() - start < 5  # the head alone would take it fifty seconds


def test_a_receiver_that_takes_the_connection_and_says_nothing_is_given_up_in_time() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent, allowing(seconds=0.4):
        assert failure(f"https://localhost:{silent.getsockname()[1]}/") == "timeout"


@pytest.mark.parametrize(("answer", "seconds"), [(a_gigabyte, 10.0), (trickling, 1.0)])
def test_of_an_endless_reply_only_the_status_counts_and_little_is_read(answer: Any, seconds: float) -> None:
    start = time.monotonic()
    with allowing(seconds=seconds), receiving(answer, says(200)) as receiver:
        first, second = sent(receiver.url, message(), message())
    assert (first.is_accepted, second.is_accepted) == (True, True)
    assert getattr(receiver, "sent", 0) < 20_000_000
    assert time.monotonic() - start < 8


def test_a_certificate_of_another_name_or_of_an_unknown_authority_is_refused() -> None:
    with allowing(), receiving(name="records.example") as receiver:
        assert failure(receiver.url) == "certificate"
    with allowing(CHANNEL_AUTHORITIES=""), receiving() as receiver:
        assert failure(receiver.url) == "certificate"
    assert receiver.got == []


def test_where_nobody_listens_it_is_unreachable_and_so_is_one_that_breaks_off() -> None:
    with socket.create_server(("127.0.0.1", 0)) as there:
        port = there.getsockname()[1]
    with allowing():
        assert failure(f"https://localhost:{port}/") == "unreachable"
        with receiving(lambda to: to.connection.shutdown(socket.SHUT_RDWR)) as receiver:
            assert failure(receiver.url) == "unreachable"


# --- where it may go ---


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "127.8.8.8", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1"),
        *("192.0.0.8", "198.18.0.1", "203.0.113.5", "224.0.0.1", "240.0.0.1", "255.255.255.255"),
        *("::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "ff02::1", "2001:db8::1"),
        *("::ffff:127.0.0.1", "::ffff:169.254.169.254", "2002:7f00:1::", "64:ff9b::a9fe:a9fe"),
    ],
)
def test_a_webhook_may_not_speak_to_an_address_that_is_not_public(address: str) -> None:
    from detainer.exchange.channels.connecting import may_speak_to

    assert not may_speak_to(address, ())


def test_it_may_speak_to_public_addresses_and_to_networks_that_the_operator_allows() -> None:
    from detainer.exchange.channels.connecting import may_speak_to, networks

    assert all(may_speak_to(address, ()) for address in ("8.8.8.8", "2606:4700:4700::1111", "::ffff:8.8.8.8"))
    allowed = networks("10.1.0.0/16, fd00::/8")
    assert all(may_speak_to(address, allowed) for address in ("10.1.2.3", "fd12::1", "::ffff:10.1.2.3", "8.8.8.8"))
    assert not any(may_speak_to(address, allowed) for address in ("10.2.0.1", "127.0.0.1", "fe80::1"))
    assert not may_speak_to("8.8.8.8", allowed, only_allowed=True)


def leads_to(monkeypatch: pytest.MonkeyPatch, *answers: str) -> list[str]:
    """Let every name lead to these addresses, one look after another; return the looks."""
    looks: list[str] = []

    def look(host: str, port: int, *_: Any, **__: Any) -> list[Any]:
        looks.append(host)
        address = answers[min(len(looks), len(answers)) - 1]
        return [(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    monkeypatch.setattr(socket, "getaddrinfo", look)
    return looks


@pytest.mark.parametrize("address", ["127.0.0.1", "169.254.169.254", "::ffff:10.0.0.1"])
def test_a_name_that_leads_to_a_forbidden_address_is_refused_when_it_is_saved(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from detainer.exchange.channels import webhook
    from detainer.exchange.refusals import Refused

    leads_to(monkeypatch, address)
    with pytest.raises(Refused, match=r"it is not a public address \(DETAINER_NETWORKS\)") as caught:
        webhook.check("https://records.example/hook")
    assert caught.value.errors[0].field == "address"


@pytest.mark.parametrize(
    "address",
    [
        *("records.example", "ftp://records.example/", "https://", "https://user:secret@records.example/", "https://[::1/"),
        *("https://records.example/#part", "http://8.8.8.8/", "https://records.example:99999/", "https://169.254.169.254/latest"),
        *("https://2130706433/", "https://0x7f.1/", "https://" + "a" * 70 + ".example/", "javascript:alert(1)"),
    ],
)
def test_an_address_that_is_no_https_address_of_the_public_network_is_refused(address: str) -> None:
    from detainer.exchange.channels import webhook
    from detainer.exchange.refusals import Refused

    with pytest.raises(Refused):
        webhook.check(address)


def test_a_name_that_leads_elsewhere_once_it_was_saved_is_caught_when_the_connection_is_made(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from detainer.exchange.channels import webhook

    looks = leads_to(monkeypatch, "8.8.8.8", "169.254.169.254")
    assert webhook.check("https://records.example/hook") == "https://records.example/hook"
    assert failure("https://records.example/hook") == "forbidden_address"
    assert len(looks) == 2


def test_the_connection_goes_to_the_very_address_that_was_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    with allowing("127.0.0.1/32"), receiving(name="records.example") as receiver:
        port = receiver.url.split(":")[2].split("/")[0]
        looks = leads_to(monkeypatch, "127.0.0.1", "169.254.169.254")  # a second look would be led astray
        assert failure(f"https://records.example:{port}/hook") is None
    assert (len(receiver.got), [name for name in looks if name == "records.example"]) == (1, ["records.example"])


def test_unencrypted_it_only_goes_to_networks_that_the_operator_allows(monkeypatch: pytest.MonkeyPatch) -> None:
    with allowing(), receiving(tls=False) as receiver:
        assert failure(receiver.url) is None
    leads_to(monkeypatch, "8.8.8.8")
    assert failure("http://records.example/") == "forbidden_address"


def test_a_proxy_of_the_environment_does_not_go_around_the_check(monkeypatch: pytest.MonkeyPatch) -> None:
    with allowing(), receiving() as receiver, receiving(tls=False) as proxy:
        for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url.removesuffix("/hook"))
        assert failure(receiver.url) is None
    assert (len(receiver.got), proxy.got) == (1, [])
