"""The agency's own pages: its channels and its agreements, set by a supervisor, read by the others."""

import re
from collections.abc import Callable
from typing import Any

from page_reading import errors_of, words_of
from web_making import signed_in, text

from receiver_making import allowing, receiving

CHANNELS, AGREEMENTS = "/agency/channels", "/agency/agreements"


def save(client: Any, kind: str, address: str) -> Any:
    return client.post(CHANNELS, {"do": "save", "kind": kind, "address": address})


def test_an_address_that_may_not_be_called_is_refused_with_the_reason_next_to_its_field(essex: Any) -> None:
    client = signed_in(essex.supervisor)
    for address in ("https://169.254.169.254/latest", "https://127.0.0.1/hook", "ftp://records.example", "records.example"):
        sent = save(client, "webhook", address)
        assert sent.status_code == 422
        page = sent.content.decode()
        assert re.search(r'id="id_webhook_address_error">[^<]*<span[^>]*>Error:</span> \S', page), address
        assert address in page
    assert "Not set" in text(client, CHANNELS)


def test_a_webhook_is_set_tried_switched_off_and_given_two_secrets_each_shown_once(essex: Any) -> None:
    client = signed_in(essex.supervisor)
    with allowing(), receiving() as receiver:
        saved = save(client, "webhook", receiver.url)
        first = re.search(r"whsec_[\w+/=]+", saved.content.decode())
        assert first is not None
        page = text(client, CHANNELS)
        assert "whsec_" not in page
        assert "One secret is live" in page
        tried = words_of(client.post(CHANNELS, {"do": "test", "kind": "webhook"}))
        assert "The test was accepted, after" in tried
        newest = re.search(r'name="newest" value="([^"]+)"', page)
        assert newest is not None
        for _ in range(2):  # a page sent again makes no third
            rotated = client.post(CHANNELS, {"do": "rotate", "kind": "webhook", "newest": newest[1]})
        assert rotated.status_code == 302
        assert "Two secrets are live" in text(client, CHANNELS)
    assert "The test did not arrive" in words_of(client.post(CHANNELS, {"do": "test", "kind": "webhook"}))
    assert client.post(CHANNELS, {"do": "off", "kind": "webhook"}).status_code == 302
    assert "Switched off" in text(client, CHANNELS)
    assert client.post(CHANNELS, {"do": "remove", "kind": "webhook"}).status_code == 302
    assert client.post(CHANNELS, {"do": "test", "kind": "webhook"}).status_code == 404


def test_who_is_no_supervisor_sees_which_channels_there_are_and_changes_none(essex: Any) -> None:
    client = signed_in(essex.clerk)
    page = text(client, CHANNELS)
    assert "A supervisor or the administrator of the agency sets its channels." in page
    assert "<form" not in page.split("<main")[1]
    assert save(client, "email", "desk@records.example").status_code == 403


def test_an_exchange_without_a_mail_server_says_so(essex: Any) -> None:
    sent = save(signed_in(essex.supervisor), "email", "desk@records.example")
    assert sent.status_code == 422
    assert "has no mail server" in words_of(sent)


def test_one_side_proposes_and_it_is_in_force_once_the_other_agrees(essex: Any, party: Callable[..., Any]) -> None:
    ice = party("requester", facility_kind="federal", jurisdiction="us")
    ours, theirs = signed_in(essex.supervisor), signed_in(ice.supervisor)
    assert "Nothing is agreed with anybody" in text(ours, AGREEMENTS)
    told = {"do": "propose", "other": f"requester {ice.id}", "urgent_minutes": "15", "routine_minutes": "90"}
    told |= {"receipt_minutes": "45", "contest_hours": "12", "purposes": "Notice of release under our policy."}
    wrong = ours.post(AGREEMENTS, {**told, "urgent_minutes": "0"})
    assert wrong.status_code == 422
    assert errors_of(wrong, "urgent_minutes")
    assert ours.post(AGREEMENTS, told).status_code == 302
    assert "Waits for the other agency" in text(ours, AGREEMENTS)
    proposal = re.search(r'name="proposal" value="([^"]+)"', text(theirs, AGREEMENTS))
    assert proposal is not None
    assert signed_in(ice.officer).post(AGREEMENTS, {"do": "agree", "proposal": proposal[1]}).status_code == 403
    assert ours.post(AGREEMENTS, {"do": "agree", "proposal": proposal[1]}).status_code == 403
    assert theirs.post(AGREEMENTS, {"do": "agree", "proposal": proposal[1]}).status_code == 302
    for client in (ours, theirs):
        page = text(client, AGREEMENTS)
        assert "In force" in page
        assert "answered within 90 minutes" in page
        assert "Waits for the other agency" not in page
    assert "1 entry" not in text(ours, AGREEMENTS)
