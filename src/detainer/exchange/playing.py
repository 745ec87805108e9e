"""Plays the commands of a case again, one after another, with every check that a live command passes."""

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from pydantic import TypeAdapter, ValidationError

from detainer.exchange import deliveries, jobs, refusals
from detainer.exchange.case_file import Case, Step, located, stream_id
from detainer.exchange.commands.registry import Command, named
from detainer.exchange.commands.run import carry_out
from detainer.exchange.models import Agency, File, Membership, Request, Stay, Stream
from detainer.exchange.refusals import Refused
from detainer.exchange.roles import ROLES, Actor
from detainer.exchange.work import Work
from detainer.record import when

_FROM_NOW: Final = re.compile(r"now(?:([+-])(P.+))?")
_LENGTH: Final = TypeAdapter(dt.timedelta)


def play(case: Case, known: Mapping[str, Agency], now: dt.datetime) -> dict[str, UUID]:
    """Play a case's steps and return its streams by their names; what was played before is left as it is.

    Raises Refused with the number of the step that is refused.
    """
    streams = {name: stream_id(case.case, name) for name in dict.fromkeys(step.on for step in case.steps)}
    if Stream.objects.filter(pk__in=streams.values()).exists():
        return streams
    for number, step in enumerate(case.steps, start=1):
        try:
            _play(step, streams, known, now)
        except Refused as refused:
            raise located("steps", number, refused) from refused
    return streams


def _play(step: Step, streams: Mapping[str, UUID], known: Mapping[str, Agency], now: dt.datetime) -> None:
    if step.by not in known:
        raise refusals.one_field("by", f"the case names the agency [{step.by}], which neither it nor the directory describes")
    command = _command(step)
    data = {key: _meant(value, streams, now) for key, value in step.data.items()}
    occurred = _meant(step.occurred, streams, now)
    if occurred is not None:
        data["occurred"] = occurred
    work = Work(_actor(step, known[step.by]), now)
    work.begins_as = streams[step.on]
    carry_out(work, command, data, None if command.begins else streams[step.on])
    work.commit(deliver=occurred is None)
    if occurred is not None:
        _arrived_then(work, occurred, now)


def _command(step: Step) -> Command:
    stream, _, name = step.command.partition(".")
    try:
        return named(stream, name)  # type: ignore[arg-type]
    except KeyError as error:
        raise refusals.one_field("command", f"there is no command [{step.command}]") from error


def _actor(step: Step, agency: Agency) -> Actor:
    """Return who gives the command: the user named, with that user's roles; without such an account, nobody by name."""
    members = Membership.objects.filter(agency=agency, user__username=step.user or "").values_list("user_id", "role")
    roles = frozenset(role for _, role in members) or frozenset(ROLES)
    return Actor(agency=agency.id, user=members[0][0] if members else None, roles=roles, kinds=frozenset(agency.kinds))


def _meant(value: Any, streams: Mapping[str, UUID], now: dt.datetime) -> Any:
    """Return what a value of a step stands for: `$name` a stream's id, `$name.person` its person's, `now-PT2H` an instant."""
    if isinstance(value, dict):
        return {key: _meant(item, streams, now) for key, item in value.items()}
    if isinstance(value, list):
        return [_meant(item, streams, now) for item in value]
    if not isinstance(value, str):
        return value
    stream, dot, _ = value.removeprefix("$").partition(".")
    if value in (f"${stream}", f"${stream}.person") and stream in streams:
        return str(_person(streams[stream]) if dot else streams[stream])
    from_now = _FROM_NOW.fullmatch(value)
    return _instant(from_now, now) if from_now else value


def _person(stream: UUID) -> UUID | None:
    """Return whom a stream that the case has begun is about."""
    rows = (model.objects.filter(pk=stream).values_list("person", flat=True).first() for model in (File, Stay, Request))
    return next((person for person in rows if person), None)


def _instant(from_now: re.Match[str], now: dt.datetime) -> str:
    sign, length = from_now.groups()
    try:
        away = _LENGTH.validate_python(length) if length else dt.timedelta()
    except ValidationError as error:
        raise Refused("invalid", f"[{from_now[0]}] is not a time from now: write it as now-PT2H or now+P1D") from error
    return when.instant((now - away if sign == "-" else now + away).replace(second=0, microsecond=0))


def _arrived_then(work: Work, occurred: str, now: dt.datetime) -> None:
    """Record that what was said in the past also arrived then: nothing of it is on its way today."""
    at = when.parse(occurred).from_ or now
    added = [(held, event) for held in work.held.values() for event in held.added]
    for row in deliveries.rows(added, work.actor, at):
        row.attempts, row.delivered_at, row.next_try_at = 1, at, None
        row.save(force_insert=True)
        jobs.record_arrival(row, now, occurred=occurred)
