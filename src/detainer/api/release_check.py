"""The release check: looked at (GET), or recorded on the stay with what was found (POST)."""

import datetime as dt
from contextlib import suppress
from http import HTTPStatus
from typing import Any, Final
from uuid import UUID

from django.http import HttpRequest, HttpResponse

from detainer.api import shapes
from detainer.api.commands import carry_out, documented_command, done_reply, path_of
from detainer.api.replies import answer, documented
from detainer.api.routes import router
from detainer.api.tokens import actor_of, known_only, reading
from detainer.exchange import release_checking
from detainer.exchange.commands import named
from detainer.exchange.refusals import Refused
from detainer.exchange.session import acting
from detainer.record.release_check import Check

COMMAND: Final = named("stay", "release_check")
PATH: Final = path_of(COMMAND)
ROLES: Final = " or ".join(sorted(COMMAND.roles))


def told(found: Check) -> dict[str, Any]:
    """Return a check as a reply shows it; `owed` says whether going on takes a reason."""
    return {**found.model_dump(mode="json"), "owed": bool(found.duties)}


@router.get(
    PATH,
    operation_id="release_check",
    summary="Look at what a release would leave undone",
    tags=["stays"],
    response={200: shapes.ReleaseCheckShown},
    openapi_extra=documented(HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT, HTTPStatus.UNPROCESSABLE_ENTITY),
)
@reading
def look(request: HttpRequest, id: UUID) -> HttpResponse:  # noqa: A002, ARG001
    """What waits on the stay now: live requests, warrants that a judge signed, what is owed. Nothing is recorded."""
    return answer(told(release_checking.check(id, dt.datetime.now(dt.UTC))))


@router.post(
    PATH,
    operation_id="stay_release_check",
    summary="Check before a release (stay)",
    description=f"{COMMAND.says} It forbids no release.\n\nTakes the role {ROLES}.",
    tags=["stays"],
    response={200: shapes.ReleaseChecked},
    openapi_extra=documented_command(COMMAND),
)
@known_only
def check(request: HttpRequest, id: UUID) -> HttpResponse:  # noqa: A002
    done, actor = carry_out(request, COMMAND, id), actor_of(request)
    found = None
    # Only a reply that is given again can come when the person has left since.
    with suppress(Refused), acting(actor.agency, actor.user):
        found = told(release_checking.check(id, dt.datetime.now(dt.UTC)))
    return done_reply(done, HTTPStatus.OK, check=found)
