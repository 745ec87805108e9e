"""The same table for an exchange's own record, where delivery, decision and hold are known to the minute.

Its rows come from `detainer.exchange.outcome_rows`, one per request, without a name. What only ICE's tables have
(arrests, book-ins, criminality) stays null, so a measure of it counts nobody.
"""

from typing import Final

import ibis
import pyarrow as pa
from ibis.expr import types as ir

RELEASE: Final = "exchange"
MOMENTS: Final = (
    *("lodged_at", "delivered_at", "acknowledged_at", "decided_at", "served_at", "hold_started_at", "hold_ended_at"),
    "handed_over_at",
)
TEXTS: Final = (
    *("request", "facility_code", "facility_name", "state", "county", "place", "form", "outcome", "reason"),
    *("answer_hold", "answer_notify", "ask_hold", "ask_notify"),
)
# What a row of the exchange has. `ask_...`: what became of that part (honoured, declined, overtaken, open); null: not asked.
ROWS: Final = pa.schema(
    [
        *((name, pa.string()) for name in TEXTS),
        *((name, pa.timestamp("us", tz="UTC")) for name in MOMENTS),
        ("lodged_on", pa.date32()),
        ("confirmed", pa.bool_()),
    ]
)
_NULLS: Final = {
    "arrest_at": "timestamp",
    "arrest_days": "int64",
    "arrest_key": "int64",
    "book_in_key": "int64",
    "arrest_custody": "string",
    "duplicate_of": "int64",
    "area": "string",
    "county_fips": "string",
    "filled": "string",
    "detainer_lift_reason": "string",
    "detainer_prepared_criminality": "string",
    "tod_current_duty_site": "string",
    "case_status": "string",
    "law_hold_assumed": "string",
    "law_notify_assumed": "string",
}


def outcomes_of_record(rows: ir.Table) -> ir.Table:
    """Return the rows of an exchange (ROWS, with a `key`) as a table of outcomes, each measure's columns among them.

    The day is the lodging's. A hand-over stands where the published data have the book-in: the requester took the person over.
    Evidence is `both` where the agency that did it says so itself, `stated` where only another one does.
    """
    ended = ~rows.outcome.isin(["open", "unknown"])
    hand_over = rows.handed_over_at
    return rows.mutate(
        release=ibis.literal(RELEASE),
        file=ibis.literal(RELEASE),
        sheet=ibis.null("string"),
        row=rows.key,
        unique_identifier=rows.request,
        detainer_prepare_date=rows.lodged_on,
        detainer_type=rows.form,
        detention_facility=rows.facility_name,
        detention_facility_code=rows.facility_code,
        law_hold=rows.answer_hold,
        law_notify=rows.answer_notify,
        evidence=ibis.cases((~ended, "none"), (rows.confirmed, "both"), else_="stated"),
        lift_class=ibis.literal("record"),
        why=ibis.literal("record"),
        book_in_at=hand_over,
        book_in_days=hand_over.date().delta(rows.lodged_at.date(), unit="day").cast("int64"),
        **{name: ibis.null(kind) for name, kind in _NULLS.items()},
    )
