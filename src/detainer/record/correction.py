"""Whether a correction may stand: what it names, whose it is, and whether what it gives fits."""

from collections.abc import Sequence
from uuid import UUID

from detainer.record.event import Event, effective, payload_of
from detainer.record.kinds import Corrected


def objection(events: Sequence[Event], corrected: Corrected, says: UUID) -> tuple[str, str] | None:
    """Return why a correction of these events (one stream's, in order of version) may not stand, as (field, message).

    None when it may. Each agency corrects what it said itself; what another said it answers with a statement. The
    event that begins a stream is corrected, never voided: a request sent in error is cancelled.
    """
    event = next((event for event in events if event.id == corrected.corrects), None)
    if event is None:
        return "corrects", f"[{corrected.corrects}] is no event of this record"
    if event.kind == "corrected":
        return "corrects", f"[{event.id}] is itself a correction: correct the event that it names"
    if event.says != says:
        return "corrects", "another agency said that: answer it with a statement"
    return _objection_to_content(events, event, corrected)


def _objection_to_content(events: Sequence[Event], event: Event, corrected: Corrected) -> tuple[str, str] | None:
    is_void = event.id not in {one.id for one in effective(events)}
    gives = corrected.occurred is not None or corrected.data is not None
    if corrected.void and event.version == 1:
        return "void", f"[{event.kind}] begins this record: correct what it says, or end the record"
    if corrected.void and gives:
        return "void", "says that nothing stands, and what stands instead: say one of the two"
    if not corrected.void and not gives and not is_void:
        return "data", "gives nothing that stands instead: say what is right, or void the event"
    return _objection_to_data(event, corrected)


def _objection_to_data(event: Event, corrected: Corrected) -> tuple[str, str] | None:
    if corrected.data is None:
        return None
    try:
        payload_of(event.stream_kind, event.kind, corrected.data)
    except ValueError as error:
        return "data", f"is not what a [{event.kind}] carries: {error}"
    return None
