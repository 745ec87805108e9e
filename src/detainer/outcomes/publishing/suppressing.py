"""What of a measure may be published: small counts are hidden, and others with them, so that none can be computed from totals.

The rule. A count from 1 to below the threshold is hidden. All totals of a table are taken to be known: of a group over its
categories, of a category over all groups, of a category over the values of each group. So for each small count a box of counts
is hidden: it, a partner along each side of the table, and the corners between them. Moving the small count up by one and its
partners down by one, and so on around, changes no total that is shown; the partners are chosen, the least first, such that
this goes on until the small count has reached the threshold, or, where no counts are large enough, at least once. The totals
over groups are what most readers come for: one is hidden only where no box without it is left. In the end each count that was
hidden with others is shown again, the largest first, where all small counts have boxes as good without it. Zeros are shown. So
whoever knows all that is published, and that a hidden count is not zero, cannot compute a hidden count, and mostly not tell that
it is small. (The hypercube method of official statistics: Repsilber; Giessing.)

Groups of few cases. Where a group has from 1 to below the threshold of cases, the zeros beside the one count that is hidden would
say what happened to them: there every part is hidden, zeros and shares too (`with_few_hidden`). How many cases it has is shown
where it was. The totals over groups stay: they give back no more than sums of the hidden parts.

What this is proof against: all totals of one table; `linked` carries it to the measures of one breakdown. Not against who also
knows which counts this method would have hidden for each possible table, nor, wholly, against two breakdowns of the same rows put
side by side: a total that is hidden for the sake of one breakdown can be summed from another in which its parts are shown. So
fewer breakdowns are safer than more.
"""

from itertools import combinations
from typing import Any, Final, NamedTuple

import ibis
import numpy as np
import numpy.typing as npt
import pyarrow as pa
from ibis.expr import types as ir

from detainer.outcomes.errors import OutcomesError
from detainer.outcomes.publishing.partners import Corners, Counts, Hidden, Table

THRESHOLD: Final = 11  # counts from 1 to 10 are hidden, as U.S. health and social agencies (CMS among them) do
LARGEST: Final = 50_000_000  # counts in a table, zeros and totals too

_REST: Final = ("unknown", "open")


def suppressed(table: ir.Table, threshold: int = THRESHOLD) -> ir.Table:
    """Return a measure as it may be published: hidden counts and what would give them away are null, `hidden` says which.

    `cases` are all of a group, known or not: often they can be shown where the denominator cannot, and `low` with them. The
    copies left out are not given. Where the coarser tables are published as well, take all from `suppressed_with_totals`:
    a total that had to be hidden is hidden there too.
    """
    return suppressed_with_totals(table, threshold)[_groups(table)]


def suppressed_with_totals(table: ir.Table, threshold: int = THRESHOLD) -> dict[tuple[str, ...], ir.Table]:
    """Return a measure and its totals over each of its groups, by the groups that are left (none: the whole), to be published."""
    found = with_totals(table.to_pyarrow(), _groups(table), threshold)
    return {kept: ibis.memtable(shown) for kept, shown in found.items()}


def with_totals(found: pa.Table, by: tuple[str, ...], threshold: int = THRESHOLD) -> dict[tuple[str, ...], pa.Table]:
    """Return what `suppressed_with_totals` does, of a table in memory and its groups."""
    cells, values, parts = cells_of(found, by)
    mask = with_few_hidden(cells, threshold, hidden(cells, threshold))
    return {
        kept: published(cells, mask, values, parts, by, kept) for size in range(len(by) + 1) for kept in combinations(by, size)
    }


def _groups(table: ir.Table) -> tuple[str, ...]:
    if "category" not in table.columns:
        raise OutcomesError(f"a table with the columns {', '.join(table.columns)} is no measure: it has no category")
    return tuple(table.columns[: table.columns.index("category")])


def cells_of(found: pa.Table, by: tuple[str, ...]) -> tuple[Counts, list[pa.Array], list[str]]:
    """Return the counts with their totals (place 0 of each side), the values of each group in order, and the categories.

    The last side has the categories, then `unknown` and `open`. A group with one value has no total beside it.
    """
    parts = sorted(set(found.column("category").to_pylist()))
    encoded = [found.column(key).combine_chunks().dictionary_encode(null_encoding="encode") for key in by]
    orders = [np.argsort(np.array([str(value) for value in each.dictionary.to_pylist()]), kind="stable") for each in encoded]
    values = [each.dictionary.take(pa.array(order)) for each, order in zip(encoded, orders, strict=True)]
    shape = (*(max(len(each), 1) for each in values), len(parts) + len(_REST))
    if np.prod([size + 1 for size in shape], dtype=np.float64) > LARGEST:
        raise OutcomesError(
            f"by {', '.join(by)}: {' x '.join(map(str, shape))} counts are too many to publish; count by fewer groups"
        )
    cells = np.zeros(shape, dtype=np.int64)
    at = tuple(np.argsort(order)[each.indices.to_numpy()] for each, order in zip(encoded, orders, strict=True))
    category = (
        np.searchsorted(np.array(parts), np.array(found.column("category").to_pylist(), dtype=str)) if parts else np.zeros(0, int)
    )
    cells[(*at, category)] = found.column("numerator").to_numpy()
    for place, name in enumerate(_REST):
        cells[(*at, np.full(found.num_rows, len(parts) + place))] = found.column(name).to_numpy()
    for side in range(cells.ndim):
        if cells.shape[side] > 1:
            cells = np.concatenate([cells.sum(axis=side, keepdims=True), cells], axis=side)
    return cells, values, parts


