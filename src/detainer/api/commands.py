"""The routes that change something: one for each command of the table, the batch of stays, opening, expunging."""

import datetime as dt
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from detainer.api import bodies, shapes
from detainer.api.replies import answer, documented
from detainer.api.routes import router
from detainer.api.shaping import shaped_delivery
from detainer.api.tokens import actor_of, known_only
from detainer.exchange import deliveries, identities, refusals
from detainer.exchange.commands import COMMANDS, Command, Done, perform_once
from detainer.exchange.commands.batch import book_all
from detainer.exchange.models import Delivery
from detainer.exchange.refusals import Refused
from detainer.exchange.roles import SPEAKING
from detainer.exchange.session import acting
from detainer.record.said import Line, Payload

# What replies with more than that it was done has its own module.
OWN_ROUTE: Final = frozenset({("stay", "release_check"), ("request", "make_document")})
# A command whose address is not its name: what is posted there is a new one of what is read there.
OWN_PATH: Final = {("request", "make_document"): "/requests/{id}/documents"}
PLURAL: Final = {"request": "requests", "stay": "stays", "file": "files"}
ERRORS: Final = (
    HTTPStatus.FORBIDDEN,
    HTTPStatus.CONFLICT,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    HTTPStatus.UNPROCESSABLE_ENTITY,
)
_KEY: Final = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "pattern": "^[!-~]{1,200}$"},
    "description": "Done at most once: the same key with the same body gives the first reply again, with another body 422.",
}
_IF_MATCH: Final = {
    "name": "If-Match",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "pattern": '^(\\*|(W/)?"[0-9]{1,9}")$'},
    "description": "The ETag of the record that it is made on, the same as `version` in the body. 409 when it has changed.",
}
_REPLAYED: Final = {
    "Idempotent-Replayed": {
        "schema": {"type": "string", "enum": ["true"]},
        "required": False,
        "description": "The key was used before: this is the first reply again.",
    }
}


class Expunge(Payload):
    """The court's order under which an identity is destroyed."""

    order: Line


def path_of(command: Command) -> str:
    """Return a command's address: /requests lodges, /requests/{id}/give-notice gives a notice."""
    of_stream = f"/{PLURAL[command.stream]}"
    if (command.stream, command.name) in OWN_PATH:
        return OWN_PATH[command.stream, command.name]
    return of_stream if command.begins else f"{of_stream}/{{id}}/{command.name.replace('_', '-')}"


def body_name(command: Command) -> str:
    """Return the name of a command's body in the OpenAPI document."""
    return "".join(word.title() for word in (command.stream, *command.name.split("_")))


def documented_command(command: Command) -> dict[str, Any]:
    """Return what the OpenAPI document says of a command's address beside its reply."""
    status = HTTPStatus.CREATED if command.begins else HTTPStatus.OK
    errors = ERRORS if command.begins else (*ERRORS, HTTPStatus.NOT_FOUND)
    parameters = [_KEY] if command.begins else [_KEY, _IF_MATCH]
    told = documented(*errors, etag_of=status, parameters=parameters, requestBody=_body(f"command.{body_name(command)}"))
    told["responses"][status]["headers"] |= _REPLAYED
    return told


