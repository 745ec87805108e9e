"""A request as one agency may see it: its events and view, the stay and the file beside it, now or as known then."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from detainer.exchange import work
from detainer.exchange.models import Event, Facility, File, Stream
from detainer.exchange.refusals import Refused
from detainer.exchange.roles import Actor
from detainer.record import event as record_event
from detainer.record import views, when
from detainer.record.views import RequestView, StayView
from detainer.web import sides
from detainer.web.fields import at_facility
from detainer.web.templatetags.detainer import moment


@dataclass(frozen=True)
class Dossier:
    """A request as one agency may see it: its events and view, the stay and the file beside it, on which side it is read."""

    view: RequestView
    events: tuple[record_event.Event, ...]
    facility: Facility
    parties: tuple[UUID, ...]
    side: sides.Side
    stays: tuple[tuple[record_event.Event, ...], ...] = ()
    files: tuple[tuple[record_event.Event, ...], ...] = ()
    as_of: dt.datetime | None = None

    @property
    def stay(self) -> StayView | None:
        """The stay that the request is linked to, where its reader may see it."""
        linked = next((events for events in self.stays if events[0].stream == self.view.stay), None)
        return views.stay(linked) if linked else None

    @property
    def everything(self) -> list[record_event.Event]:
        """Every event of every stream."""
        return [event for events in (*self.files, *self.stays, self.events) for event in events]


def dossier(actor: Actor, request_id: UUID, as_of: str = "") -> Dossier:
    """Return a request as the session may see it. Raises Refused `not-found`, the same for one that is not there.

    `as_of` is a day or an instant (EDTF): then only what was recorded by its end is told.
    """
    stream = Stream.objects.filter(pk=request_id, kind="request").first()
    events = work.load(request_id) if stream else []
    if stream is None or not events:
        raise Refused("not-found", f"there is no request [{request_id}]")
    facility = Facility.objects.get(pk=views.request(events).facility)
    at = known_by(as_of, facility.zone) if as_of else None
    known = record_event.known_at(events, at) if at else tuple(events)
    if not known:
        raise Refused("not-found", f"nothing of this request was recorded by {moment(at, facility.zone)}")
    view = views.request(known)
    if view.facility != facility.code:
        facility = Facility.objects.get(pk=view.facility)
    beside = _beside(view, known, at)
    return Dossier(
        view=view,
        events=known,
        facility=facility,
        parties=tuple(stream.parties),
        side=sides.side_of(view, actor.agency, stream.parties),
        stays=tuple(events for events in beside if events[0].stream_kind == "stay"),
        files=tuple(events for events in beside if events[0].stream_kind == "file"),
        as_of=at,
    )


def known_by(as_of: str, zone: str) -> dt.datetime:
    """Return the instant by which something must have been recorded: the end of a day of the facility, or the instant said."""
    try:
        at = when.parse(at_facility(as_of.strip(), zone), zone)
    except ValueError as error:
        raise Refused("invalid", str(error)) from error
    if at.to is None:
        raise Refused("invalid", f"[{as_of}] has no end: give a day such as 2024-04-04, or a day and time")
    return at.to if at.is_instant else at.to - dt.timedelta(microseconds=1)


def _beside(
    view: RequestView, events: Sequence[record_event.Event], at: dt.datetime | None
) -> list[tuple[record_event.Event, ...]]:
    """Return the events of the stays that the request names and of the files of its person, as far as the session sees them."""
    streams = {str(view.stay)} | {str(event.data["stay"]) for event in events if event.data.get("stay")}
    streams |= {str(pk) for pk in File.objects.filter(person=view.person).values_list("pk", flat=True)}
    rows = Event.objects.filter(stream__in=streams - {"None"}).exclude(stream_kind="request").order_by("stream", "version")
    found: dict[UUID, list[record_event.Event]] = {}
    for row in rows:
        found.setdefault(row.stream_id, []).append(work.of_row(row))
    known = (record_event.known_at(told, at) if at else tuple(told) for told in found.values())
    return [told for told in known if told]
