"""An event that says nothing beside that it happened."""

from detainer.record.said import (
    Payload,
    Text,
)


class Noted(Payload):
    """An event that says nothing beside that it happened."""

    note: Text | None = None
