"""The tables: who takes part, the record, what is read from it, and what is on its way.

Row-level security (sql/policies.sql, sql/deliveries.sql) stands under every table that holds a case: a session sees the rows of
its agency.
"""

from detainer.exchange.models.on_its_way import (
    Agreement,
    Channel,
    Delivery,
    Document,
    IdempotencyKey,
    ReceiptCode,
    Reconciliation,
)
from detainer.exchange.models.read import Deadline, File, Request, Stay
from detainer.exchange.models.record import Checkpoint, Event, Feed, Stream
from detainer.exchange.models.rows import new_id
from detainer.exchange.models.taking_part import (
    KINDS_OF_AGENCY,
    KINDS_OF_FACILITY,
    Agency,
    Facility,
    Identity,
    LawLayer,
    Membership,
    OversightGrant,
    Token,
    User,
)

__all__ = [
    "KINDS_OF_AGENCY",
    "KINDS_OF_FACILITY",
    "Agency",
    "Agreement",
    "Channel",
    "Checkpoint",
    "Deadline",
    "Delivery",
    "Document",
    "Event",
    "Facility",
    "Feed",
    "File",
    "IdempotencyKey",
    "Identity",
    "LawLayer",
    "Membership",
    "OversightGrant",
    "ReceiptCode",
    "Reconciliation",
    "Request",
    "Stay",
    "Stream",
    "Token",
    "User",
    "new_id",
]
