"""Rows of the tables, put into the shapes of replies."""

from typing import Any
from uuid import UUID

from pydantic import BaseModel

from detainer.api import shapes
from detainer.exchange import models


def shaped(shape: type[BaseModel], of: Any, **more: Any) -> dict[str, Any]:
    """Return the fields of a shape from a row of a table: ids of other tables by the name without `_id`; `id` is its key."""
    said = {"id": of.pk, **more}
    for name in shape.model_fields:
        if name not in said:
            said[name] = getattr(of, f"{name}_id" if hasattr(of, f"{name}_id") else name)
    return {name: said[name] for name in shape.model_fields}


def shaped_delivery(of: models.Delivery, shape: type[shapes.DeliveryShown] = shapes.DeliveryShown, **more: Any) -> dict[str, Any]:
    """Return a delivery as a reply shows it."""
    return shaped(shape, of, request=of.stream_id, **more)


def identity_of(person: UUID | None, agency: UUID) -> dict[str, Any] | None:
    """Return who a person is as an agency knows it, None where it knows nobody."""
    found = models.Identity.objects.filter(person=person, agency=agency).first() if person else None
    return shaped(shapes.IdentityShown, found) if found else None
