"""Two builds of the same data: what was rewritten is counted; a row that cannot be told from another is matched with none."""

from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa
import pytest
from making import RELEASE

from detainer.outcomes import Comparison, OutcomesError, compare, manifest
from detainer.outcomes.counting.spans import Release
from detainer.outcomes.manifest import Manifest, Options
from detainer.record.published import Windows

pytestmark = pytest.mark.filterwarnings("ignore:fetch_arrow_table:DeprecationWarning")  # Ibis 12 calls what DuckDB 2.0 calls old
SCHEMA = pa.schema(
    [
        *((name, pa.string()) for name in ("unique_identifier", "facility_code", "detention_facility", "state", "gender")),
        *((name, pa.string()) for name in ("citizenship_country", "outcome", "evidence", "detainer_lift_reason", "case_status")),
        ("detainer_prepare_date", pa.date32()),
        ("birth_year", pa.int32()),
        ("duplicate_of", pa.int64()),
    ]
)


def row(person: int, **said: Any) -> dict[str, Any]:
    """A detainer of a person: born in a year of the person's own, so that the row can be told from the others."""
    return {
        "unique_identifier": f"before-{person}",
        "facility_code": "BUCKSPA",
        "state": "PA",
        "gender": "Male",
        "birth_year": 1950 + person,
        "citizenship_country": "MEXICO",
        "detainer_prepare_date": ibis.date(2024, 1, 29).to_pyarrow().as_py(),
        "outcome": "unknown",
        "evidence": "none",
        "case_status": "ACTIVE",
        **said,
    }


def a_build(folder: Path, *rows: dict[str, Any], source: str = "published") -> Path:
    """A folder that is a build of these rows."""
    folder.mkdir()
    pa.parquet.write_table(pa.Table.from_pylist(list(rows), schema=SCHEMA), folder / "outcomes.parquet")
    made = Manifest(
        source=source,  # type: ignore[arg-type]
        made_at="2099-01-01",
        versions={},
        law="",
        options=Options(windows=Windows()),
        counts={},
        releases=(Release(name=RELEASE, last_day=None, arrests=False, book_ins=False),),
    )
    manifest.write(folder, made)
    return folder


def changes(found: Comparison, column: str) -> list[tuple[str | None, str | None, int]]:
    return [(each.before, each.after, each.rows) for each in found.changes if each.column == column]


def of_a_later_release(one: dict[str, Any]) -> dict[str, Any]:
    """The same row as another release has it: with an identifier of its own."""
    return {**one, "unique_identifier": one["unique_identifier"].replace("before", "after")}


def test_what_a_later_release_rewrote_is_counted(tmp_path: Path) -> None:
    before = [row(1), row(2), row(3, outcome="declined", detainer_lift_reason="Detainer Declined by LEA")]
    after = [of_a_later_release(one) for one in before]
    after[0] |= {"outcome": "handed_over", "detainer_lift_reason": "Booked into Detention", "evidence": "stated"}
    after[2] |= {"case_status": "6-Deported/Removed - Deportability"}
    found = compare(a_build(tmp_path / "one", *before), a_build(tmp_path / "two", *after))
    assert (found.matched_by, found.matched) == ("columns", 3)
    assert "birth_year" in found.columns
    assert changes(found, "outcome") == [("unknown", "handed_over", 1)]
    assert changes(found, "detainer_lift_reason") == [(None, "Booked into Detention", 1)]
    assert changes(found, "case_status") == [("ACTIVE", "6-Deported/Removed - Deportability", 1)]
    counts = {each.outcome: (each.before, each.after) for each in found.classes}
    assert counts == {"declined": (1, 1), "handed_over": (0, 1), "unknown": (2, 1)}


def test_rows_are_matched_by_identifier_where_both_have_the_same(tmp_path: Path) -> None:
    before = [row(1), row(2, birth_year=None)]
    after = [row(1, gender="Unknown"), row(2, birth_year=1999, outcome="died")]
    found = compare(a_build(tmp_path / "one", *before), a_build(tmp_path / "two", *after))
    assert (found.matched_by, found.matched) == ("identifier", 2)
    assert changes(found, "outcome") == [("unknown", "died", 1)]


def test_rows_that_are_alike_are_matched_with_none(tmp_path: Path) -> None:
    twins = [row(1), row(2) | {"birth_year": 1951}]
    after = [of_a_later_release(one) | {"outcome": "died"} for one in twins]
    found = compare(a_build(tmp_path / "one", *twins, row(5)), a_build(tmp_path / "two", *after))
    assert (found.matched, found.before.alike, found.after.alike, found.before.unmatched) == (0, 2, 2, 1)
    assert found.changes == ()


def test_copies_are_not_compared(tmp_path: Path) -> None:
    rows = [row(1), row(1) | {"duplicate_of": 1}]
    found = compare(a_build(tmp_path / "one", *rows), a_build(tmp_path / "two", *map(of_a_later_release, rows)))
    assert (found.matched, found.before.copies, found.before.rows) == (1, 1, 2)


def test_the_same_build_has_nothing_rewritten(tmp_path: Path) -> None:
    one = a_build(tmp_path / "one", row(1), row(2))
    found = compare(one, one)
    assert (found.matched, found.changes) == (2, ())


def test_a_release_and_a_record_are_not_compared(tmp_path: Path) -> None:
    with pytest.raises(OutcomesError, match="no rows in common"):
        compare(a_build(tmp_path / "one", row(1)), a_build(tmp_path / "two", row(1), source="exchange"))
