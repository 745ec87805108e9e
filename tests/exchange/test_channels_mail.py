"""E-mail and fax through a real mail server: what a letter says and does not say, who is refused, what comes back."""

import datetime as dt
import email
import email.policy
from email.message import EmailMessage
from typing import Any

import pytest
from exchange_making import NOW, PERSON, as_role, kinds, last, lodge, refused, rows, told

from receiver_making import mailing

pytestmark = pytest.mark.usefixtures("database")

LATER = NOW + dt.timedelta(minutes=7)
DESK, DOWN_THE_HALL = "desk@sheriff.example", "night@sheriff.example"
GATEWAY = {"FAX_GATEWAY": "{number}@fax.example"}


def channel(agency: Any, address: str, kind: str = "email") -> Any:
    from detainer.exchange.channels import own
    from detainer.exchange.session import acting

    with acting(agency.id):
        return own.save(agency.id, own.SaveChannel(kind=kind, address=address), NOW).channel


def drain(agency: Any, kind: str = "email", now: dt.datetime = LATER) -> None:
    from detainer.exchange import sending

    with as_role("detainer_worker"):
        sending.drain(agency.id, kind, lambda: now)


def only(agency: Any, kind: str = "email") -> Any:
    (found,) = rows("Delivery", to_agency=agency.id, channel=kind)
    return found


def letter(envelope: Any) -> EmailMessage:
    found = email.message_from_bytes(envelope.content, policy=email.policy.default)
    assert isinstance(found, EmailMessage)
    return found


def take(text: bytes) -> bool:
    """Take a mail that came back, as the operator's command does."""
    from detainer.exchange import bounces

    with as_role("detainer_worker"):
        return bounces.take(bounces.read(text), LATER)


def bounce(envelope: Any, *, action: str = "failed", status: str = "5.1.1", to: str = "", part: str = "message/rfc822") -> bytes:
    """Return the report that a mail server sends about a letter (RFC 3464), with the letter in it."""
    original = letter(envelope)
    head = f"Message-ID: {original['Message-ID']}\nSubject: {original['Subject']}\n"
    return f"""From: MAILER-DAEMON@mail.example
To: {to or "somebody@exchange.example"}
Subject: Undelivered
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

It could not be delivered.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.example

Final-Recipient: rfc822; {DESK}
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 {status} unknown

--b
Content-Type: {part}

{head}
--b--
""".replace("\n", "\r\n").encode()


# --- e-mail ---


def test_a_letter_tells_a_reference_and_a_link_and_nothing_of_the_person(ice: Any, essex: Any) -> None:
    from detainer.exchange.channels.mail import reference_of

    with mailing() as server:
        channel(essex, DESK)
        request = lodge(ice, essex)
        drain(essex)
    (envelope,) = server.took
    found = letter(envelope)
    assert envelope.rcpt_tos == [DESK]
    assert f"https://exchange.example/requests/{request}" in found.get_content()
    assert reference_of(request) in found["Subject"]
    assert found["From"] == "detainer@exchange.example"
    names = (*PERSON["name"].split(), PERSON["date_of_birth"], PERSON["numbers"]["a_number"], ice.key)
    assert [name for name in names if name in envelope.content.decode()] == []
    assert last(request, "delivered").data["channel"] == "email"


def test_the_envelope_and_the_message_id_tell_the_delivery_and_nobody_else_can_make_them(ice: Any, essex: Any) -> None:
    from detainer.exchange.channels.mail import marked

    with mailing() as server:
        channel(essex, DESK)
        lodge(ice, essex)
        drain(essex)
    delivery = only(essex).pk
    assert (marked(server.took[0].mail_from), marked(letter(server.took[0])["Message-ID"])) == (delivery, delivery)
    forged = server.took[0].mail_from.replace(f"{delivery.hex}.", f"{delivery.hex}.0")[:-20] + "@exchange.example"
    assert marked(forged) is None
    assert marked(f"detainer+{delivery.hex}.00000000@exchange.example") is None


def test_a_mail_server_that_refuses_one_recipient_keeps_no_other_from_its_letter(ice: Any, essex: Any, missouri: Any) -> None:
    with mailing() as server:
        server.replies[DESK] = f"550 5.1.1 <{DESK}> no such mailbox"
        channel(essex, DESK), channel(missouri, DOWN_THE_HALL)
        lodge(ice, essex), lodge(ice, missouri)
        drain(essex), drain(missouri)
    assert [one.rcpt_tos for one in server.took] == [[DOWN_THE_HALL]]
    assert (only(essex).needs_person, only(essex).failure) == (True, "the mail server refused the recipient: 550 5.1.1")
    assert (only(missouri).needs_person, only(missouri).delivered_at) == (False, LATER)


def test_a_mailbox_that_is_full_is_tried_again(ice: Any, essex: Any) -> None:
    with mailing() as server:
        server.replies[DESK] = "452 4.2.2 mailbox full"
        channel(essex, DESK)
        lodge(ice, essex)
        drain(essex)
        assert (only(essex).needs_person, only(essex).failure) == (False, "the mail server refused the recipient: 452 4.2.2")
        server.replies.clear()
        drain(essex, now=LATER + dt.timedelta(minutes=2))
    assert only(essex).delivered_at is not None


def test_a_mail_server_that_is_away_is_waited_for(ice: Any, essex: Any) -> None:
    with mailing():
        channel(essex, DESK)
        lodge(ice, essex)
    with mailing(EMAIL_PORT=1):
        drain(essex)
    assert (only(essex).failure, only(essex).needs_person) == ("no connection to the mail server, or it broke off", False)
    with mailing() as server:
        drain(essex, now=LATER + dt.timedelta(minutes=2))
    assert len(server.took) == 1


