"""Agreement with tables whose truth is known: what linking must give exactly, and what no reader of such tables can get right.

Where the outcome differs from what really happened, the data make it so, in one of these ways (each is counted below):
* *the reason is blank and nothing follows*: unknown, whatever happened; nobody wrote it down. This is by far the most.
* *ICE wrote another reason than what happened* ("Case Closed" of a person who was handed over, "Lifted" of a declined one): the
  reason is the requester's own word and stands. Where a book-in came within two days the evidence says `contradicted`.
* *the reason says booked and the person is still in custody*: a reason that was written by mistake; nothing shows it.
* *blank, and an arrest or book-in of the same id that is of another episode*: read as the hand-over, or as a release when the
  arrest was at large. The id says who, not which time.
* *blank, and declined, lifted or moved before an arrest at large*: known to have left custody (`released`), not how.
"""

import subprocess
import sys
from collections import Counter
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from linking_rows import Row, as_read
from making import make_tables

from detainer.outcomes.deriving.linking import with_links
from detainer.outcomes.deriving.outcome import with_outcome
from detainer.outcomes.engine import session

pytestmark = pytest.mark.filterwarnings("ignore:fetch_arrow_table:DeprecationWarning")  # Ibis 12 calls what DuckDB 2.0 calls old
GENERATOR = Path(__file__).parents[3] / "shared" / "data" / "make_foia_like.py"

# What the generator and our own rows call an outcome, and the outcome and reason that a correct reading gives.
TRUE = {
    "handed_over": ("handed_over", None),
    "declined_by_agency": ("declined", None),
    "declined": ("declined", None),
    "released_before_pickup": ("released", None),
    "released": ("released", None),
    "lifted_by_ice": ("withdrawn", None),
    "lifted": ("withdrawn", None),
    "not_amenable": ("withdrawn", "not_removable"),
    "not_removable": ("withdrawn", "not_removable"),
    "us_citizen": ("withdrawn", "citizen"),
    "citizen": ("withdrawn", "citizen"),
    "transferred": ("passed_on", None),
    "moved": ("passed_on", None),
    "died": ("died", None),
    "superseded": ("superseded", None),
    "still_in_custody": ("unknown", None),
    "open": ("unknown", None),
}


def read(paths: dict[str, Path], folder: Path) -> list[Row]:
    """Return the linked rows with their outcome, in the order of the detainers' file."""
    given = {name: as_read(path, folder / f"read-{name}.parquet") for name, path in paths.items()}
    with session() as at:
        tables = {name: at.read_parquet(path) for name, path in given.items()}
        linked = with_links(tables["detainers"], tables["arrests"], tables["detentions"])
        at.write_parquet(with_outcome(linked), folder / "outcomes.parquet", order=["key"])
    rows: list[Row] = pq.read_table(folder / "outcomes.parquet").to_pylist()
    return rows


def how(row: Row, true: str) -> str:
    """Return `right`, or in which of the ways that the data make unavoidable a row differs from what happened."""
    outcome, reason = TRUE[true]
    if row["outcome"] == outcome and reason in (None, row["reason"]):
        return "right"
    if row["outcome"] == "unknown":
        return "blank and nothing decides"
    if row["why"] == "lift_reason":
        return "another reason was written" + (", and contradicted" if row["evidence"] == "contradicted" else "")
    if row["why"] == "arrested_at_large":
        return "left custody, how is not known" if true in LEFT else "an arrest of another episode"
    return "an arrest or book-in of another episode"


LEFT = ("declined_by_agency", "lifted_by_ice", "not_amenable", "us_citizen", "transferred", "declined", "moved", "citizen")


def confusion(rows: list[Row], true: list[str]) -> str:
    counted = Counter((told, row["outcome"], how(row, told)) for row, told in zip(rows, true, strict=True))
    return "\n".join(f"{told:24}{outcome:14}{kind:42}{n:7,}" for (told, outcome, kind), n in sorted(counted.items()))


