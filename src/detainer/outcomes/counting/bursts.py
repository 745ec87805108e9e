"""Days on which far more detainers were entered for a facility than it usually has: batches, not that many people that day.

The rule: at least FEWEST detainers on one day, and so many that a day of the facility's usual number would reach it less than
once in a million. Usual is the mean per day of the WINDOW days before and after, without the day itself, as far as they lie in
the release, and at least one in all of them. The chance is Chernoff's upper bound for a Poisson count, which errs to the side
of not flagging. A flag says that the day of entry is not a day like others there; it does not say why: prisons to which people
are moved in groups are flagged (Moshannon Valley in Pennsylvania, 2007-2015), and so are batches of paper.
"""

import math
from typing import Final

import ibis
from ibis.expr import types as ir

from detainer.outcomes.counting.groups import GROUPS, single

FEWEST: Final = 10
WINDOW: Final = 28
CHANCE: Final = 1e-6


def bursts(table: ir.Table) -> ir.Table:
    """Return the flagged days: `release`, `facility`, `day`, `detainers`, `usual` (a day), by number; copies are left out."""
    day = table.detainer_prepare_date
    rows = table.filter(single(table) & day.notnull()).select(
        "release", facility=GROUPS["facility"](table), day=day, number=day.delta(ibis.date(1970, 1, 1), unit="day").cast("int64")
    )
    per_day = rows.group_by(["release", "facility", "day", "number"]).agg(detainers=rows.count())
    there = ["release", "facility"]
    around = ibis.range_window(group_by=there, order_by="number", preceding=WINDOW, following=WINDOW)
    counted = per_day.mutate(
        near=per_day.detainers.sum().over(around),
        first=per_day.number.min().over(group_by=["release"]),
        last=per_day.number.max().over(group_by=["release"]),
    )
    days = ibis.least(counted.number + WINDOW, counted["last"]) - ibis.greatest(counted.number - WINDOW, counted["first"])
    others = ibis.greatest(counted.near - counted.detainers, 1)
    usual = others.cast("float64") / ibis.greatest(days, 1).cast("float64")
    told = counted.mutate(usual=usual)
    many = told.detainers.cast("float64")
    bound = many - told.usual - many * (many / told.usual).ln()
    flagged = told.filter((told.detainers >= FEWEST) & (many > told.usual) & (bound < math.log(CHANCE)))
    order = [ibis.desc("detainers"), "day", "facility", "release"]
    return flagged.order_by(order).select("release", "facility", "day", "detainers", "usual")
