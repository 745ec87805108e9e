"""One command's unit of work: reads streams, takes new events, and writes everything that follows from them at once."""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import Q
from pydantic import ValidationError

from detainer.exchange import deliveries, projection, refusals, writing
from detainer.exchange.models import Document, Feed, Identity, Request, Stream, new_id
from detainer.exchange.models import Event as EventRow
from detainer.exchange.refusals import Refused
from detainer.exchange.roles import Actor
from detainer.record import event as record_event
from detainer.record import lifecycle, views, when
from detainer.record.event import GENESIS, Event
from detainer.record.said import Payload
from detainer.record.said import Stream as StreamKind
from detainer.record.standing import standing

# Events that others append at any time: a command that was made without having seen one is not out of date.
RECEIPTS = frozenset(
    {
        *("delivered", "opened", "received", "notice_received", "cancel_received", "will_answer", "stated"),
        *("clock_fired", "clock_answered", "document_made", "release_checked"),
    }
)
# Events that neither start nor stop a clock (what fires one writes its row itself). Of a request that is only lodged none
# runs: it has not arrived.
STARTS_NO_CLOCK = frozenset({"opened", "stated", "document_made", "clock_fired"})
LODGING = frozenset({"lodged", "answered"})
CLOCKS_DIFFER = dt.timedelta(minutes=5)


class Overtaken(Refused):
    """Only receipts came between the reading and the writing: the same command, done again, may well go through."""


@dataclass
class Held:
    """A stream as this unit of work has read it and added to it."""

    kind: StreamKind
    id: UUID
    parties: tuple[UUID, ...]
    read_version: int
    head: str
    events: list[Event] = field(default_factory=list)
    added: list[Event] = field(default_factory=list)
    new_parties: tuple[UUID, ...] = ()
    zone: str = "UTC"
    _view: Any = None

    @property
    def all_events(self) -> list[Event]:
        """What was read and what was added."""
        return self.events + self.added

    @property
    def version(self) -> int:
        """The version it will have."""
        return self.read_version + len(self.added)

    @property
    def view(self) -> Any:
        """What its events add up to, those that were added among them: made once for each version."""
        if self._view is None or self._view.version != self.version:
            self._view = projection.VIEWS[self.kind](self.all_events)
        return self._view


