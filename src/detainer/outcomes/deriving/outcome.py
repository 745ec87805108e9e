"""The outcome of every detainer as an Ibis expression: the same derivation as `detainer.record.published.of_published`."""

from collections.abc import Callable, Mapping
from typing import Any, Final

import ibis
from ibis.expr import types as ir

from detainer.record.published import LET_GO, LIFTED, NOT_TAKEN, Lifted, Windows

_BY_CLASS: Final[dict[str, Lifted]] = {lifted.lift_class: lifted for lifted in LIFTED.values()}


def with_outcome(linked: ir.Table, windows: Windows | None = None) -> ir.Table:
    """Return the linked detainers with `outcome`, `reason`, `evidence` and `why` (see `published.RULES`)."""
    windows = windows or Windows()
    ruled = linked.mutate(why=_why(linked, windows))
    return ruled.mutate(outcome=_outcome(ruled), reason=_reason(ruled), evidence=_evidence(ruled, windows))


def _why(table: ir.Table, windows: Windows) -> ir.StringColumn:
    links = _Links(table)
    booked = _true(links.own_book_in <= windows.hand_over)
    arrested = _true(links.own_arrest <= windows.hand_over)
    followed = _true(table.book_in_days <= windows.hand_over) | _true(table.arrest_days <= windows.hand_over)
    return ibis.cases(
        (table.duplicate_of.notnull(), "copy"),
        (table.lift_class == "unlisted", "unlisted"),
        (table.lift_class != "blank", "lift_reason"),
        (arrested & links.at_large_first, "arrested_at_large"),
        (booked, "book_in"),
        (arrested & _true(table.arrest_custody == "in_custody"), "custodial_arrest"),
        (followed & table.elsewhere_days.notnull() & ~booked & ~arrested, "later_detainer"),
        else_="blank",
    )


_OF_RULE: Final = {
    "copy": "duplicate",
    "arrested_at_large": "released",
    "book_in": "handed_over",
    "custodial_arrest": "handed_over",
}


def _outcome(table: ir.Table) -> ir.StringColumn:
    stated = _by(table.lift_class, {name: lifted.outcome for name, lifted in _BY_CLASS.items()}, "unknown")
    return (table.why == "lift_reason").ifelse(stated, _by(table.why, _OF_RULE, "unknown"))


def _reason(table: ir.Table) -> ir.StringColumn:
    stated = _by(table.lift_class, {name: lifted.reason for name, lifted in _BY_CLASS.items() if lifted.reason}, None)
    return ibis.cases((table.why == "lift_reason", stated), (table.why == "arrested_at_large", "at_large"), else_=None)


def _evidence(table: ir.Table, windows: Windows) -> ir.StringColumn:
    links = _Links(table)
    outcome: Callable[..., ir.BooleanColumn] = lambda *values: table.lift_class.isin(  # noqa: E731
        [name for name, lifted in _BY_CLASS.items() if lifted.outcome in values]
    )
    at_large = links.own_arrest.notnull() & links.at_large_first
    came = (
        links.own_book_in.notnull()
        | table.book_in_before_days.notnull()
        | (links.own_arrest.notnull() & _true(table.arrest_custody == "in_custody"))
    )
    against = (outcome("handed_over") & at_large & table.book_in_before_days.isnull()) | (
        outcome(*NOT_TAKEN) & _true(links.own_book_in <= windows.contradicts) & ~at_large
    )
    bears_out = (
        (outcome("handed_over") & came)
        | (outcome(*LET_GO) & at_large & _true(links.own_arrest <= windows.hand_over))
        | (outcome("passed_on") & table.elsewhere_days.notnull())
        | (outcome("superseded") & table.next_days.notnull())
    )
    return ibis.cases(
        ((table.why == "copy") & (table.lift_class == "duplicate"), "both"),
        (table.why.isin(list(_OF_RULE)), "linked"),
        (table.why != "lift_reason", "none"),
        (against, "contradicted"),
        (bears_out, "both"),
        else_="stated",
    )


class _Links:
    """The links of `published.Links` that are worked out of others, as columns."""

    def __init__(self, table: ir.Table) -> None:
        self.own_book_in = _own(table.book_in_days, table)
        self.own_arrest = _own(table.arrest_days, table)
        self.at_large_first = _true(table.arrest_custody == "at_large") & ~_true(table.book_in_days < table.arrest_days)


def _own(days: ir.IntegerColumn, table: ir.Table) -> ir.IntegerColumn:
    return _true(table.elsewhere_days <= days).ifelse(ibis.null("int32"), days)


def _true(column: ir.BooleanColumn) -> ir.BooleanColumn:
    """Return a condition that is false where it is not known: no rule acts on what is not known."""
    return column.fill_null(False)


def _by(key: ir.StringColumn, table: Mapping[str, Any], otherwise: str | None) -> ir.StringColumn:
    return key.cases(*table.items(), else_=otherwise or ibis.null("string"))