def hidden(cells: Counts, threshold: int, first: Hidden | None = None) -> Hidden:
    """Return which counts of a table are hidden; place 0 of each side of it, where it is longer than one, is the side's total.

    `first`: counts that are best hidden with others, as they are hidden elsewhere.
    """
    table = Table(cells, threshold)
    if first is not None:
        table.hidden[:] = bytearray(((cells > 0) & (cells < threshold) | first).tobytes())
    small = np.flatnonzero((cells > 0) & (cells < threshold))
    boxes: dict[int, _Box] = {}
    served: set[int] = set()
    # The least first: its box serves the larger ones in it that move with it.
    for at in small[np.argsort(cells.ravel()[small], kind="stable")].tolist():
        if at in served:
            continue
        boxes[at] = found = _best(table, at, threshold)
        for corner, sign in found.corners:
            table.hide(corner)
            if sign > 0 and table.counts[at] <= table.counts[corner] < threshold:
                served.add(corner)
    among = table.among_hidden()
    boxes |= {at: _best(among, at, threshold) for at in served - boxes.keys()}
    _show_unneeded(among, boxes, threshold)
    return np.frombuffer(among.hidden, dtype=np.bool_).reshape(cells.shape)


def with_more_hidden(cells: Counts, threshold: int, mask: Hidden, more: Hidden) -> Hidden:
    """Return the mask with more counts hidden, which are told to be, and with each what keeps it secret in this table."""
    table = Table(cells, threshold)
    table.hidden[:] = bytearray((mask | more).tobytes())
    served: set[int] = set()
    asked = np.flatnonzero(more)
    for at in asked[np.argsort(cells.ravel()[asked], kind="stable")].tolist():
        if at not in served:
            corners = _best(table, at, threshold, _WITHOUT_TOTALS).corners
            served |= {corner for corner, _sign in corners}
            for corner, _sign in corners:
                table.hide(corner)
    return np.frombuffer(table.hidden, dtype=np.bool_).reshape(cells.shape)


def few(cells: Counts, threshold: int) -> Hidden:
    """Return which groups (lines of the last side) have from 1 to below the threshold of cases."""
    found: Hidden = (cells[..., 0] > 0) & (cells[..., 0] < threshold)
    return found


def with_few_hidden(cells: Counts, threshold: int, mask: Hidden) -> Hidden:
    """Return the mask with every part of the groups of few cases hidden, zeros too; not the number of the cases itself."""
    more = mask.copy()
    more[..., 1:] |= few(cells, threshold)[..., None]
    return more


class _Box(NamedTuple):
    """The box of a small count, and the place in _WAYS of how it was found; without corners where there is none."""

    corners: Corners
    way: int


# How a box is sought: with room up to the threshold or for one; without and with totals over groups in it. The first that is.
_WAYS: Final = ((True, False), (False, False), (True, True), (False, True))
_WITHOUT_TOTALS: Final = 1


def _best(table: Table, at: int, threshold: int, last: int = len(_WAYS) - 1) -> _Box:
    """Return the box of a small count by the first way that finds one, up to the last of the ways that will do."""
    for way in range(last + 1):
        if corners := _by(way, table, at, threshold):
            return _Box(corners, way)
    return _Box([], len(_WAYS))


def _by(way: int, table: Table, at: int, threshold: int) -> Corners:
    full, totals = _WAYS[way]
    room = max(threshold - table.counts[at], 1) if full else 1
    if table.has_two_sides:
        return table.box(at, room, total=totals)
    last = len(table.sizes) - 1
    # Most of those that have no box have no partner in their own row: that is asked first, as it is soon told.
    for side in range(last, 0, -1):
        if table.sizes[side] > 1 and not any(True for _ in table.partners([(at, 1)], side, room, total=totals or side == last)):
            return []
    return _box(table, [(at, 1)], 0, room, totals=totals)


