"""Case files: a directory, accounts of what happened, and commands played again, for demos, tests and the operator's replay.

A case is either an account (`events`: who did what and who says so, entered as they were told) or a play (`steps`: commands
given one after another, with every check that a live command passes). Replaying a case that is already there does nothing.
"""

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final
from uuid import NAMESPACE_URL, UUID, uuid5

from django.db import transaction
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

import detainer
from detainer.exchange import answers, refusals, register
from detainer.exchange.commands.registry import named
from detainer.exchange.commands.run import carry_out
from detainer.exchange.models import Agency, Delivery, Facility, Identity, Membership, OversightGrant, Stream, User
from detainer.exchange.refusals import FieldError, Refused
from detainer.exchange.register import AgencyEntry, FacilityEntry
from detainer.exchange.roles import ROLES, Actor
from detainer.exchange.work import Work
from detainer.record import when
from detainer.record.said import Basis
from detainer.record.said import Stream as StreamKind

NAMESPACE: Final = uuid5(NAMESPACE_URL, "urn:detainer:case")
_AGENCY_FIELDS: Final = ("custodian", "to", "to_agency")  # fields of payloads that a case fills with an agency's key
UNNAMED: Final = "Not named in the source"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Account(_Part):
    """A user of the demo: the password is printed, so it opens nothing but a demo."""

    username: str
    password: str
    agency: str
    roles: tuple[str, ...]
    says: str = ""


class Grant(_Part):
    """An agency lets an oversight body read its records."""

    agency: str
    oversight: str
    basis: str


class Told(_Part):
    """One event of an account: what, when, who did it and who says so."""

    stream: StreamKind
    kind: str
    occurred: str
    by: str
    says: str
    confirmed: bool | None = Field(None, description="False: the source says so itself. Otherwise it follows from by and says.")
    note: str | None = None
    data: dict[str, Any] = {}


class Step(_Part):
    """One command of a play. `on` names the stream it begins or acts on; `$name` in data stands for a stream's id."""

    by: str
    user: str | None = None
    command: str = Field(pattern=r"^(request|stay|file)\.[a-z_]+$")
    on: str
    occurred: str | None = None
    data: dict[str, Any] = {}


class Case(_Part):
    """A case file."""

    case: str
    title: str = ""
    note: str = ""
    source: dict[str, Any] = {}
    agencies: tuple[AgencyEntry, ...] = ()
    facilities: tuple[FacilityEntry, ...] = ()
    accounts: tuple[Account, ...] = ()
    oversight: tuple[Grant, ...] = ()
    events: tuple[Told, ...] = ()
    steps: tuple[Step, ...] = ()
    statements: tuple[dict[str, Any], ...] = ()
    derived: dict[str, Any] = {}


def examples() -> Path:
    """Return the folder of the example cases: in the package, or beside it in a checkout."""
    package = Path(detainer.__file__).parent
    inside = package / "examples"
    return inside if inside.is_dir() else package.parents[1] / "examples"


def read(path: Path) -> Case:
    """Return the case of a file. Raises Refused that names the file and each wrong place in it."""
    try:
        told = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise Refused("invalid", f"{path} cannot be read: {error.strerror}") from error
    except (YAMLError, UnicodeDecodeError) as error:
        raise Refused("invalid", f"{path.name} is not YAML: {' '.join(str(error).split())}") from error
    try:
        return Case.model_validate(_dates_as_text(told))
    except ValidationError as error:
        refused = refusals.invalid(error)
        raise Refused("invalid", f"{path.name}: {refused.detail}", errors=refused.errors) from error


