"""A custodian's roster in one go: many stays from lines of JSON, all of them or none."""

import datetime as dt
import json
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.conf import settings
from pydantic import ValidationError

from detainer.exchange import refusals
from detainer.exchange.commands import stays
from detainer.exchange.commands.registry import named
from detainer.exchange.commands.run import in_turn
from detainer.exchange.models import Facility, Stay
from detainer.exchange.refusals import FieldError, Refused
from detainer.exchange.roles import Actor
from detainer.exchange.session import acting
from detainer.exchange.work import Work


def book_all(actor: Actor, body: bytes, *, now: dt.datetime) -> dict[str, Any]:
    """Book every person of an NDJSON roster in one transaction; a booking number that is already booked is left as it is.

    Returns how many were booked and how many were known, with the ids of the new stays in order of the lines. Raises
    Refused `invalid` that lists every wrong line by its number, and has then written nothing; `too-large` for more than
    MAX_BATCH_LINES lines.
    """
    command = named("stay", "book")
    if not actor.roles & command.roles or not actor.kinds & {"custodian", "court"}:
        raise Refused("not-allowed", "only a custodian's clerk can book")
    lines = body.splitlines()
    if len(lines) > settings.MAX_BATCH_LINES:
        raise Refused("too-large", f"{len(lines)} lines: a batch holds {settings.MAX_BATCH_LINES} at most")

    def once() -> dict[str, Any]:
        with acting(actor.agency, actor.user):
            work = Work(actor, now)
            booked, known = _book_lines(work, lines)
            work.commit()
        return {"booked": len(booked), "known": known, "ids": [str(stay) for stay in booked]}

    return in_turn(once)


def _book_lines(work: Work, lines: list[bytes]) -> tuple[list[UUID], int]:
    wrong: list[FieldError] = []
    good: list[tuple[int, stays.Book, str | None]] = []
    for number, line in enumerate(lines, start=1):
        if line.strip():
            try:
                good.append((number, *_read(line)))
            except Refused as refused:
                wrong += _located(number, refused)
    facilities = {row.code: row for row in Facility.objects.filter(agency=work.actor.agency).select_related("agency")}
    numbers = [said.booking_number for _, said, _ in good]
    taken = set(
        Stay.objects.filter(custodian=work.actor.agency, booking_number__in=numbers).values_list("booking_number", flat=True)
    )
    booked: list[UUID] = []
    seen: dict[str, int] = {}
    for number, said, occurred in good:
        if said.booking_number in taken:
            continue
        if said.booking_number in seen:
            wrong.append(FieldError(f"line {number}.booking_number", f"is the same as on line {seen[said.booking_number]}"))
            continue
        seen[said.booking_number] = number
        try:
            facility = facilities.get(said.facility.upper()) or stays.own_facility(work, said.facility)
            booked.append(stays.begin(work, said, facility, occurred))
        except Refused as refused:
            wrong += _located(number, refused)
    if wrong:
        detail = f"{len({error.field.split('.')[0] for error in wrong})} of {len(lines)} lines are wrong; nothing was written"
        raise Refused("invalid", detail, errors=wrong)
    return booked, len(taken)


def _read(line: bytes) -> tuple[stays.Book, str | None]:
    try:
        told = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise Refused("invalid", f"not a line of JSON: {error}") from error
    if not isinstance(told, dict):
        raise Refused("invalid", "not a JSON object")
    occurred = told.pop("occurred", None)
    if occurred is not None and not isinstance(occurred, str):
        raise refusals.one_field("occurred", "a text such as 2024-01-29T09:30-05:00")
    try:
        return stays.Book.model_validate(told), occurred
    except ValidationError as error:
        raise refusals.invalid(error) from error


def _located(number: int, refused: Refused) -> Iterator[FieldError]:
    if not refused.errors:
        yield FieldError(f"line {number}", refused.detail)
    for error in refused.errors:
        yield FieldError(f"line {number}.{error.field}", error.message)
