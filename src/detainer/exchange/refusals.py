"""Why a command is refused: what, where, and what would be right. The doors show it as problem+json or next to a field."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from pydantic import ValidationError

# type -> (HTTP status, title). The type is the last part of the problem's URI (RFC 9457), and is documented in docs/api.md.
TYPES: Final[dict[str, tuple[int, str]]] = {
    "invalid": (422, "What was sent is not what is asked for"),
    "contradiction": (422, "What was sent contradicts itself"),
    "facility-unknown": (422, "No facility has this code"),
    "facility-ambiguous": (422, "A name does not tell which facility is meant"),
    "not-enrolled": (422, "The agency of this facility does not take part in the exchange"),
    "key-reused": (422, "This Idempotency-Key was used for another command"),
    "not-found": (404, "Not found"),
    "not-allowed": (403, "This role may not do that"),
    "not-signed-in": (401, "Not signed in"),
    "state": (409, "The record does not allow that now"),
    "changed": (409, "The record has changed since it was read"),
    "second-person": (409, "A second person must confirm"),
    "too-large": (413, "Too large"),
    "unavailable": (503, "The exchange cannot reach its database"),
}


@dataclass(frozen=True)
class FieldError:
    """What is wrong with one field, by the path to it."""

    field: str
    message: str


class Refused(Exception):  # noqa: N818  (a refusal is the product's word for it)
    """A command that was refused; nothing was written."""

    def __init__(self, kind: str, detail: str, *, errors: Iterable[FieldError] = (), **more: Any) -> None:
        super().__init__(detail)
        self.kind = kind
        self.detail = detail
        self.errors = tuple(errors)
        self.more = more

    @property
    def status(self) -> int:
        """The HTTP status of its type."""
        return TYPES[self.kind][0]

    @property
    def title(self) -> str:
        """What its type says to a person."""
        return TYPES[self.kind][1]

    def problem(self) -> dict[str, Any]:
        """Return it as the members of a problem+json document (RFC 9457)."""
        body: dict[str, Any] = {
            "type": f"/problems/{self.kind}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
        }
        if self.errors:
            body["errors"] = [{"field": error.field, "message": error.message} for error in self.errors]
        return {**body, **self.more}


def invalid(error: ValidationError) -> Refused:
    """Return the refusal that tells each field's error as pydantic found it. Values are not repeated: they may name a person."""
    fields = [FieldError(field=".".join(str(part) for part in item["loc"]), message=_message(item)) for item in error.errors()]
    return Refused("invalid", "; ".join(f"{item.field}: {item.message}" for item in fields[:5]), errors=fields)


def _message(item: Any) -> str:
    message = str(item["msg"]).removeprefix("Value error, ")
    return "not a field of this command" if item["type"] == "extra_forbidden" else message


def one_field(field: str, message: str, *, kind: str = "invalid", **more: Any) -> Refused:
    """Return the refusal of one field."""
    return Refused(kind, f"{field}: {message}", errors=[FieldError(field=field, message=message)], **more)
