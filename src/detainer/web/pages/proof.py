"""The proof: what anybody who takes part can check of the record, without trusting the exchange."""

from typing import Any, Final
from uuid import UUID

from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from detainer.exchange import work
from detainer.exchange.checkpoints import public_key
from detainer.exchange.models import Checkpoint, Stream
from detainer.record.event import ALGORITHM, broken
from detainer.web import telling, titles
from detainer.web.access import signed_in
from detainer.web.templatetags.detainer import moment

CHECKPOINTS: Final = 14  # days


@signed_in()
def proof(request: HttpRequest) -> HttpResponse:
    """Show the last checkpoints and how much of the record is this agency's to see; check one chain on the spot."""
    given = request.GET.get("stream", "").strip()[:100]
    counts = dict(Stream.objects.values_list("kind").annotate(Count("pk")))
    context = {
        "counts": [(name, counts.get(kind, 0)) for kind, name in (("request", "Requests"), ("stay", "Stays"), ("file", "Files"))],
        "public_key": public_key(),
        "checkpoints": list(Checkpoint.objects.order_by("-day")[:CHECKPOINTS]),
        "given": given,
        "checked": checked(given) if given else None,
        "algorithm": ALGORITHM,
    }
    return render(request, "proof.html", context)


def checked(given: str) -> dict[str, Any]:
    """Return what the chain of a stream shows: whole or broken and where, its head, and each event with its hash.

    `found` is False for a stream that the session may not see, the same as for one that is not there.
    """
    try:
        stream = Stream.objects.filter(pk=UUID(given)).first()
    except ValueError:
        stream = None
    if stream is None:
        return {"found": False}
    events = work.load(stream.pk)
    wrong = broken(events)
    last = events[-1] if events else None
    is_complete = last is not None and (last.version, last.hash) == (stream.version, stream.head)
    names = telling.names_of(events)
    return {
        "found": True,
        "stream": stream,
        "url": reverse(stream.kind, args=[stream.pk]),
        "is_whole": wrong is None and is_complete,
        "broken": wrong,
        "is_complete": is_complete,
        "events": [
            {
                "version": event.version,
                "title": titles.title(event),
                "says": names.get(event.says, ""),
                "recorded": moment(event.recorded_at),
                "hash": event.hash,
                "is_broken": wrong is not None and wrong.event == event.id,
            }
            for event in events
        ],
    }
