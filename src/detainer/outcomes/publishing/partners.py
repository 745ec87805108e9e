"""Which counts of a table can be hidden together with one, the cheapest first: those hidden already, then the least.

The choice is asked for tens of thousands of times in one build, mostly along a side of thousands of facilities. So the counts
of a line are kept in the order in which they would be chosen.
"""

from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator, Sequence
from heapq import merge
from typing import Final

import numpy as np
import numpy.typing as npt

Counts = npt.NDArray[np.int64]
Hidden = npt.NDArray[np.bool_]
_FEW: Final = 64  # places: of fewer it is quicker to ask one by one
Corners = list[tuple[int, int]]  # of a box: the count's number in the table, and the way that it moves


class Table:
    """Counts with their totals, one after the other, and which are hidden: first of all those from 1 to below the threshold."""

    def __init__(self, cells: Counts, threshold: int) -> None:
        self.sizes: tuple[int, ...] = cells.shape
        self.steps: list[int] = [int(np.prod(cells.shape[side + 1 :])) for side in range(cells.ndim)]
        self.counts: list[int] = cells.ravel().tolist()
        self.hidden = bytearray(((cells > 0) & (cells < threshold)).tobytes())
        self._threshold = threshold
        # The same once more, to ask of a long line at once.
        self._counts: Counts = cells.ravel()
        self._hidden: Hidden = np.frombuffer(self.hidden, dtype=np.bool_)
        self._lines: dict[int, _Line] = {}
        # Of lines and columns only: one breakdown, and the categories.
        self.has_two_sides = self.sizes[-1] > 1 and len([size for size in self.sizes if size > 1]) == 2
        self._first = next((side for side, size in enumerate(self.sizes) if size > 1), 0)

    def place(self, at: int, side: int) -> int:
        """Return the place of a count on a side."""
        return at // self.steps[side] % self.sizes[side]

    def among_hidden(self) -> "Table":
        """Return the table of the hidden counts alone: all others are zero there, and so no partners."""
        table = Table(np.where(self._hidden, self._counts, 0).reshape(self.sizes), self._threshold)
        table.hidden[:] = self.hidden
        return table

    def take(self, at: int) -> int:
        """Take a hidden count away, as if it were zero; return it."""
        count = self.counts[at]
        place = self.place(at, self._first)
        if line := self._lines.get(at - place * self.steps[self._first]):
            line.take(place, count)
        self.counts[at] = self._counts[at] = 0
        self.hidden[at] = False
        return count

    def put(self, at: int, count: int) -> None:
        """Put a count that was taken back."""
        self.counts[at] = self._counts[at] = count
        self.hidden[at] = True
        place = self.place(at, self._first)
        if line := self._lines.get(at - place * self.steps[self._first]):
            line.put(place, count)

    def hide(self, at: int) -> None:
        """Hide a count."""
        if not self.hidden[at]:
            self.hidden[at] = True
            place = self.place(at, self._first)
            if line := self._lines.get(at - place * self.steps[self._first]):
                line.hide(place, self.counts[at])

    def partners(self, corners: Corners, side: int, room: int, *, total: bool) -> Iterable[int]:
        """Return the places on a side whose counts can be partners of these corners; `total`: place 0 may be among them.

        Each moves in the other way than its corner, a total in the same; what moves down must have `room` above zero.
        """
        own = self.place(corners[0][0], side)
        starts = [(corner - own * self.steps[side], sign > 0) for corner, sign in corners]
        if side == self._first:
            return self._line(side, starts[0][0]).partners(own, 1 if own == 0 else room + 1, total=total)
        choose = self._of_few if self.sizes[side] <= _FEW else self._of_many
        return choose(starts, side, own, room, total=total)

    def box(self, at: int, room: int, *, total: bool) -> Corners:
        """Return the cheapest box of a count of a table with two sides, as `partners` on one side and then the other find it.

        Its row is asked once which columns will do: then a partner costs a look at these alone.
        """
        step, row, column = self.steps[self._first], self.place(at, self._first), self.place(at, len(self.sizes) - 1)
        own = at - column
        able = []
        for place in range(self.sizes[-1]):
            with_it, count = column == 0 or place == 0, self.counts[own + place]
            if place != column and count >= (1 if with_it else room + 1):
                able.append((place, with_it, 0 if self.hidden[own + place] else count))
        if not able:
            return []
        for partner in self.partners([(at, 1)], self._first, room, total=total):
            up, there = row == 0 or partner == 0, own + (partner - row) * step
            found = [
                (cost + (0 if self.hidden[there + place] else self.counts[there + place]), place, with_it)
                for place, with_it, cost in able
                if self.counts[there + place] >= (room + 1 if up != with_it else 1)
            ]
            if found:
                _cost, place, with_it = min(found)
                one, other = 1 if up else -1, 1 if with_it else -1
                return [(at, 1), (there + column, one), (own + place, other), (there + place, one * other)]
        return []

    def _of_few(self, starts: Sequence[tuple[int, bool]], side: int, own: int, room: int, *, total: bool) -> Iterable[int]:
        found = []
        for place in range(0 if total else 1, self.sizes[side]):
            if place == own:
                continue
            with_it, cost = own == 0 or place == 0, 0
            for start, up in starts:
                at = start + place * self.steps[side]
                count = self.counts[at]
                if count < (room + 1 if up != with_it else 1):
                    break
                cost += 0 if self.hidden[at] else count
            else:
                found.append((cost, place))
        return [place for _cost, place in sorted(found)]

    def _of_many(self, starts: Sequence[tuple[int, bool]], side: int, own: int, room: int, *, total: bool) -> Iterable[int]:
        places = np.arange(self.sizes[side])
        with_it = (places == 0) | (own == 0)
        allowed = (places != own) & (total | (places > 0))
        cost = np.zeros(len(places), dtype=np.int64)
        for start, up in starts:
            at = slice(start, start + len(places) * self.steps[side], self.steps[side])
            allowed &= self._counts[at] >= np.where(with_it != up, room + 1, 1)
            cost += np.where(self._hidden[at], 0, self._counts[at])
        able = np.flatnonzero(allowed)
        return able[np.argsort(cost[able], kind="stable")].tolist()  # type: ignore[no-any-return]

    def _line(self, side: int, start: int) -> "_Line":
        line = self._lines.get(start)
        if line is None:
            at = slice(start, start + self.sizes[side] * self.steps[side], self.steps[side])
            line = self._lines[start] = _Line(self._counts[at], self._hidden[at], self._threshold)
        return line