def _show_unneeded(table: Table, boxes: dict[int, _Box], threshold: int) -> None:
    """Show again, the largest first, each count without which every small one has a box as good among those that stay hidden.

    `table` has the hidden counts alone, `boxes` is by small count. So none is hidden in the end that no small count needs.
    """
    needed_by: dict[int, set[int]] = {}
    for at, found in boxes.items():
        for corner, _sign in found.corners:
            needed_by.setdefault(corner, set()).add(at)
    extra = set(np.flatnonzero(np.frombuffer(table.hidden, dtype=np.bool_)).tolist()) - boxes.keys()
    for at in sorted(extra, key=lambda at: (-table.counts[at], at)):
        count = table.take(at)
        others: dict[int, _Box] = {}
        for other in sorted(needed_by.get(at, ())):
            others[other] = _best(table, other, threshold, boxes[other].way)
            if not others[other].corners:
                table.put(at, count)
                break
        else:
            for other, found in others.items():
                for corner, _sign in boxes[other].corners:
                    needed_by[corner].discard(other)
                for corner, _sign in found.corners:
                    needed_by.setdefault(corner, set()).add(other)
                boxes[other] = found


def _box(table: Table, corners: Corners, side: int, room: int, *, totals: bool) -> Corners:
    """Return the corners of the cheapest box, each with the way that it moves; nothing if there is none with that much room.

    `totals`: whether the totals over groups (place 0 of any side but the last) may be among them.

    A count and its partner on one side move in opposite ways, a count and its total in the same; what moves down must have
    `room` to stay above zero, and no zero is hidden.
    """
    if side == len(table.sizes):
        return corners
    if table.sizes[side] == 1:
        return _box(table, corners, side + 1, room, totals=totals)
    own, step = table.place(corners[0][0], side), table.steps[side]
    for partner in table.partners(corners, side, room, total=totals or side == len(table.sizes) - 1):
        way = 1 if own == 0 or partner == 0 else -1
        more = [(corner + (partner - own) * step, sign * way) for corner, sign in corners]
        if found := _box(table, corners + more, side + 1, room, totals=totals):
            return found
    return []


def published(
    cells: Counts,
    mask: Hidden,
    values: list[pa.Array],
    parts: list[str],
    by: tuple[str, ...],
    kept: tuple[str, ...],
    without: Hidden | None = None,
) -> pa.Table:
    """Return the rows of one table of totals: the groups that are kept (but for those `without`), the total over the others."""
    whole = tuple(slice(1 if size > 1 else 0, None) if key in kept else 0 for key, size in zip(by, cells.shape, strict=False))
    count, hide = cells[whole].reshape(-1, cells.shape[-1]), mask[whole].reshape(-1, cells.shape[-1])
    there = count[:, 0] > 0 if without is None else (count[:, 0] > 0) & ~without
    count, hide, groups = count[there], hide[there], int(there.sum())
    sizes = [max(len(value), 1) for key, value in zip(by, values, strict=True) if key in kept]
    at = [place[there] for place in np.indices(sizes).reshape(len(sizes), -1)] if sizes else []
    of = [value for key, value in zip(by, values, strict=True) if key in kept]
    first = 1 + len(parts)
    unknown, open_ = count[:, first], count[:, first + 1]
    apart = hide[:, 0] | hide[:, first] | hide[:, first + 1]  # the denominator is the total without the unknown and open ones
    denominator = count[:, 0] - unknown - open_
    numerator, secret = count[:, 1:first].ravel(), hide[:, 1:first].ravel()

    def each(number: npt.NDArray[Any]) -> npt.NDArray[Any]:
        return np.repeat(number, len(parts))

    no_share = secret | each(apart)
    undecided = each(unknown + open_)
    columns = {key: value.take(pa.array(each(place))) for key, value, place in zip(kept, of, at, strict=True)}
    columns |= {
        "category": pa.array(np.tile(np.array(parts, dtype=object), groups), pa.string()),
        "numerator": pa.array(numerator, mask=secret),
        "denominator": pa.array(each(denominator), mask=each(apart)),
        "unknown": pa.array(each(unknown), mask=each(hide[:, first])),
        "open": pa.array(each(open_), mask=each(hide[:, first + 1])),
        "cases": pa.array(each(count[:, 0]), mask=each(hide[:, 0])),
        "share": _share(numerator, each(denominator), no_share),
        "low": _share(numerator, each(count[:, 0]), secret | each(hide[:, 0])),
        "high": _share(numerator + undecided, each(count[:, 0]), no_share),
        "hidden": pa.array(secret),
    }
    return pa.table(columns)


def _share(part: npt.NDArray[np.generic], whole: npt.NDArray[np.generic], secret: Hidden) -> pa.Array:
    none = secret | (whole == 0)
    return pa.array(part / np.where(none, 1, whole), pa.float64(), mask=none)