def test_our_own_small_tables_are_read_as_they_were_made(tmp_path: Path) -> None:
    made = make_tables(tmp_path, 600)
    truth = pq.read_table(made.truth).to_pylist()
    rows = read({name: getattr(made, name) for name in ("detainers", "arrests", "detentions")}, tmp_path)
    for row, true in zip(rows, truth, strict=True):
        assert (row["arrest_days"], row["book_in_days"]) == (true["arrest_days"], true["book_in_days"])
        copy = true["duplicate_of_row"] is not None and not true["identifier_missing"]
        assert (row["outcome"] == "duplicate") == copy, "copies without an id cannot be told from another person's row"
    alone = [(row, true["outcome"]) for row, true in zip(rows, truth, strict=True) if row["outcome"] != "duplicate"]
    ways = Counter(how(row, true) for row, true in alone)
    assert ways["right"] / len(alone) > 0.75, confusion([row for row, _ in alone], [true for _, true in alone])
    assert not ways["an arrest of another episode"] + ways["an arrest or book-in of another episode"]


def plain(moment: object) -> object:
    return moment.replace(tzinfo=None) if moment is not None else None  # type: ignore[attr-defined]


def generate(folder: Path, scale: float) -> None:
    command = [sys.executable, str(GENERATOR), "--out", str(folder), "--scale", str(scale)]
    subprocess.run(command, check=True, capture_output=True)


if GENERATOR.is_file():  # beside a developer's checkout

    def test_the_generators_tables_are_linked_exactly_and_read_as_far_as_they_can_be(
        tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        generate(tmp_path, 0.01)
        truth = pq.read_table(tmp_path / "truth" / "detainers.parquet").to_pylist()
        names = {"detainers": "detainers", "arrests": "arrests", "detentions": "detention_stints"}
        rows = read({name: tmp_path / f"{file}.parquet" for name, file in names.items()}, tmp_path)

        for row, true in zip(rows, truth, strict=True):
            found = (row["arrest_days"], row["arrest_at"], row["book_in_days"], row["book_in_at"])
            arrested, booked = true["obs_arrest_ts"], true["obs_bookin_ts"]
            exact = (true["obs_arrest_days"], plain(arrested), true["obs_bookin_days"], plain(booked))
            assert found == exact

        copies = Counter(
            (true["duplicate_of"] >= 0, row["duplicate_of"] is not None, true["id_missing"])
            for row, true in zip(rows, truth, strict=True)
        )
        assert not sum(n for (_, marked, missing), n in copies.items() if marked and missing)
        marked = sum(n for (_, marked, _), n in copies.items() if marked)
        real = sum(n for (copy, _, missing), n in copies.items() if copy and not missing)
        assert abs(marked - real) <= 0.02 * real, "two true detainers of one person, day and facility count as one: rare"

        alone = [(row, true["true_outcome"]) for row, true in zip(rows, truth, strict=True) if row["outcome"] != "duplicate"]
        ways = Counter(how(row, true) for row, true in alone)
        with capsys.disabled():
            print("\n" + confusion([row for row, _ in alone], [true for _, true in alone]), "\n", ways)
        known = [(row, true) for row, true in alone if row["outcome"] != "unknown" and true != "still_in_custody"]
        assert sum(how(row, true) == "right" for row, true in known) / len(known) > 0.88
        linked = [(row, true) for row, true in alone if row["evidence"] == "linked" and row["outcome"] == "handed_over"]
        assert sum(true == "handed_over" for _, true in linked) / len(linked) > 0.95, (
            "a hand-over by the link alone is nearly always one"
        )
        against = [(row, true) for row, true in alone if row["evidence"] == "contradicted" and row["outcome"] == "withdrawn"]
        assert sum(true == "handed_over" for _, true in against) / len(against) > 0.95, (
            "`contradicted` names the reasons that are wrong"
        )
        of_another = ways["an arrest of another episode"] + ways["an arrest or book-in of another episode"]
        assert of_another / len(alone) < 0.01
        assert not [row for row, true in alone if row["outcome"] == "declined" and row["lift_class"] != "declined"]