def _dates_as_text(value: Any) -> Any:
    """YAML reads 2024-01-29 as a date; a case means the text."""
    if isinstance(value, dict):
        return {key: _dates_as_text(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_dates_as_text(item) for item in value]
    return value.isoformat() if isinstance(value, dt.date) else value


def replay(case: Case, now: dt.datetime) -> dict[str, UUID]:
    """Enter a case, as the worker and in one transaction; return the ids of its streams by their names.

    Raises Refused where an event or a command is refused, with its number; nothing is then written.
    """
    with transaction.atomic():
        register.enter(case.agencies, case.facilities)
        _enter_accounts(case)
        _enter_grants(case, now)
        known = {row.key: row for row in Agency.objects.all()}
        streams = _tell(case, known, now) if case.events else {}
        return {**streams, **(_play(case, known, now) if case.steps else {})}


def _enter_accounts(case: Case) -> None:
    for account in case.accounts:
        register.add_user(account.username, account.password, account.agency, account.roles, full_name=account.says)


def _enter_grants(case: Case, now: dt.datetime) -> None:
    for grant in case.oversight:
        OversightGrant.objects.get_or_create(
            agency=register.agency(grant.agency),
            oversight=register.agency(grant.oversight),
            ended_at=None,
            defaults={"basis": grant.basis, "granted_at": now},
        )


def stream_id(case: str, name: str) -> UUID:
    """Return the id that a case's stream has in every exchange, so that a second replay finds it."""
    return uuid5(NAMESPACE, f"{case}/{name}")


# --- accounts ---------------------------------------------------------------------------------------------------------


def _tell(case: Case, known: Mapping[str, Agency], now: dt.datetime) -> dict[str, UUID]:
    ids = {kind: stream_id(case.case, kind) for kind in dict.fromkeys(event.stream for event in case.events)}
    if Stream.objects.filter(pk__in=ids.values()).exists():
        return ids
    for kind, stream in ids.items():
        told = [(number, event) for number, event in enumerate(case.events, start=1) if event.stream == kind]
        _tell_stream(case, kind, stream, told, known, now)
    return ids


def _tell_stream(
    case: Case, kind: StreamKind, stream: UUID, told: list[tuple[int, Told]], known: Mapping[str, Agency], now: dt.datetime
) -> None:
    person = stream_id(case.case, "person")
    keys = [key for _, event in told for key in _parties(kind, event)]
    for number, event in told:
        for key in (event.by, event.says):
            if key not in known:
                raise _at(
                    "events", number, refusals.one_field("by", f"the case names the agency [{key}], which it does not describe")
                )
    parties = [known[key].id for key in dict.fromkeys(keys)]
    works: dict[str, Work] = {}
    work = Work(Actor(agency=parties[0], user=None, roles=frozenset()), now)
    work.begin(kind, parties, stream)
    works[case.case] = work
    for number, event in told:
        try:
            _tell_event(work, stream, event, person, known)
        except Refused as refused:
            raise _at("events", number, refused) from refused
    for agency in parties:
        if not Identity.objects.filter(person=person, agency=agency).exists():
            work.also(Identity(person=person, agency_id=agency, shared_by_id=agency, name=UNNAMED))
    work.commit(deliver=False)


def _parties(kind: StreamKind, event: Told) -> list[str]:
    """Return whose stream it is, the owner first: of a request the requester, its custodian, and who is said to have acted."""
    if kind == "file":
        return [event.says]
    if kind == "stay":
        return [event.by, event.says]
    return [event.by, *([event.data["custodian"]] if "custodian" in event.data else []), event.says]


def _tell_event(work: Work, stream: UUID, event: Told, person: UUID, known: Mapping[str, Agency]) -> None:
    data = {key: str(known[value].id) if key in _AGENCY_FIELDS and value in known else value for key, value in event.data.items()}
    if event.note and event.kind != "stated":
        data["note"] = event.note
    if event.kind in ("lodged", "booked", "encountered"):
        data["person"] = str(person)
    facility = Facility.objects.select_related("agency").filter(pk=data.get("facility", "")).first()
    zone = facility.zone if facility else "UTC"
    says, by = known[event.says].id, known[event.by].id
    work.append(stream, event.kind, data, occurred=event.occurred, zone=zone, by_agency=by, says=says)
    if event.kind == "lodged" and facility:
        basis = Basis.model_validate(data.get("basis", {}))
        facts = answers.facts_of(facility, form=data["form"], basis=basis, requester_unit="civil_enforcement", said={})
        started = when.parse(event.occurred, zone).from_ or work.now
        answered = answers.answered(facility, tuple(data["asks"]), facts, started.date())
        work.append(stream, "answered", answered, occurred=event.occurred, zone=zone, by_agency=says, says=says)


# --- plays ------------------------------------------------------------------------------------------------------------


def _play(case: Case, known: Mapping[str, Agency], now: dt.datetime) -> dict[str, UUID]:
    names = dict.fromkeys(step.on for step in case.steps)
    marker = stream_id(case.case, "played")
    if Identity.objects.filter(pk=marker).exists():
        return {}
    ids: dict[str, UUID] = {}
    for number, step in enumerate(case.steps, start=1):
        try:
            ids[step.on] = _play_step(step, ids, known, now)
        except Refused as refused:
            raise _at("steps", number, refused) from refused
    first = known[case.steps[0].by]
    Identity.objects.create(
        id=marker, person=marker, agency=first, shared_by=first, name=f"case {case.case} was played", destroyed_at=now
    )
    return {name: ids[name] for name in names}


def _play_step(step: Step, ids: Mapping[str, UUID], known: Mapping[str, Agency], now: dt.datetime) -> UUID:
    if step.by not in known:
        raise refusals.one_field("by", f"the case names the agency [{step.by}], which it does not describe")
    kind, _, name = step.command.partition(".")
    try:
        command = named(kind, name)  # type: ignore[arg-type]
    except KeyError as error:
        raise refusals.one_field("command", f"there is no command [{step.command}]") from error
    agency = known[step.by]
    actor = Actor(agency=agency.id, user=_user(step, agency), roles=frozenset(ROLES), kinds=frozenset(agency.kinds))
    work = Work(actor, now)
    data = {
        key: str(ids[value[1:]]) if isinstance(value, str) and value[:1] == "$" else value for key, value in step.data.items()
    }
    if step.occurred:
        data["occurred"] = step.occurred
    done = carry_out(work, command, data, ids.get(step.on) if not command.begins else None)
    work.commit(deliver=step.occurred is None)
    if step.occurred and name in ("lodge", "relay", "cancel", "give_notice"):
        _deliver_then(done.stream, step.occurred, work, now)
    return done.stream


def _user(step: Step, agency: Agency) -> UUID | None:
    """Return the user who gives the command: the one named, or the agency's first."""
    members = Membership.objects.filter(agency=agency).order_by("id")
    if step.user:
        members = members.filter(user__username=step.user)
    found = members.values_list("user_id", flat=True).first()
    if step.user and found is None:
        raise refusals.one_field("user", f"[{step.user}] is no user of [{agency.key}]")
    return found or User.objects.filter(username=step.by).values_list("pk", flat=True).first()


def _deliver_then(stream: UUID, occurred: str, work: Work, now: dt.datetime) -> None:
    """Record that what was said in the past also arrived then: the play is of a case that is over."""
    event = next(
        item for item in reversed(work.held[stream].added) if item.kind in ("lodged", "relayed", "cancelled", "notice_given")
    )
    view = Work(work.actor, now).request(stream)
    to = view.requester if event.kind == "notice_given" else view.custodian
    delivery = Delivery(
        event_id=event.id, stream_id=stream, kind=event.kind, from_agency_id=work.actor.agency, to_agency_id=to, created_at=now
    )
    delivery.attempts, delivery.delivered_at = 1, now
    delivery.save()
    receiving = Work(Actor(agency=to, user=None, roles=frozenset()), now)
    receiving.read("request", stream)
    receiving.append(stream, "delivered", {"delivery": str(delivery.id), "channel": "inbox", "to": str(to)}, occurred=occurred)
    receiving.commit(deliver=False)


def _at(part: str, number: int, refused: Refused) -> Refused:
    """Return a refusal with the place in the case file in front."""
    errors = [FieldError(f"{part}[{number}].{error.field}", error.message) for error in refused.errors]
    return Refused(refused.kind, f"{part}[{number}]: {refused.detail}", errors=errors)
