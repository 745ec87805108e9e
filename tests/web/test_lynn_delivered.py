"""The Lynn case as it could have been told: a webhook at the court, e-mail at the sheriff's, the whole ladder on the page."""

import datetime as dt
import html
import json
import re
from typing import Any

import pytest
from web_making import acting, do, lodge, now, signed_in, table

from receiver_making import allowing, mailing, receiving, says
from role_making import as_role

pytestmark = pytest.mark.usefixtures("database")

DESK, NIGHT = "records@sheriff.example", "night@sheriff.example"


def channel(agency: Any, kind: str, address: str) -> None:
    from detainer.exchange.channels import own

    with acting(agency.id):
        own.save(agency.id, own.SaveChannel(kind=kind, address=address), now())


def sent(agency: Any, kind: str, after: dt.timedelta = dt.timedelta()) -> None:
    """Send what waits for an agency by one channel, as the worker does."""
    from detainer.exchange import jobs, sending

    with as_role("detainer_worker"):
        for delivery in table("Delivery").objects.filter(to_agency=agency.id, channel="inbox", delivered_at=None):
            jobs.deliver(delivery.pk, now())
        sending.drain(agency.id, kind, lambda: now() + after)


def fired(request: Any, after: dt.timedelta) -> int:
    """Fire what is due of the request then, as the worker does."""
    from detainer.exchange import firing

    with as_role("detainer_worker"):
        return firing.fire(request, now() + after)


def ladder(agency: Any, role: str, request: Any) -> str:
    """What a side reads of who has the request."""
    page = signed_in(getattr(agency, role)).get(f"/requests/{request}")
    assert page.status_code == 200
    (shown,) = re.findall(r'<ol class="det-ladder">(.*?)</ol>', page.content.decode(), re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", shown)).split())


def test_the_lynn_case_with_a_webhook_and_e_mail_shows_every_rung_to_both_sides(party: Any) -> None:
    ice = party("requester", facility_kind="federal", jurisdiction="us")
    court = party("court", "custodian", facility_kind="court", jurisdiction="us/ma/lynn")
    sheriff = party("custodian", jurisdiction="us/ma/essex")
    with allowing(), mailing() as mails, receiving(says(503), says(200, b"queued")) as courts_own:
        channel(court, "webhook", courts_own.url)
        channel(sheriff, "email", DESK)
        channel(sheriff, "second_email", NIGHT)

        # The request reaches the court's own system at the second try: the first is answered 503, and everybody sees it.
        request = lodge(ice, court, "notify", "hold", reference="ERO-24-0129")
        sent(court, "webhook")
        assert "503" in ladder(ice, "officer", request)
        sent(court, "webhook", dt.timedelta(hours=1))
        assert "503" not in ladder(ice, "officer", request)
        first, second = courts_own.got
        assert first[0]["webhook-id"] == second[0]["webhook-id"]
        said = json.loads(second[1])
        assert (said["type"], said["subject"]) == ("org.detainer.request.lodged.v1", str(request))
        assert "Ana Maria" not in second[1].decode()

        # The person goes on to the county's jail, and the request after them: the sheriff is told by e-mail, and names nobody.
        do(court.clerk, "request.relay", {"facility": sheriff.facility}, request)
        sent(sheriff, "email")
        (letter,) = [one for one in mails.took if DESK in one.rcpt_tos]
        assert str(request) in letter.content.decode()
        assert "Ana Maria" not in letter.content.decode()

        # Nobody answers: three reminders, the second contact, and it goes by e-mail to whoever is there at night.
        for hours in range(1, 6):
            assert fired(request, dt.timedelta(hours=hours, minutes=5)) >= 1
            sent(sheriff, "second_email", dt.timedelta(hours=hours, minutes=6))
        assert any(NIGHT in one.rcpt_tos for one in mails.took)
        for side, role in ((ice, "officer"), (sheriff, "clerk")):
            read = ladder(side, role, request)
            for words in ("E-mail", "Reminder 1", "Reminder 3", "Second contact"):
                assert words in read, (side.key, words, read)

        # The clerk opens it, acknowledges, says until when, and answers each ask as the law here lets it.
        signed_in(sheriff.clerk).get(f"/requests/{request}")
        do(sheriff.clerk, "request.acknowledge", {"booking_number": "24-129"}, request)
        by = (now() + dt.timedelta(hours=2)).isoformat(timespec="minutes")
        do(sheriff.clerk, "request.will_answer", {"by": by}, request)
        assert "Will answer by" in ladder(ice, "officer", request)
        do(sheriff.clerk, "request.decide", {"ask": "notify", "choice": "honour"}, request)
        do(sheriff.clerk, "request.decide", {"ask": "hold", "choice": "decline", "reason": "Lunn v. Commonwealth"}, request)
        do(sheriff.clerk, "request.give_notice", {"of": "release"}, request)

    for side, role in ((ice, "officer"), (sheriff, "clerk")):
        read = ladder(side, role, request)
        for rung in ("Sent", "Accepted by the channel", "E-mail", "Opened", "Acknowledged by a named person", "Answered"):
            assert rung.lower() in read.lower(), (side.key, rung, read)
        assert "not recorded" not in read
    with acting(ice.id):
        kinds = list(table("Event").objects.filter(stream=request, kind="delivered").values_list("data__channel", flat=True))
    assert {"inbox", "webhook", "email"} <= set(kinds)
