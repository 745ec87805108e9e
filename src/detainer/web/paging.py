"""Pages of a long list by cursor: what comes later does not shift what a reader has already seen."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Final
from uuid import UUID

from django.db.models import F, Model, Q, QuerySet
from django.http import HttpRequest

_BETWEEN: Final = "~"


@dataclass(frozen=True)
class Page:
    """Some rows of a list, latest first, and the cursor behind the last (empty when there are no more)."""

    rows: list[Any]
    after: str

    def next_url(self, request: HttpRequest) -> str:
        """Return the address of the next page, or nothing."""
        return request.path + cut(request, "after", self.after) if self.after else ""


def page_of(found: QuerySet[Any], order: str, after: str, size: int) -> Page:
    """Return the page behind a cursor, in descending order of a field and then of the id; a cursor that is wrong is the start."""
    place = _read(after)
    if place:
        value, pk = place
        behind = Q(pk__lt=pk, **{order: value}) if value is not None else Q(pk__lt=pk, **{f"{order}__isnull": True})
        if value is not None:
            behind |= Q(**{f"{order}__lt": value}) | Q(**{f"{order}__isnull": True})
        found = found.filter(behind)
    never_null = any(field.attname == order and not field.null for field in found.model._meta.concrete_fields)
    descending = F(order).desc() if never_null else F(order).desc(nulls_last=True)  # an index stands in the first order
    rows = list(found.order_by(descending, "-pk")[: size + 1])
    return Page(rows[:size], _cursor(rows[size - 1], order) if len(rows) > size else "")


def _cursor(row: Model, order: str) -> str:
    value = getattr(row, order)
    if isinstance(value, dt.datetime):
        told = f"t{value.isoformat()}"
    else:
        told = "" if value is None else f"n{value}" if isinstance(value, int | float | Decimal) else f"s{value}"
    return f"{told}{_BETWEEN}{row.pk}"


# How the first letter of a cursor says that its value is to be read.
_READ: Final[dict[str, Callable[[str], Any]]] = {"t": dt.datetime.fromisoformat, "n": Decimal, "s": str, "": lambda _: None}


def _read(after: str) -> tuple[Any, UUID] | None:
    told, _, pk = after.rpartition(_BETWEEN)
    try:
        return _READ[told[:1]](told[1:]), UUID(pk)
    except (ValueError, KeyError, InvalidOperation):
        return None


def cut(request: HttpRequest, name: str, value: str = "") -> str:
    """Return the query of an address with one parameter changed, or left out."""
    query = request.GET.copy()
    query.pop(name, None)
    if value:
        query[name] = value
    return f"?{query.urlencode()}" if query else ""
