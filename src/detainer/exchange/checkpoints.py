"""Proof of the whole record: every stream's chain, and a signed day's hash over all heads."""

import base64
import contextlib
import datetime as dt
import hashlib
import hmac
from collections.abc import Iterator
from itertools import groupby

from django.conf import settings
from django.db import connection, transaction

from detainer.exchange.models import Checkpoint, Stream
from detainer.exchange.models import Event as EventRow
from detainer.exchange.work import of_row
from detainer.record.event import Broken, Event, broken

BATCH = 2000


def verify() -> Iterator[Broken]:
    """Yield what is wrong with the record: per stream the first event that breaks its chain, or the head that is not its last.

    Runs as the worker, who sees every stream. Yields nothing when the record is whole.
    """
    heads = {row.id: row for row in Stream.objects.all().iterator(chunk_size=BATCH)}
    rows = EventRow.objects.order_by("stream_id", "version").iterator(chunk_size=BATCH)
    for stream, group in groupby((of_row(row) for row in rows), key=lambda event: event.stream):
        events = list(group)
        head = heads.pop(stream, None)
        found = broken(events) or _head(head, events[-1])
        if found:
            yield found
    for stream_id in heads:
        yield Broken(event=stream_id, stream=stream_id, version=0, why="has no event: all events of this stream are missing")


def _head(head: Stream | None, last: Event) -> Broken | None:
    if head is not None and (head.version, head.head) == (last.version, last.hash):
        return None
    is_cut = head is not None and head.version > last.version
    why = (
        f"is the last event there is, but the stream has {head.version}: those behind it are missing"
        if head is not None and is_cut
        else "is not the last event that the stream's head names: the head was changed"
    )
    return Broken(event=last.id, stream=last.stream, version=last.version, why=why)


@contextlib.contextmanager
def one_moment() -> Iterator[None]:
    """Run a block that reads everything as it stood at one moment, whatever is written meanwhile."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


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
