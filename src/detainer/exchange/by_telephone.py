"""What could not be delivered is told by telephone: a statement on the request, and the delivery needs no person any more."""

import datetime as dt
from typing import Final
from uuid import UUID

from django.db import connection

from detainer.exchange.commands import named, perform_once
from detainer.exchange.models import Delivery
from detainer.exchange.refusals import Refused
from detainer.exchange.roles import SPEAKING, Actor
from detainer.exchange.session import acting
from detainer.record.said import Line, Occurred, Payload

TEXT: Final = "Told by telephone what could not be delivered by {channel} ({kind}); taken by: {who}"


class ToldByTelephone(Payload):
    """Which delivery, who took the call (badge or office, not a name), and when."""

    delivery: UUID
    who: Line
    occurred: Occurred | None = None


def tell(actor: Actor, said: ToldByTelephone, now: dt.datetime) -> UUID:
    """Record that the other agency was told by telephone, once, and return the request.

    Raises Refused: `not-found`; `state` for a delivery that needs no person; and what a statement is refused for.
    """
    if not actor.roles & SPEAKING:
        raise Refused("not-allowed", f"to tell by telephone takes the role {', '.join(sorted(SPEAKING))}")
    with acting(actor.agency, actor.user):
        row = Delivery.objects.filter(pk=said.delivery, from_agency=actor.agency).first()
    if row is None:
        raise Refused("not-found", f"this agency has sent no delivery [{said.delivery}]")
    if not row.needs_person:
        raise Refused("state", "this delivery needs no person: it arrived, or it is being tried")
    data = {"text": TEXT.format(channel=row.channel.replace("_", " "), kind=row.kind.replace("_", " "), who=said.who)}
    data |= {"occurred": said.occurred} if said.occurred else {}
    perform_once(actor, named("request", "state"), data, now=now, stream=row.stream_id, key=f"telephone-{row.pk}")
    with acting(actor.agency, actor.user), connection.cursor() as cursor:
        cursor.execute("SELECT told_by_telephone(%s, %s)", [row.pk, now])
    return row.stream_id
