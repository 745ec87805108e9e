"""Replies as they are sent, and what the OpenAPI document says of them."""

from http import HTTPStatus
from typing import Any, Final

from django.http import HttpResponse
from pydantic_core import to_json

from detainer.api.problems import CONTENT_TYPE

PAGE: Final = 200  # rows of a list at most

_PROBLEM: Final = {CONTENT_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
_ETAG: Final = {
    "ETag": {"schema": {"type": "string"}, "description": "The version of the record, in quotes: what If-Match takes."}
}


def answer(body: Any, *, status: int = 200, version: int | None = None, **headers: str) -> HttpResponse:
    """Return a reply of JSON; with the record's version as its ETag."""
    if version is not None:
        headers["ETag"] = f'"{version}"'
    return HttpResponse(to_json(body), status=status, content_type="application/json", headers=headers)


def problems(*statuses: int) -> dict[int, Any]:
    """Return what the document says of the errors that an address may answer, beside those that any may (401, 405, 500, 503)."""
    return open_to_all(*statuses, HTTPStatus.UNAUTHORIZED, HTTPStatus.SERVICE_UNAVAILABLE)


def open_to_all(*statuses: int) -> dict[int, Any]:
    """Return what the document says of the errors of an address that takes no token and reads no table."""
    return {
        status: {"description": HTTPStatus(status).phrase, "content": _PROBLEM}
        for status in (*statuses, HTTPStatus.INTERNAL_SERVER_ERROR)
    }


def documented(*statuses: int, etag_of: int | None = None, **more: Any) -> dict[str, Any]:
    """Return an operation's `openapi_extra`: its errors, the ETag of the reply with status `etag_of`, and whatever else."""
    told = problems(*statuses)
    if etag_of is not None:
        told[etag_of] = {"headers": _ETAG}
    return {"responses": told, **more}
