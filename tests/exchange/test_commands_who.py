"""Who may give which command: by role, by side, by agency. Walked from the table of commands, so a new one is covered."""

import dataclasses
from typing import Any
from uuid import uuid4

import pytest
from exchange_making import LEAST, PERSON, book, do, lodge, refused, seen_by, told

from detainer.exchange.refusals import Refused

pytestmark = pytest.mark.usefixtures("database")


def commands(*, begins: bool) -> list[Any]:
    from detainer.exchange.commands import COMMANDS

    return [command for command in COMMANDS if command.begins is begins]


def name_of(command: Any) -> str:
    return f"{command.stream}.{command.name}"


def with_every_role(actor: Any, **more: Any) -> Any:
    from detainer.exchange.roles import ROLES

    return dataclasses.replace(actor, roles=frozenset(ROLES), **more)


@pytest.fixture
def streams(ice: Any, essex: Any) -> dict[str, Any]:
    """One stream of each kind: a request of both, the jail's stay, the requester's file."""
    file = do(ice.officer, "file.begin", {"person": PERSON}).stream
    return {"request": lodge(ice, essex), "stay": book(essex), "file": file}


def test_every_command_has_data_to_be_tested_with() -> None:
    assert {name_of(command) for begins in (True, False) for command in commands(begins=begins)} == set(LEAST)


def test_a_user_of_another_agency_is_told_the_same_as_of_a_stream_that_is_not_there(bristol: Any, streams: Any) -> None:
    stranger = with_every_role(bristol.clerk, kinds=frozenset({"custodian", "requester", "court"}))
    for command in commands(begins=False):
        stream, absent = streams[command.stream], uuid4()
        with refused("not-found") as guessed:
            do(stranger, name_of(command), on=stream)
        with refused("not-found") as missing:
            do(stranger, name_of(command), on=absent)
        assert guessed.value.detail.replace(str(stream), "") == missing.value.detail.replace(str(absent), "")


def test_a_command_is_not_refused_as_absent_to_those_whose_stream_it_is(ice: Any, essex: Any, streams: Any) -> None:
    for command in commands(begins=False):
        owner = ice if command.stream == "file" or command.side == "requester" else essex
        assert why_refused(with_every_role(owner.supervisor), command, streams[command.stream]) not in (
            "not-found",
            "not-allowed",
        )


def why_refused(actor: Any, command: Any, stream: Any) -> str | None:
    try:
        do(actor, name_of(command), on=stream)
    except Refused as refusal:
        return refusal.kind
    return None


def test_oversight_reads_and_never_writes(ice: Any, essex: Any, inspector: Any, streams: Any) -> None:
    body = inspector(ice, essex)
    reader = with_every_role(body.auditor)
    for command in commands(begins=False):
        stream = streams[command.stream]
        assert seen_by(body.id, "Stream", pk=stream)
        with refused("not-allowed"):
            do(reader, name_of(command), on=stream)


def test_oversight_begins_nothing_even_with_every_role(ice: Any, essex: Any, inspector: Any) -> None:
    reader = with_every_role(inspector(ice, essex).auditor)
    for command in commands(begins=True):
        with refused("not-allowed"):
            do(reader, name_of(command))


def test_an_auditor_of_a_party_gives_no_command(ice: Any, essex: Any, streams: Any) -> None:
    for command in (*commands(begins=False), *commands(begins=True)):
        for side in (ice, essex):
            with refused("not-allowed"):
                do(side.auditor, name_of(command), on=streams[command.stream])


def test_each_command_takes_one_of_its_roles(ice: Any, essex: Any, streams: Any) -> None:
    from detainer.exchange.roles import ROLES

    for command in commands(begins=False):
        owner = ice if command.stream == "file" or command.side == "requester" else essex
        for role in set(ROLES) - command.roles:
            with refused("not-allowed"):
                do(dataclasses.replace(owner.clerk, roles=frozenset({role})), name_of(command), on=streams[command.stream])


def test_the_other_side_of_a_request_cannot_give_a_side_s_command(ice: Any, essex: Any, streams: Any) -> None:
    for command in commands(begins=False):
        if command.stream == "request" and command.side in ("custodian", "requester"):
            other = ice if command.side == "custodian" else essex
            with refused("not-allowed"):
                do(with_every_role(other.supervisor), name_of(command), on=streams["request"])


def test_only_a_requester_lodges_and_only_a_custodian_or_a_court_books(ice: Any, essex: Any, party: Any) -> None:
    court = party("court", facility_kind="court")
    with refused("not-allowed"):
        do(with_every_role(essex.clerk), "request.lodge", {"facility": essex.facility})
    with refused("not-allowed"):
        do(with_every_role(ice.officer), "stay.book", {"facility": ice.facility})
    assert told(book(court))


def test_a_command_on_a_stream_of_another_kind_is_not_found(essex: Any, streams: Any) -> None:
    with refused("not-found"):
        do(essex.clerk, "request.acknowledge", on=streams["stay"])
    with refused("not-found"):
        do(essex.clerk, "stay.release", on=streams["request"])


def test_a_command_on_no_stream_is_not_found(essex: Any) -> None:
    with refused("not-found"):
        do(essex.clerk, "request.acknowledge")


def test_what_a_command_does_not_take_is_refused_by_its_name(essex: Any, streams: Any) -> None:
    for command in commands(begins=False):
        if command.stream != "file":
            with refused("invalid", "no_such_field"):
                do(with_every_role(essex.clerk), name_of(command), {"no_such_field": 1}, streams[command.stream])
