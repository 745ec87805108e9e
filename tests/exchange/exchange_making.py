"""What the tests of the exchange give commands with, and look at afterwards: people, requests, stays, and every table."""

import contextlib
import datetime as dt
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.apps import apps
from django.db import connection

from detainer.exchange.refusals import Refused
from role_making import as_role

NOW = dt.datetime(2026, 3, 2, 15, 0, tzinfo=dt.UTC)  # a Monday, 10:00 in Essex County
PERSON = {"name": "Ana Maria Example", "date_of_birth": "1990-05-01", "numbers": {"a_number": "A200000001"}}
ADMINISTRATIVE = {"warrant": "administrative", "warrant_form": "I-200"}

# The least that each command takes, as a door gets it.
LEAST: dict[str, dict[str, Any]] = {
    "request.lodge": {"facility": "NONE", "person": PERSON, "form": "I-247A", "asks": ["notify"]},
    "request.acknowledge": {},
    "request.will_answer": {"by": "2026-03-03"},
    "request.receive": {"of": str(uuid4())},
    "request.answer_clock": {"clock": "hold_expiry", "rule": "us-time-limit/form_2017"},
    "request.consent": {"given": True},
    "request.not_here": {"reason": "never_here"},
    "request.record_facts": {"facts": {"age": 40}},
    "request.serve": {"how": "in_person"},
    "request.decide": {"ask": "notify", "choice": "honour"},
    "request.confirm_decision": {"ask": "notify"},
    "request.give_notice": {},
    "request.notice_received": {},
    "request.start_hold": {},
    "request.end_hold": {"reason": "deadline"},
    "request.hand_over": {},
    "request.relay": {"facility": "NONE"},
    "request.cancel": {"reason": "discretion"},
    "request.cancel_received": {},
    "request.contest": {"ground": "citizenship", "claimed_by": "counsel"},
    "request.answer_contest": {"contest": str(uuid4()), "result": "rejected"},
    "request.make_document": {"kind": "request_sheet"},
    "request.state": {"text": "as our log has it"},
    "request.correct": {"corrects": str(uuid4()), "reason": "a slip", "void": True},
    "request.close": {"cause": "other"},
    "stay.book": {"facility": "NONE", "booking_number": "24-1", "person": PERSON},
    "stay.charge": {"charges": [{"offence": "larceny"}]},
    "stay.appear_in_court": {"what": "arraignment"},
    "stay.plan_release": {"at": "2026-03-05"},
    "stay.release_due": {"cause": "bail_posted"},
    "stay.move": {"to": "court"},
    "stay.transfer": {},
    "stay.release_check": {},
    "stay.release": {},
    "stay.die": {},
    "stay.escape": {},
    "stay.state": {"text": "as our log has it"},
    "stay.correct": {"corrects": str(uuid4()), "reason": "a slip", "void": True},
    "file.begin": {"person": PERSON},
    "file.record": {"kind": "hearing"},
    "file.state": {"text": "as our log has it"},
    "file.correct": {"corrects": str(uuid4()), "reason": "a slip", "void": True},
}


def do(
    actor: Any,
    name: str,
    data: Mapping[str, Any] | None = None,
    on: UUID | None = None,
    *,
    now: dt.datetime = NOW,
    key: str | None = None,
) -> Any:
    """Give a command (`request.decide`) as a door does; return what was done. What is left out of the least is filled in."""
    from detainer.exchange import commands

    kind, _, command = name.partition(".")
    given = {**LEAST[name], **(data or {})}
    return commands.perform_once(actor, commands.named(kind, command), given, now=now, stream=on, key=key)


@contextlib.contextmanager
def refused(kind: str, field: str | None = None) -> Iterator[Any]:
    """The block is refused with this problem (and at this field), and has written nothing in any table."""
    before = everything()
    with pytest.raises(Refused) as caught:
        yield caught
    found = caught.value
    assert found.kind == kind, f"{found.kind}: {found.detail}"
    if field is not None:
        assert field in [error.field for error in found.errors], found.problem()
    assert everything() == before


def lodge(requester: Any, custodian: Any, *asks: str, now: dt.datetime = NOW, **more: Any) -> UUID:
    """Lodge a request for these asks (notify and hold) with a custodian's facility; return its id."""
    told = {"facility": custodian.facility, "asks": asks or ("notify", "hold"), "basis": ADMINISTRATIVE, **more}
    return UUID(str(do(requester.officer, "request.lodge", told, now=now).stream))


def book(custodian: Any, now: dt.datetime = NOW, **more: Any) -> UUID:
    """Book a person; return the id of the stay."""
    told = {"facility": custodian.facility, "booking_number": f"B{uuid4().hex[:12]}", **more}
    return UUID(str(do(custodian.clerk, "stay.book", told, now=now).stream))


def linked(requester: Any, custodian: Any, *asks: str, **more: Any) -> tuple[UUID, UUID]:
    """Lodge a request, book the person and acknowledge; return the ids of the request and of the stay."""
    request, stay = lodge(requester, custodian, *asks, **more), book(custodian)
    do(custodian.clerk, "request.acknowledge", {"stay": str(stay)}, request)
    return request, stay


