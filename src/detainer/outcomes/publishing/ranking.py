"""Facilities and other groups by a share, with those that have too few cases named and not ranked."""

from typing import Final

import ibis
from ibis.expr import types as ir

from detainer.outcomes.errors import OutcomesError

FEWEST: Final = 50  # with fewer cases one detainer moves the share by more than two points


def ranked(table: ir.Table, category: str, fewest: int = FEWEST) -> ir.Table:
    """Return the rows of one category of a measure by one group, with a `rank`, 1 the largest share; equal shares share a rank.

    A group with fewer cases in its denominator, one whose share is hidden, and the one that is not known have no rank: they
    follow in the order of their names, so that their place says nothing of their share. OutcomesError if it is not by one group.
    """
    by = table.columns[: table.columns.index("category")]
    if len(by) != 1:
        raise OutcomesError(f"a measure by {', '.join(by) or 'nothing'} cannot be ranked; by one group it can")
    name = by[0]
    rows = table.filter(table.category == category)
    enough = ((rows.denominator >= fewest) & rows.share.notnull() & rows[name].notnull()).fill_null(False)
    rows = rows.mutate(enough=enough)
    placed = rows.mutate(place=ibis.rank().over(ibis.window(group_by=rows.enough, order_by=rows.share.desc())))
    placed = placed.mutate(rank=placed.enough.ifelse(placed.place + 1, None)).drop("place")
    return placed.order_by([ibis.asc("rank", nulls_first=False), ibis.asc(name, nulls_first=False)]).drop("enough")
