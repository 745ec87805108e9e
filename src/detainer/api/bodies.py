"""What a call carries: a body of bounded size, JSON, and the headers that make a command safe to repeat."""

import re
from http import HTTPStatus
from typing import Any, Final

import pydantic_core
from django.conf import settings
from django.http import HttpRequest
from ninja.errors import HttpError

from detainer.exchange import refusals
from detainer.exchange.refusals import Refused

JSON: Final = frozenset({"application/json"})
LINES: Final = frozenset({"application/x-ndjson", "application/ndjson", "application/jsonl"})
LONGEST_KEY: Final = 200
_KEY: Final = re.compile(r"[\x21-\x7e]{1,200}")
_ETAG: Final = re.compile(r'(?:W/)?"(\d{1,9})"')  # a proxy that compresses weakens it


def whole(request: HttpRequest, kinds: frozenset[str], most: int) -> bytes:
    """Return a call's body. Raises Refused `too-large` before more than `most` bytes are read, HTTP's 415 for another kind."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    said = int(length) if length.isdecimal() else 0
    chunked = "HTTP_TRANSFER_ENCODING" in request.META  # its length is not said, and Django would read nothing
    if (said or chunked) and request.content_type and request.content_type not in kinds:
        raise HttpError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"this address takes {', '.join(sorted(kinds))}")
    if said > most:
        raise _too_large(most)
    body = request.META["wsgi.input"].read(most + 1) if chunked else request.read(most + 1)
    if len(body) > most:
        raise _too_large(most)
    return bytes(body)


def json_value(request: HttpRequest) -> Any:
    """Return what the JSON of a call's body says, an empty object for no body. Raises Refused `invalid` for what is none."""
    body = whole(request, JSON, settings.MAX_BODY)
    if not body.strip():
        return {}
    try:
        return pydantic_core.from_json(body, allow_inf_nan=False)
    except ValueError as error:  # its message tells the place, never the text
        raise Refused("invalid", f"the body is not JSON: {error}") from error


def json_object(request: HttpRequest) -> dict[str, Any]:
    """Return the JSON object of a call's body. Raises Refused `invalid` for what is none."""
    told = json_value(request)
    if not isinstance(told, dict):
        raise Refused("invalid", "the body is not a JSON object")
    return told


def idempotency_key(request: HttpRequest) -> str | None:
    """Return the key under which a command is done at most once, or None. Raises Refused `invalid` for one that is too odd."""
    key = request.headers.get("Idempotency-Key")
    if key is not None and not _KEY.fullmatch(key):
        raise refusals.one_field(
            "Idempotency-Key", f"1 to {LONGEST_KEY} printable ASCII characters without a space, such as a UUID"
        )
    return key


def version_seen(request: HttpRequest) -> int | None:
    """Return the version that If-Match says the command was made on; None for none, or for `*`: any."""
    told = request.headers.get("If-Match", "*").strip()
    if told == "*":
        return None
    found = _ETAG.fullmatch(told)
    if found is None:
        raise refusals.one_field("If-Match", 'the ETag that came with the record, a version in quotes such as "3"')
    return int(found[1])


def _too_large(most: int) -> Refused:
    return Refused("too-large", f"the body is larger than {most} bytes: nothing of it was kept")