def holding(requester: Any, custodian: Any) -> tuple[UUID, UUID]:
    """Bring a request to the hold: asked, honoured, served, the release due; where the law lets a hold be chosen."""
    request, stay = linked(requester, custodian)
    for ask in ("notify", "hold"):
        do(custodian.clerk, "request.decide", {"ask": ask}, request)
    do(custodian.clerk, "request.serve", {}, request)
    do(custodian.clerk, "stay.release_due", {}, stay)
    do(custodian.clerk, "request.give_notice", {}, request)
    do(custodian.clerk, "request.start_hold", {}, request)
    return request, stay


# --- what is there afterwards, whoever may see it ----------------------------------------------------------------------


def table(name: str) -> Any:
    """Return a table of the exchange by its model's name; models cannot be imported before Django is set up."""
    return apps.get_model("exchange", name)


def row(name: str, pk: Any) -> Any:
    """Return a row, whoever may see it."""
    with as_role("detainer_worker"):
        return table(name).objects.get(pk=pk)


def rows(name: str, **having: Any) -> list[Any]:
    """Return rows in the order of their keys, whoever may see them."""
    with as_role("detainer_worker"):
        return list(table(name).objects.filter(**having).order_by("pk"))


def told(stream: UUID) -> list[Any]:
    """Return the events of a stream in order."""
    with as_role("detainer_worker"):
        return list(table("Event").objects.filter(stream=stream).order_by("version"))


def kinds(stream: UUID) -> list[str]:
    """Return the kinds of the events of a stream, in order."""
    return [event.kind for event in told(stream)]


def last(stream: UUID, kind: str) -> Any:
    """Return the last event of a kind."""
    return [event for event in told(stream) if event.kind == kind][-1]


def ask(request: UUID, name: str) -> dict[str, Any]:
    """Return one ask of a request as the read table has it."""
    return next(dict(item) for item in row("Request", request).asks if item["ask"] == name)


def seen_by(agency: UUID, name: str, **having: Any) -> list[Any]:
    """Return the rows that an agency sees."""
    from detainer.exchange.session import acting

    with acting(agency):
        return list(table(name).objects.filter(**having).order_by("pk"))


def to(agency: Any, stream: UUID) -> list[str]:
    """Return the kinds of the events of a stream that are on their way to an agency, in order."""
    found = rows("Delivery", to_agency=agency.id, stream=stream)
    return [delivery.kind for delivery in sorted(found, key=lambda delivery: delivery.id)]


TABLES = (
    *("agency", "facility", "membership", "token", "oversight_grant", "identity", "stream", "event", "feed", "request"),
    *("stay", "file", "deadline", "delivery", "idempotency_key", "checkpoint", "procrastinate_jobs", "law_layer", "document"),
)


def everything() -> dict[str, Any]:
    """Return how many rows every table has, and one hash over all heads and all states: equal when nothing was written."""
    counts = ", ".join(f"(SELECT count(*) FROM {name})" for name in TABLES)
    heads = "(SELECT md5(string_agg(head || version, ',' ORDER BY id)) FROM stream)"
    clocks = "(SELECT md5(string_agg(due_at::text || open, ',' ORDER BY id)) FROM deadline)"
    with as_role("detainer_worker"), connection.cursor() as cursor:
        cursor.execute(f"SELECT {counts}, {heads}, {clocks}")
        return dict(zip((*TABLES, "heads", "clocks"), cursor.fetchone(), strict=True))


LAYER = """path: us/ma/essex_county
name: Essex County, Massachusetts
kind: county
as_of: 2026-03-01
binds: the county's jail
summary: The county tells ICE of no release.
rules:
  - id: essex-no-notice
    asks: [notify]
    binds: {facilities: [jail]}
    effect: forbid
    unless: [judicial_criminal_warrant]
    spans: [{from: 2026-01-01}]
    cite: Sheriff's Order 7, section 2
    source: the order
    confidence: high
"""


def adopt(custodian: Any, text: str = LAYER, from_day: str = "2026-03-01", now: dt.datetime = NOW, **more: Any) -> Any:
    """Adopt a layer of law as the supervisor of a custodian; return its entry."""
    from detainer.exchange import law_layers
    from detainer.exchange.session import acting

    said = law_layers.AdoptLayer.model_validate({"text": text, "from_day": from_day, "person": "the sheriff", **more})
    actor = custodian.supervisor
    with acting(actor.agency, actor.user):
        return law_layers.adopt(actor, said, now)


def agreed(custodian: Any, requester: Any, now: dt.datetime = NOW, **terms: Any) -> Any:
    """Have a requester propose terms and the custodian agree to them; return what is in force."""
    from detainer.exchange import agreements
    from detainer.exchange.session import acting

    told = {"custodian": custodian.id, "requester": requester.id, "purposes": "notices of release", **terms}
    proposing, agreeing = requester.supervisor, custodian.supervisor
    with acting(proposing.agency, proposing.user):
        proposal = agreements.propose(proposing, agreements.ProposeAgreement.model_validate(told), now)
    with acting(agreeing.agency, agreeing.user):
        return agreements.agree(agreeing, agreements.AgreeTo(proposal=proposal.id), now)


def ndjson(lines: Sequence[Mapping[str, Any]]) -> bytes:
    """Return the body of a batch."""
    return b"\n".join(json.dumps(line).encode() for line in lines)