@pytest.mark.parametrize(
    "address", ["nobody", "a@b", "a@b.example\nBcc: c@d.example", "a@b.example, c@d.example", "A <a@b.example>"]
)
def test_what_is_not_one_address_is_refused(address: str, essex: Any) -> None:
    from detainer.exchange.channels import mail
    from detainer.exchange.refusals import Refused

    with mailing(), pytest.raises(Refused):
        mail.check(address)


def test_where_there_is_no_mail_server_no_channel_is_promised(essex: Any) -> None:
    with refused("invalid", "kind"):
        channel(essex, DESK)
    with mailing(), refused("invalid", "kind"):
        channel(essex, "+1 617 555 0100", "fax")


# --- what comes back ---


def bounced(ice: Any, essex: Any, **how: Any) -> tuple[Any, bool]:
    """Send a letter and let it come back; return the request, and whether that was news."""
    with mailing() as server:
        channel(essex, DESK)
        request = lodge(ice, essex)
        drain(essex)
    return request, take(bounce(server.took[0], **how))


@pytest.mark.parametrize("part", ["message/rfc822", "text/rfc822-headers"])
def test_a_letter_that_comes_back_needs_a_person_and_its_arrival_is_withdrawn(part: str, ice: Any, essex: Any) -> None:
    from detainer.exchange.work import of_row
    from detainer.record.event import effective

    request, is_news = bounced(ice, essex, part=part)
    delivery = only(essex)
    assert is_news
    assert (delivery.delivered_at, delivery.needs_person, delivery.failure) == (None, True, "the mail came back: 5.1.1")
    assert kinds(request)[-2:] == ["delivered", "corrected"]
    assert "delivered" not in [event.kind for event in effective(map(of_row, told(request)))]


def test_one_that_comes_back_twice_is_no_news_and_may_be_tried_again(ice: Any, essex: Any) -> None:
    from detainer.exchange import deliveries
    from detainer.exchange.session import acting

    with mailing() as server:
        channel(essex, DESK)
        request = lodge(ice, essex)
        drain(essex)
        back = bounce(server.took[0], part="text/plain", to=server.took[0].mail_from)  # by the envelope alone
        assert [take(back), take(back)] == [True, False]
        with acting(ice.id):
            assert deliveries.try_again(only(essex).pk, LATER)
        drain(essex)
        assert letter(server.took[1])["Message-ID"] == letter(server.took[0])["Message-ID"]
    assert only(essex).delivered_at == LATER
    assert kinds(request)[-3:] == ["delivered", "corrected", "delivered"]


def test_word_of_a_delay_changes_nothing(ice: Any, essex: Any) -> None:
    request, is_news = bounced(ice, essex, action="delayed", status="4.4.1")
    assert (is_news, only(essex).needs_person, kinds(request)[-1]) == (False, False, "delivered")


@pytest.mark.parametrize(
    "text", [b"", b"Subject: out of office\r\n\r\nback on Monday", b"\xff\xfe\x00", b"Content-Type: multipart/report\r\n\r\n"]
)
def test_what_is_no_bounce_of_ours_is_refused(text: bytes) -> None:
    from detainer.exchange import bounces
    from detainer.exchange.refusals import Refused

    with pytest.raises(Refused):
        bounces.read(text)


# --- fax ---


def test_a_fax_carries_a_cover_sheet_with_the_code_that_acknowledges_it(ice: Any, essex: Any) -> None:
    from detainer.exchange import receipt_codes

    with mailing(**GATEWAY) as server:
        channel(essex, "(617) 555-0100", "fax")
        request = lodge(ice, essex)
        drain(essex, "fax")
    (envelope,) = server.took
    assert envelope.rcpt_tos == ["16175550100@fax.example"]
    (pdf,) = letter(envelope).iter_attachments()
    assert pdf.get_content_type() == "application/pdf"
    assert pdf.get_content().startswith(b"%PDF-")
    assert PERSON["name"].split()[0] not in str(letter(envelope).get_body())
    kept = rows("ReceiptCode", delivery=only(essex, "fax"))[0]
    code = receipt_codes._code(only(essex, "fax").pk)
    assert code not in (kept.code_hash, kept.reference)
    receipt = receipt_codes.use(kept.reference, code, "booking desk", LATER)
    assert (receipt.stream, receipt.is_new) == (request, True)
    assert last(request, "received").data == {"of": str(last(request, "lodged").id), "how": "code", "who": "booking desk"}


def test_a_fax_that_is_sent_again_bears_the_same_code(ice: Any, essex: Any) -> None:
    from detainer.exchange import receipt_codes

    with mailing(**GATEWAY):
        channel(essex, "+1 617 555 0100", "fax")
        lodge(ice, essex)
    delivery = only(essex, "fax")
    with as_role("detainer_worker"):
        assert receipt_codes.make(delivery, NOW) == receipt_codes.make(delivery, LATER)


@pytest.mark.parametrize("number", ["none", "12", "+0 617 555 0100", "617-555-0100 x 12", "16175550100@evil.example"])
def test_what_is_no_fax_number_is_refused(number: str) -> None:
    from detainer.exchange.channels import fax
    from detainer.exchange.refusals import Refused

    with mailing(**GATEWAY), pytest.raises(Refused):
        fax.check(number)