class Work:
    """Reads first, then writes: `append` only gathers; `commit` writes events, read tables, deliveries and deadlines.

    Every read happens before the first write, so that a transaction's place in the feed follows what it has read.
    """

    def __init__(self, actor: Actor, now: dt.datetime) -> None:
        self.actor = actor
        self.now = now
        self.held: dict[UUID, Held] = {}
        self.identities: list[Identity] = []
        self.documents: list[Document] = []
        self.rested_on: list[Held] = []
        self.still_so: list[Callable[[], bool]] = []
        self.begins_as: UUID | None = None  # the id of the stream that a command begins, where a case file gives it

    # --- reading ---

    def read(self, kind: StreamKind, stream: UUID, seen_version: int | None = None) -> Held:
        """Return a stream that the actor's agency may see. Raises Refused `not-found` (same as absent), or `changed`.

        `seen_version` is the version that the command was made on: refused when more than a receipt came since.
        """
        if stream not in self.held:
            row = Stream.objects.filter(pk=stream, kind=kind).first()
            if row is None:
                raise Refused("not-found", f"there is no {kind} [{stream}]")
            events = load(stream)
            self.held[stream] = Held(kind, stream, tuple(row.parties), row.version, row.head, events)
        held = self.held[stream]
        if seen_version is not None:
            newer = [item for item in held.events if item.version > seen_version and item.kind not in RECEIPTS]
            if newer or seen_version > held.read_version:
                raise changed(held)
        return held

    def read_all(self, kind: StreamKind, streams: Iterable[UUID]) -> None:
        """Read many streams as `read` reads one, in two queries; one that the session does not see is left out."""
        rows = Stream.objects.filter(pk__in=set(streams) - self.held.keys(), kind=kind).in_bulk()
        events: dict[UUID, list[Event]] = {stream: [] for stream in rows}
        for row in EventRow.objects.filter(stream__in=rows).order_by("stream", "version"):
            events[row.stream_id].append(of_row(row))
        for stream, row in rows.items():
            self.held[stream] = Held(kind, stream, tuple(row.parties), row.version, row.head, events[stream])

    def request(self, stream: UUID, seen_version: int | None = None) -> views.RequestView:
        """Return a request as it stands, with what this unit of work has added."""
        view: views.RequestView = self.read("request", stream, seen_version).view
        return view

    def stay(self, stream: UUID, seen_version: int | None = None) -> views.StayView:
        """Return a stay as it stands, with what this unit of work has added."""
        view: views.StayView = self.read("stay", stream, seen_version).view
        return view

    def file(self, stream: UUID, seen_version: int | None = None) -> views.FileView:
        """Return a file as it stands, with what this unit of work has added."""
        view: views.FileView = self.read("file", stream, seen_version).view
        return view

    def rest_on(self, kind: StreamKind, stream: UUID) -> None:
        """Rest on a stream without adding to it: refused at the commit when it has changed by then."""
        self.rested_on.append(self.read(kind, stream))

    def holds_if(self, still_so: Callable[[], bool]) -> None:
        """Ask again at the commit, when its streams are this command's alone; done again from the start if it is not so."""
        self.still_so.append(still_so)

    # --- adding ---

    def begin(self, kind: StreamKind, parties: Iterable[UUID], stream: UUID | None = None) -> UUID:
        """Begin a stream of these parties and return its id."""
        stream = stream or self.begins_as or new_id()
        self.held[stream] = Held(kind, stream, tuple(dict.fromkeys(parties)), 0, GENESIS)
        return stream

    def append(
        self,
        stream: UUID,
        kind: str,
        data: Payload | Mapping[str, Any],
        *,
        occurred: str | None = None,
        zone: str = "UTC",
        by_agency: UUID | None = None,
        says: UUID | None = None,
        recorded_at: dt.datetime | None = None,
    ) -> Event:
        """Add an event to a stream and return it; `occurred` (EDTF) is now unless said.

        Raises Refused: `state` where the life-cycle does not take it, `invalid` for a time in the future, before the
        stream began, or before the person was born, and for data that the kind does not take.
        """
        held = self.held[stream]
        payload = _payload(held.kind, kind, data)
        state, told, _ = standing(held.kind, held.all_events)
        try:
            lifecycle.after(held.kind, state, kind)
        except ValueError as error:
            raise Refused("state", str(error), state=state or None, version=held.read_version) from error
        occurred = occurred or when.instant(self.now)
        self._check_time(held, told, kind, occurred, zone, payload)
        before = held.added[-1] if held.added else None
        added = record_event.sealed(
            id=new_id(),
            stream=stream,
            stream_kind=held.kind,
            version=held.version + 1,
            kind=kind,
            occurred=occurred,
            recorded_at=recorded_at or self.now,
            by_agency=by_agency or self.actor.agency,
            by_user=self.actor.user,
            says=says or self.actor.agency,
            data=payload.model_dump(mode="json", exclude_none=True),
            prev=before.hash if before else held.head,
        )
        held.added.append(added)
        held.zone = zone
        return added

    def add_party(self, stream: UUID, agency: UUID) -> None:
        """Let another agency take part in a stream from now on, and read what it already holds."""
        held = self.held[stream]
        if agency not in held.parties:
            held.new_parties = (*held.new_parties, agency)

    def also(self, identity: Identity | None) -> None:
        """Write an identity with the rest; one that its agency already holds stays as it is."""
        if identity is not None:
            self.identities.append(identity)

    def keep(self, document: Document) -> None:
        """Keep a document with the rest."""
        self.documents.append(document)

    def _check_time(self, held: Held, told: tuple[Event, ...], kind: str, occurred: str, zone: str, payload: Payload) -> None:
        try:
            at = when.parse(occurred, zone)
        except ValueError as error:
            raise refusals.one_field("occurred", str(error)) from error
        if when.is_after(at, self.now + CLOCKS_DIFFER):
            raise refusals.one_field(
                "occurred", f"[{occurred}] is in the future: an event has happened; a plan goes in a field of its own"
            )
        began = when.parse(told[0].occurred, zone) if told else None
        if began and began.from_ and at.to and kind not in ("stated", "corrected") and at.to < began.from_:
            raise refusals.one_field("occurred", f"[{occurred}] is before the {held.kind} began, {when.in_words(began, zone)}")
        if at.to is not None:
            self._check_birth(getattr(payload, "person", None) or _person(told), at.to, occurred, zone)

    def _check_birth(self, person: UUID | None, to: dt.datetime, occurred: str, zone: str) -> None:
        if person is None or to > self.now - dt.timedelta(days=366 * 10):
            return  # spares a query for every event of our day: nobody in custody is under ten
        born = Identity.objects.filter(person=person).values_list("date_of_birth", flat=True).first()
        if born and to <= dt.datetime.combine(born, dt.time(), ZoneInfo(zone)):
            raise refusals.one_field("occurred", f"[{occurred}] is before the person was born")

    # --- writing ---

    def commit(self, *, deliver: bool = True) -> None:
        """Write all that was added. Raises Refused `changed` when another command got there first.

        `deliver=False` is for a replayed account of the past, of which nothing is sent today.
        """
        changed_streams = [held for held in self.held.values() if held.added or held.new_parties]
        rested = [held for held in self.rested_on if not (held.added or held.new_parties)]
        for held in sorted(changed_streams + rested, key=lambda held: held.id):  # in one order: no two wait for each other
            if held.read_version > 0:
                (_grow if held.added or held.new_parties else _keep)(held)
        if not all(still_so() for still_so in self.still_so):
            raise Overtaken("changed", "what this command rests on changed at the same moment: send it again")
        new = [held for held in changed_streams if held.read_version == 0]
        writing.insert(Stream, [_stream(held) for held in new])
        added = [(held, item) for held in changed_streams for item in held.added]
        writing.insert(EventRow, [row_of(item, held.zone) for held, item in added])
        _feed([(party, item.id) for held, item in added for party in (*held.parties, *held.new_parties)])
        _feed([(party, item.id) for held in changed_streams for party in held.new_parties for item in held.events])
        for kind in dict.fromkeys(held.kind for held in new):
            projection.begin(kind, [(held.all_events, held.view) for held in new if held.kind == kind])
        grown = [held for held in changed_streams if held.read_version > 0]
        for kind in dict.fromkeys(held.kind for held in grown):
            projection.update(kind, [(held.all_events, held.view) for held in grown if held.kind == kind])
        self._write_deadlines(changed_streams)
        writing.insert(Identity, [writing.columns(identity) for identity in self.identities], once=True)
        Document.objects.bulk_create(self.documents)
        if deliver:
            deliveries.enqueue(added, self.actor, self.now)

    def _write_deadlines(self, changed_streams: Iterable[Held]) -> None:
        """Set the clocks of every request that changed, and of those whose stay did: after all rows are written."""
        own = [held.id for held in changed_streams if held.kind == "request"]
        for held in changed_streams:
            if held.kind == "stay" and held.read_version > 0:  # no request waits on a stay that has just begun
                linked = Request.objects.filter(Q(live=True) | Q(holding=True), stay=held.id).exclude(pk__in=own)
                for view in linked.values_list("view", flat=True):
                    projection.write_deadlines(views.RequestView.model_validate(view), sees_stay=True)
            elif held.kind == "request" and _moves_clocks(held):
                view = held.view
                # A relay leaves the clocks of the stay behind: then there is no stay that anybody could not see.
                sees_stay = self.actor.agency == view.custodian or view.stay is None
                projection.write_deadlines(view, sees_stay=sees_stay)


