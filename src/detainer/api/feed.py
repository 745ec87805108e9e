"""The feed: every event that the agency may read, in an order in which none is ever passed over."""

import json
import threading
import time
from typing import Annotated, Any, Final

from django.db import connection
from django.http import HttpRequest, HttpResponse
from ninja import Query

from detainer.api import cursors, shapes
from detainer.api.reading import LISTED, After
from detainer.api.replies import answer
from detainer.api.routes import router
from detainer.api.tokens import actor_of, known_only
from detainer.exchange.roles import Actor
from detainer.exchange.session import acting

LONGEST_WAIT: Final = 25  # seconds: below the half minute after which proxies give up
PAUSE: Final = 0.25  # seconds between two looks
# Callers that wait in one process at a time: each holds a thread of the server; one more is answered at once.
WAITING: Final = threading.BoundedSemaphore(8)

# A row is shown once every transaction that could still write a lower place has ended (pg_snapshot_xmin).
_NEXT: Final = """
    SELECT feed.txid, feed.position, event.id, event.stream_id AS stream, event.stream_kind, event.version, event.kind,
           event.occurred, event.recorded_at, event.by_agency_id AS by_agency, event.by_user, event.says_id AS says,
           event.data, event.prev, event.hash
      FROM feed JOIN event ON event.id = feed.event_id
     WHERE feed.agency_id = %s AND (feed.txid, feed.position) > (%s, %s)
       AND feed.txid < pg_snapshot_xmin(pg_current_snapshot())::text::bigint
     ORDER BY feed.txid, feed.position
     LIMIT %s
"""


@router.get(
    "/events", operation_id="events", summary="The feed", tags=["events"], response={200: shapes.Feed}, openapi_extra=LISTED
)
@known_only
def events(
    request: HttpRequest,
    after: After = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    wait: Annotated[
        float, Query(ge=0, le=LONGEST_WAIT, description="Seconds to wait for the next event where there is none.")
    ] = 0,
) -> HttpResponse:
    """The events of the agency's requests, stays and files, each once, none passed over; `next` is where to go on.

    The order is that of the feed: the events of one stream in order of version.
    """
    actor, place = actor_of(request), cursors.numbers(after) if after else (0, 0)
    found, place = _look(actor, place, limit)
    if found or not wait:
        return _page(found, place)
    if not WAITING.acquire(blocking=False):
        return _page(found, place, **{"Retry-After": "1"})
    try:
        return _page(*_wait(actor, place, limit, time.monotonic() + wait))
    finally:
        WAITING.release()


def _page(found: list[dict[str, Any]], place: tuple[int, int], **headers: str) -> HttpResponse:
    return answer({"events": found, "next": cursors.written(*place)}, **headers)


def _wait(actor: Actor, place: tuple[int, int], limit: int, until: float) -> tuple[list[dict[str, Any]], tuple[int, int]]:
    """Look again and again until something is there or the time is over. Between two looks the connection is others' to use."""
    found: list[dict[str, Any]] = []
    while not found and (left := until - time.monotonic()) > 0:
        connection.close()
        time.sleep(min(PAUSE, left))
        found, place = _look(actor, place, limit)
    return found, place


def _look(actor: Actor, place: tuple[int, int], limit: int) -> tuple[list[dict[str, Any]], tuple[int, int]]:
    """Return the next events behind a place, and the place of the last one; the same place when there are none."""
    with acting(actor.agency, actor.user), connection.cursor() as cursor:
        cursor.execute(_NEXT, [actor.agency, *place, limit])
        names = [column.name for column in cursor.description]
        rows = cursor.fetchall()
    found = [dict(zip(names[2:], row[2:], strict=True)) for row in rows]
    for event in found:
        event["data"] = json.loads(event["data"])
    return found, (rows[-1][0], rows[-1][1]) if rows else place