class _Line:
    """The places of one line, but for zeros: the hidden ones by how much room they have, the others by their counts."""

    def __init__(self, counts: Counts, hidden: Hidden, threshold: int) -> None:
        self._total, self._most = int(counts[0]), threshold
        self._total_hidden = bool(hidden[0])
        places = np.flatnonzero(counts)
        places = places[places > 0]
        free = places[~hidden[places]]
        self._free = sorted(zip(counts[free].tolist(), free.tolist(), strict=True))
        self._hidden: list[list[int]] = [[] for _ in range(threshold + 1)]
        for place in places[hidden[places]].tolist():
            self._hidden[min(int(counts[place]), threshold)].append(place)

    def hide(self, place: int, count: int) -> None:
        """Hide the count of a place."""
        if place == 0:
            self._total_hidden = True
            return
        del self._free[bisect_left(self._free, (count, place))]
        insort(self._hidden[min(count, self._most)], place)

    def take(self, place: int, count: int) -> None:
        """Take the hidden count of a place away."""
        if place == 0:
            self._total = 0
        else:
            there = self._hidden[min(count, self._most)]
            del there[bisect_left(there, place)]

    def put(self, place: int, count: int) -> None:
        """Put the count of a place back, hidden."""
        if place == 0:
            self._total = count
        else:
            insort(self._hidden[min(count, self._most)], place)

    def partners(self, own: int, least: int, *, total: bool) -> Iterator[int]:
        """Yield the places with at least that count (the total, where it may be one, with any), the cheapest first."""
        total = total and own != 0 and self._total > 0
        if total and self._total_hidden:
            yield 0
        for place in merge(*self._hidden[least:]):
            if place != own:
                yield place
        total = total and not self._total_hidden
        for count, place in self._free[bisect_left(self._free, (least, 0)) :]:
            if total and self._total <= count:
                total = False
                yield 0
            if place != own:
                yield place
        if total:
            yield 0
