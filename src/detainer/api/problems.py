"""Errors as a machine reads them: problem+json (RFC 9457), whatever went wrong."""

import functools
import logging
import traceback
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Final

import ninja.errors
import pydantic
from django.core.exceptions import SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from pydantic import BaseModel, ConfigDict
from pydantic_core import to_json

from detainer.exchange import refusals
from detainer.exchange.refusals import FieldError, Refused

CONTENT_TYPE: Final = "application/problem+json"
RETRY_AFTER: Final = 2  # seconds
log = logging.getLogger(__name__)
View = Callable[..., HttpResponse]


class FieldWrong(BaseModel):
    """What is wrong with one field, by the path to it."""

    field: str
    message: str


class Problem(BaseModel):
    """What every error looks like. `type` is /problems/... (docs/api.md lists them) or about:blank: the status tells all."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    detail: str
    errors: list[FieldWrong] = []


def shown(refused: Refused, **headers: str) -> HttpResponse:
    """Return a refusal as problem+json."""
    return _problem(refused.problem(), headers)


def of_status(status: HTTPStatus, detail: str, **headers: str) -> HttpResponse:
    """Return an error that HTTP itself names: nothing of the exchange's is to be said beyond its status."""
    return _problem({"type": "about:blank", "title": status.phrase, "status": int(status), "detail": detail}, headers)


def unavailable() -> HttpResponse:
    """Return the error of a call that found no database, or lost it on the way."""
    refused = Refused(
        "unavailable",
        "the database cannot be reached; nothing is half-written: send the same again with the same Idempotency-Key, "
        "and it is done once",
    )
    return shown(refused, **{"Retry-After": str(RETRY_AFTER)})


def always(view: View) -> View:
    """Return the view so that whatever it answers or raises that is an error comes out as problem+json."""

    @functools.wraps(view)
    def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            response = view(request, *args, **kwargs)
        except Exception as error:  # noqa: BLE001  (the last place where an error can still be told as the API tells errors)
            return told(error)
        if response.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
            allowed = response.headers["Allow"]
            return of_status(HTTPStatus.METHOD_NOT_ALLOWED, f"this address takes {allowed}", Allow=allowed)
        return response

    return answered


def register(api: NinjaAPI) -> None:
    """Let the API answer every error through here."""
    for kind in (Exception, Http404, ninja.errors.HttpError, ninja.errors.ValidationError):
        api.add_exception_handler(kind, lambda _request, error: told(error))


def told(error: Exception) -> HttpResponse:
    """Return what is said of an error. What nobody foresaw goes to the operator's log, and out as a bare 500."""
    answer = next((say for kind, say in _SAYS if isinstance(error, kind)), None)
    if answer is not None:
        return answer(error)
    where = "".join(traceback.format_tb(error.__traceback__))
    log.error("%s, which nobody foresaw\n%s", type(error).__name__, where)  # its message may hold a row, and so a name
    return of_status(HTTPStatus.INTERNAL_SERVER_ERROR, "nothing is half-written; the operator's log tells more")


def _not_signed_in(_error: Any) -> HttpResponse:
    refused = Refused("not-signed-in", "send a live token: Authorization: Bearer dtn_...")
    return shown(refused, **{"WWW-Authenticate": 'Bearer realm="detainer"'})


def _parameters(error: ninja.errors.ValidationError) -> HttpResponse:
    """Return what is wrong with the parameters of the address. Values are not repeated: they may name a person."""
    wrong = [
        FieldError(".".join(map(str, item["loc"][1:])), str(item["msg"]).removeprefix("Value error, ")) for item in error.errors
    ]
    return shown(Refused("invalid", "; ".join(f"{item.field}: {item.message}" for item in wrong[:5]), errors=wrong))


# The first that fits speaks.
_SAYS: Final[tuple[tuple[type[Exception], Callable[[Any], HttpResponse]], ...]] = (
    (Refused, shown),
    (ninja.errors.AuthenticationError, _not_signed_in),
    (ninja.errors.ValidationError, _parameters),
    (ninja.errors.HttpError, lambda error: of_status(HTTPStatus(error.status_code), error.message)),
    (pydantic.ValidationError, lambda error: shown(refusals.invalid(error))),
    (OperationalError, lambda _error: unavailable()),
    (InterfaceError, lambda _error: unavailable()),
    (SuspiciousOperation, lambda _error: of_status(HTTPStatus.BAD_REQUEST, "this is not a call that can be read")),
    (Http404, lambda _error: shown(Refused("not-found", "there is nothing at this address"))),
)


def _problem(body: dict[str, Any], headers: dict[str, str]) -> HttpResponse:
    return HttpResponse(to_json(body), status=body["status"], content_type=CONTENT_TYPE, headers=headers)
