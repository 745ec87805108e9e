"""What tables share: ids that sort by time, and rows that are appended and never changed."""

import uuid

import pgtrigger
import uuid_utils.compat


def new_id() -> uuid.UUID:
    """Return a UUIDv7: ids sort by the time they were made."""
    return uuid_utils.compat.uuid7()


_REFUSE_CHANGE = """
IF (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
    RETURN COALESCE(NEW, OLD);
END IF;
RAISE EXCEPTION 'events are appended, never changed: [%] refused', TG_OP USING ERRCODE = 'insufficient_privilege';
"""


def appended_only(what: str) -> list[pgtrigger.Trigger]:
    """Return the triggers of a table whose rows are appended and never changed.

    A superuser can always switch a trigger off, so the trigger lets it pass.
    """
    refuse = _REFUSE_CHANGE.replace("events", what)
    return [
        pgtrigger.Trigger(name="append_only", when=pgtrigger.Before, operation=pgtrigger.Update | pgtrigger.Delete, func=refuse),
        pgtrigger.Trigger(
            name="never_truncated",
            when=pgtrigger.Before,
            level=pgtrigger.Statement,
            operation=pgtrigger.Truncate,
            func=refuse.replace("COALESCE(NEW, OLD)", "NULL"),
        ),
    ]
