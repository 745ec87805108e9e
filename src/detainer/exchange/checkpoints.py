"""Proof of the whole record: every stream's chain, and a signed day's hash over all heads."""

import base64
import contextlib
import datetime as dt
import hashlib
from collections.abc import Iterator
from itertools import groupby
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.db import connection, transaction
from pydantic import BaseModel, ConfigDict

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


def root(before: dt.datetime | None = None) -> tuple[int, str]:
    """Return how many streams there are, and one hash over the heads of all, in order of their ids.

    With `before`, as they stood when the last event recorded before that instant was in: so a day's root can be made again.
    """
    digest = hashlib.sha256()
    count = 0
    for stream, version, head in _heads(before):
        digest.update(f"{stream} {version} {head}\n".encode())
        count += 1
    return count, digest.hexdigest()


def _heads(before: dt.datetime | None) -> Iterator[tuple[UUID, int, str]]:
    if before is None:
        yield from Stream.objects.order_by("id").values_list("id", "version", "head").iterator(chunk_size=BATCH)
        return
    last = EventRow.objects.filter(recorded_at__lt=before).order_by("stream_id", "-version").distinct("stream_id")
    yield from last.values_list("stream_id", "version", "hash").iterator(chunk_size=BATCH)


def make(day: dt.date, now: dt.datetime) -> Checkpoint:
    """Write the checkpoint of a day (UTC) that is over, once; return it."""
    count, found = root(_end(day))
    row, _ = Checkpoint.objects.get_or_create(
        day=day, defaults={"made_at": now, "streams": count, "root": found, "signature": signature(day, count, found)}
    )
    return row


def _end(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), dt.UTC)


class Altered(BaseModel):
    """A checkpoint that does not fit the record any more, and why."""

    model_config = ConfigDict(frozen=True)

    day: dt.date
    why: str


def altered() -> Iterator[Altered]:
    """Yield the checkpoints that are not signed by this exchange, or whose root the record of today does not give again.

    It finds what a stream's own chain cannot: a chain that was made anew from its first event, and a stream that is gone.
    """
    for row in Checkpoint.objects.order_by("day"):
        if not is_signed(row):
            yield Altered(day=row.day, why="is not signed with this exchange's key")
        elif root(_end(row.day)) != (row.streams, row.root):
            yield Altered(day=row.day, why="is not what the record says of that day now: something recorded by then was changed")


def signature(day: dt.date, streams: int, found: str) -> str:
    """Return the exchange's signature (Ed25519, base64) of a checkpoint."""
    return base64.b64encode(_key().sign(_signed(day, streams, found))).decode()


def is_signed(row: Checkpoint) -> bool:
    """Return whether a checkpoint carries the signature of this exchange."""
    try:
        _key().public_key().verify(base64.b64decode(row.signature), _signed(row.day, row.streams, row.root))
    except (InvalidSignature, ValueError):
        return False
    return True


def public_key() -> str:
    """Return the key (Ed25519, base64) with which anybody can check a checkpoint's signature."""
    return base64.b64encode(_key().public_key().public_bytes_raw()).decode()


def _signed(day: dt.date, streams: int, found: str) -> bytes:
    return f"{day} {streams} {found}".encode()


def _key() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(hashlib.sha256(b"detainer.checkpoint" + settings.SECRET_KEY.encode()).digest())
