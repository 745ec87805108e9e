"""Who may do what: the roles of a user at an agency, and the scopes of a machine's token."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

ROLES: Final = ("clerk", "supervisor", "officer", "counsel", "auditor", "admin")

# What a machine's token opens, as the roles that it stands for.
SCOPES: Final[dict[str, frozenset[str]]] = {
    "read": frozenset({"auditor"}),
    "custody": frozenset({"clerk"}),
    "request": frozenset({"officer"}),
    "supervise": frozenset({"supervisor"}),
}

CUSTODY: Final = frozenset({"clerk", "supervisor"})  # who acts for a custodian
REQUESTING: Final = frozenset({"officer", "supervisor"})  # who acts for a requester
SPEAKING: Final = CUSTODY | REQUESTING | {"counsel"}  # who may say something for the agency
CONFIRMING: Final = frozenset({"supervisor"})  # who may be the second person


@dataclass(frozen=True)
class Actor:
    """Who acts: an agency, the user who acts for it (None for a machine without one), and with which roles."""

    agency: UUID
    user: UUID | None
    roles: frozenset[str]
    kinds: frozenset[str] = frozenset()