def _moves_clocks(held: Held) -> bool:
    added = {item.kind for item in held.added}
    if added == {"delivered"} and held.read_version > 0:  # by another channel than the first it moves nothing
        before = projection.VIEWS[held.kind](held.events)
        return bool(before != held.view.model_copy(update={"version": before.version}))
    return not added <= (STARTS_NO_CLOCK if held.read_version > 0 else LODGING)


def _stream(held: Held) -> dict[str, Any]:
    head = held.added[-1].hash if held.added else held.head
    return {
        "id": held.id,
        "kind": held.kind,
        "parties": [*held.parties, *held.new_parties],
        "version": held.version,
        "head": head,
    }


def _grow(held: Held) -> None:
    """Take a stream to its new version. Raises Refused `changed` when another command got there first."""
    row = _stream(held)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE stream SET version = %s, head = %s, parties = %s WHERE id = %s AND version = %s",
            [row["version"], row["head"], row["parties"], held.id, held.read_version],
        )
        if cursor.rowcount == 0:
            raise changed(held)


def _keep(held: Held) -> None:
    """Keep a stream as it was read until this command is done. Raises Refused `changed` when another got there first."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM stream WHERE id = %s AND version = %s FOR SHARE", [held.id, held.read_version])
        if cursor.fetchone() is None:
            raise changed(held)


def _feed(rows: list[tuple[UUID, UUID]]) -> None:
    """Put events into the feeds of agencies; who writes into another's feed cannot read it."""
    writing.insert(Feed, [{"agency_id": agency, "event_id": event} for agency, event in rows])