def _body(schema: str) -> dict[str, Any]:
    return {"required": True, "content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}}


def said_by(request: HttpRequest, command: Command) -> dict[str, Any]:
    """Return a command's data as the call says them: the body, with the version of If-Match where the body tells none."""
    data = bodies.json_object(request)
    seen = None if command.begins else bodies.version_seen(request)
    if seen is None:
        return data
    if data.get("version", seen) != seen:
        raise refusals.one_field("version", f"the body says another version than If-Match, [{seen}]")
    return {**data, "version": seen}


def carry_out(request: HttpRequest, command: Command, stream: UUID | None) -> Done:
    """Carry out the command that a call gives, once for its Idempotency-Key."""
    return perform_said(request, command, said_by(request, command), stream)


def perform_said(request: HttpRequest, command: Command, data: dict[str, Any], stream: UUID | None) -> Done:
    """Carry out a command with data that were read from the call already."""
    key = bodies.idempotency_key(request)
    return perform_once(actor_of(request), command, data, now=dt.datetime.now(dt.UTC), stream=stream, key=key)


def done_reply(done: Done, status: int, **more: Any) -> HttpResponse:
    """Return the reply to a command that was done, with what else there is to tell."""
    replayed = {"Idempotent-Replayed": "true"} if done.replayed else {}
    return answer({**done.reply(), **more}, status=status, version=done.version, **replayed)


def _view(command: Command) -> Callable[..., HttpResponse]:
    if command.begins:

        def begin(request: HttpRequest) -> HttpResponse:
            return done_reply(carry_out(request, command, None), HTTPStatus.CREATED)

        return begin

    def act(request: HttpRequest, id: UUID) -> HttpResponse:  # noqa: A002  (its name in the address)
        return done_reply(carry_out(request, command, id), HTTPStatus.OK)

    return act


for _command in COMMANDS:
    if (_command.stream, _command.name) in OWN_ROUTE:
        continue
    router.post(
        path_of(_command),
        operation_id=f"{_command.stream}_{_command.name}",
        summary=f"{_command.name.replace('_', ' ').capitalize()} ({_command.stream})",
        description=f"{_command.says}\n\nTakes the role {' or '.join(sorted(_command.roles))}.",
        tags=[PLURAL[_command.stream]],
        response={201 if _command.begins else 200: shapes.Done},
        openapi_extra=documented_command(_command),
    )(known_only(_view(_command)))


_LINES: Final = {"schema": {"type": "string", "description": "One JSON object in each line, as POST /stays takes it."}}


@router.post(
    "/stays:batch",
    operation_id="stay_book_all",
    summary="Book a roster (NDJSON)",
    tags=["stays"],
    response={200: shapes.Batch},
    openapi_extra=documented(*ERRORS, requestBody={"required": True, "content": dict.fromkeys(sorted(bodies.LINES), _LINES)}),
)
@known_only
def batch(request: HttpRequest) -> HttpResponse:
    """Book many people at once: all lines or, with every wrong one listed by its number, none.

    A booking number that is booked already is left as it is: the same roster can be sent again.
    """
    body = bodies.whole(request, bodies.LINES, settings.MAX_BATCH_BODY)
    return answer(book_all(actor_of(request), body, now=dt.datetime.now(dt.UTC)))


@router.post(
    "/deliveries/{id}/open",
    operation_id="delivery_open",
    summary="Open a delivery",
    tags=["inbox"],
    response={200: shapes.DeliveryShown},
    openapi_extra=documented(HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND, HTTPStatus.UNPROCESSABLE_ENTITY),
)
@known_only
def open_delivery(request: HttpRequest, id: UUID) -> HttpResponse:  # noqa: A002
    """Say that somebody at the agency has seen it. The first who did stays recorded."""
    actor = actor_of(request)
    with acting(actor.agency, actor.user):
        found = Delivery.objects.filter(pk=id).first()
        if found is None:
            raise Refused("not-found", f"there is no delivery [{id}]")
        if found.to_agency_id != actor.agency:
            raise Refused("not-allowed", "only the agency that it is for can open a delivery")
        if not actor.roles & SPEAKING:
            raise Refused("not-allowed", f"to open a delivery takes the role {', '.join(sorted(SPEAKING))}")
        deliveries.open_inbox(found, actor.user, dt.datetime.now(dt.UTC))
        found.refresh_from_db()
        return answer(shaped_delivery(found))


@router.post(
    "/identities/{person}/expunge",
    operation_id="identity_expunge",
    summary="Destroy an identity",
    tags=["identities"],
    response={200: shapes.Expunged},
    openapi_extra=documented(*ERRORS, HTTPStatus.NOT_FOUND, requestBody=_body("command.Expunge")),
)
@known_only
def expunge(request: HttpRequest, person: UUID) -> HttpResponse:
    """Destroy who a person is, as the agency knows it, under a court's order. The events stay and name nobody."""
    actor, said = actor_of(request), Expunge.model_validate(bodies.json_object(request))
    now = dt.datetime.now(dt.UTC)
    with acting(actor.agency, actor.user):
        identities.expunge(actor, person, said.order, now)
    return answer({"person": person, "destroyed_at": now, "destroyed_under": said.order})
