"""Proof of the whole record: every stream's chain, and a signed day's hash over all heads."""

import base64
import datetime as dt
import hashlib
import hmac
from collections.abc import Iterator
from itertools import groupby

from django.conf import settings

from detainer.exchange.models import Checkpoint, Stream
from detainer.exchange.models import Event as EventRow
from detainer.record.event import Broken, Event, broken

BATCH = 2000


def verify() -> Iterator[Broken]:
    """Yield what is wrong with the record: per stream the first event that breaks its chain, or the head that is not its last.

    Runs as the worker, who sees every stream. Yields nothing when the record is whole.
    """
    from detainer.exchange.work import of_row  # noqa: PLC0415

    heads = {row.id: row for row in Stream.objects.all().iterator(chunk_size=BATCH)}
    rows = EventRow.objects.order_by("stream_id", "version").iterator(chunk_size=BATCH)
    for stream, group in groupby((of_row(row) for row in rows), key=lambda event: event.stream):
        events = list(group)
        head = heads.pop(stream, None)
        found = broken(events) or _head(head, events[-1])
        if found:
            yield found
    for stream_id in heads:
        yield Broken(event=stream_id, stream=stream_id, version=0, why="the stream has no event: all of them are missing")
    yield from ()


def _head(head: Stream | None, last: Event) -> Broken | None:
    if head is None or (head.version, head.head) != (last.version, last.hash):
        why = "is the last event there is, but the stream's head names another: events behind it are missing"
        return Broken(event=last.id, stream=last.stream, version=last.version, why=why)
    return None


def root() -> tuple[int, str]:
    """Return how many streams there are, and one hash over the heads of all, in order of their ids."""
    digest = hashlib.sha256()
    count = 0
    for stream, version, head in Stream.objects.order_by("id").values_list("id", "version", "head").iterator(chunk_size=BATCH):
        digest.update(f"{stream} {version} {head}\n".encode())
        count += 1
    return count, digest.hexdigest()


def make(day: dt.date, now: dt.datetime) -> Checkpoint:
    """Write the checkpoint of a day, once; return it."""
    count, found = root()
    row, _ = Checkpoint.objects.get_or_create(
        day=day, defaults={"made_at": now, "streams": count, "root": found, "signature": signature(day, count, found)}
    )
    return row


def signature(day: dt.date, streams: int, found: str) -> str:
    """Return the exchange's signature (HMAC-SHA-256, base64) of a checkpoint."""
    key = hashlib.sha256(b"detainer.checkpoint" + settings.SECRET_KEY.encode()).digest()
    return base64.b64encode(hmac.digest(key, f"{day} {streams} {found}".encode(), "sha256")).decode()