def changed(held: Held) -> Refused:
    """Return the refusal of a command made on a stream that has changed since, with its state now."""
    events = load(held.id) or held.events
    state = standing(held.kind, events).state
    version = events[-1].version if events else 0
    only_receipts = all(item.kind in RECEIPTS for item in events if item.version > held.read_version)
    return (Overtaken if only_receipts else Refused)(
        "changed", f"this {held.kind} has changed: it is now [{state}] at version {version}", state=state, version=version
    )


def _payload(stream_kind: StreamKind, kind: str, data: Payload | Mapping[str, Any]) -> Payload:
    if isinstance(data, Payload):
        return data
    try:
        return record_event.payload_of(stream_kind, kind, data)
    except ValidationError as error:
        raise refusals.invalid(error) from error
    except ValueError as error:
        raise refusals.one_field("kind", str(error)) from error


def _person(events: Iterable[Event]) -> UUID | None:
    found = next((item.data["person"] for item in events if item.data.get("person")), None)
    return UUID(str(found)) if found else None


def load(stream: UUID) -> list[Event]:
    """Return the events of a stream that the session may see, in order of version."""
    return [of_row(row) for row in EventRow.objects.filter(stream=stream).order_by("version")]


def of_row(row: EventRow) -> Event:
    """Return a stored event as the record's."""
    return Event.model_construct(
        id=row.id,
        stream=row.stream_id,
        stream_kind=row.stream_kind,
        version=row.version,
        kind=row.kind,
        occurred=row.occurred,
        recorded_at=row.recorded_at,
        by_agency=row.by_agency_id,
        by_user=row.by_user,
        says=row.says_id,
        data=row.data,
        prev=row.prev,
        hash=row.hash,
    )


def row_of(item: Event, zone: str = "UTC") -> dict[str, Any]:
    """Return an event as a row; the instants are for reading in order of time and are no part of what was said."""
    at = when.parse(item.occurred, zone)
    return {
        "id": item.id,
        "stream_id": item.stream,
        "version": item.version,
        "stream_kind": item.stream_kind,
        "kind": item.kind,
        "occurred": item.occurred,
        "occurred_from": at.from_,
        "occurred_to": at.to,
        "recorded_at": item.recorded_at,
        "by_agency_id": item.by_agency,
        "by_user": item.by_user,
        "says_id": item.says,
        "data": item.data,
        "prev": item.prev,
        "hash": item.hash,
    }
