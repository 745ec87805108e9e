"""Releases in layouts that nobody has seen yet: other titles, words for nothing, dates. Each loads, or says what it lacks."""

import csv
import datetime as dt
import gzip
import io
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from layout_making import write_xlsx
from typer.testing import CliRunner

from detainer.cli import app
from detainer.outcomes.errors import OutcomesError
from detainer.outcomes.reading.reader import Reading, read

TODAY = dt.date(2026, 6, 1)
JAILS = (("BUCKS COUNTY JAIL", "BUCKSPA"), ("ALLEGHENY COUNTY JAIL", "ALLEGPA"), ("LEHIGH CO PRISON", "LEHIGPA"))
LIFTED = ("Booked into Detention", "Detainer Declined by LEA", None, "Case Closed")
# Each detainer: its day, the facility's name and code, the lift reason, the person's id.
ROWS = [
    (dt.date(2012, 1, 3) + dt.timedelta(days=11 * number), *JAILS[number % 3], LIFTED[number % 4], f"{number % 31:040x}")
    for number in range(60)
]
NAMES = ("detainer_prepare_date", "detention_facility", "detention_facility_code", "detainer_lift_reason", "unique_identifier")


def text(titles: Sequence[str], rows: Iterable[Sequence[Any]], separator: str = ",", above: str = "", below: str = "") -> str:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=separator, lineterminator="\r\n").writerows([titles, *rows])
    return above + out.getvalue() + below


def in_2012(path: Path) -> None:
    """Abbreviated titles, two-digit years, no code and no id, tabs, lines above and a line of totals below."""
    titles = ["Prep Dt", "AOR", "Fac Name", "Fac City", "Lift Rsn", "Lift Dt", "Sex", "Nationality", "MSC NCIC Chg"]
    rows = [[f"{day:%m/%d/%y}", "PHI", name, "X", lift or "-", "", "M", "MEXICO", "-"] for day, name, _, lift, _ in ROWS]
    path.write_text(text(titles, rows, "\t", "Detainers FY2012\r\nFOIA 12-11223\r\n\r\n", "Total\t60\r\n"))


def with_a_mark(path: Path) -> None:
    """A byte-order mark, semicolons, days as 31.12.2012, other words for nothing, columns that nobody knows."""
    titles = ["Detainer Issued Date", "Detention Facility Name", "DETLOC", "Lift Reason", "Unique ID (Anonymized)", "Remarks"]
    rows = [
        [f"{day:%d.%m.%Y}", name, code, lift or "No Data", "(b)(6); (b)(7)(C)" if at % 7 == 0 else who, "Not Available"]
        for at, (day, name, code, lift, who) in enumerate(ROWS)
    ]
    path.write_bytes(("\ufeff" + text(titles, rows, ";")).encode())


def by_year(path: Path) -> None:
    """A sheet for each year, each with its own titles, lines above, a line of totals, and sheets that hold no table."""
    above = [["ICE"], ["2027-ICLI-00042"], ["Detainer", "", "Facility", "", "Person", ""]]
    titles = (
        ["Detainer Prepare Date", "Detention Facility", "Detention Facility Code", "Detainer Lift Reason", "Unique Identifier"],
        ["Detainer\nPrepared  Date ", "Detainer Facility*", "Detainer Facility Code", "Detainer Lift\nReason", "Anonymized ID"],
        ["Date Prepared", "FACILITY", "FACILITY_CODE", "LIFT_REASON", "ANON_ID"],
    )
    sheets = {
        f"FY{2012 + at}": [*(above if at == 0 else []), [*head, "A-Number"], *rows, [], ["Total", len(rows)]]
        for at, head in enumerate(titles)
        for rows in ([[*row, "b(6), b(7)c"] for row in ROWS[at::3]],)
    }
    write_xlsx(path, {**sheets, "Notes": [["b(6): withheld"]] * 3, "Sheet5": []})


def wide(path: Path) -> None:
    """What Excel saves as Unicode text: two bytes a letter, tabs; days as numbers, as Excel counts them."""
    titles = ["Detainer Prepare Date", "Detainer Facility", "Detainer Facility Code", "Detainer Lift Reason", "Unique Identifier"]
    rows = [[(day - dt.date(1899, 12, 30)).days, *rest] for day, *rest in ROWS]
    path.write_bytes(text(titles, rows, "\t").encode("utf-16"))


def of_a_program(path: Path) -> None:
    """Names as programs write them, moments with a zone, a first column of row numbers, packed."""
    titles = ["", "detainerPrepareDate", "detentionFacility", "detentionFacilityCode", "detainerLiftReason", "uniqueIdentifier"]
    rows = [[at, f"{day}T00:00:00Z", name, code, lift or "<NA>", who] for at, (day, name, code, lift, who) in enumerate(ROWS)]
    path.write_bytes(gzip.compress(text(titles, rows).encode()))


def in_two_rows(path: Path) -> None:
    """Titles in two rows, the upper one in merged cells; a title that is cut in two; a long list of words on its own sheet."""
    upper = ["Detainer", "", "Facility", "", "Unique"]
    lower = ["Prepare Date", "Lift Reason", "Name", "Code", "Identifier"]
    rows = [[day, lift, name, code, who] for day, name, code, lift, who in ROWS]
    write_xlsx(
        path, {"Data": [["ERO Detainers"], upper, lower, *rows], "Words": [["Field", "Meaning"], *[["A", "declined"]] * 30]}
    )


LAYOUTS: dict[str, Callable[[Path], None]] = {
    "2012.txt": in_2012,
    "marked.csv": with_a_mark,
    "years.xlsx": by_year,
    "wide.txt": wide,
    "program.csv.gz": of_a_program,
    "two_rows.xlsx": in_two_rows,
}


def taken(tmp_path: Path, name: str, **options: Any) -> tuple[Reading, list[tuple[Any, ...]]]:
    LAYOUTS[name](tmp_path / name)
    told = read([tmp_path / name], tmp_path / "out", today=TODAY, **options)
    rows = pq.read_table(tmp_path / "out" / "tables" / "detainers.parquet").select(NAMES).to_pylist()
    return told, [tuple(row[column] for column in NAMES) for row in rows]


@pytest.mark.parametrize("name", LAYOUTS)
def test_a_release_in_a_layout_that_was_never_seen_loads(tmp_path: Path, name: str) -> None:
    told, found = taken(tmp_path, name)
    expected = [*ROWS[0::3], *ROWS[1::3], *ROWS[2::3]] if name == "years.xlsx" else ROWS
    if name == "2012.txt":
        found, expected = [row[:2] + row[3:4] for row in found], [row[:2] + row[3:4] for row in expected]
    if name == "marked.csv":
        expected = [(*row[:4], None if at % 7 == 0 else row[4]) for at, row in enumerate(expected)]
    assert found == expected
    totals = {"2012.txt": 1, "years.xlsx": 3}
    assert told.tables["detainers"].rejected == totals.get(name, 0), "a line of totals is no detainer, and is written down"


def test_a_table_of_stays_gives_the_first_book_in_of_each(tmp_path: Path) -> None:
    titles = ["stay_ID", "unique_identifier", "stay_book_in_date_time", "stay_release_reason", "detention_facility_code_first"]
    path = tmp_path / "stays.csv"
    path.write_text(text(titles, [[at, who, day, "Removed", code] for at, (day, _, code, _, who) in enumerate(ROWS)]))
    read([path], tmp_path / "out", today=TODAY)
    found = pq.read_table(tmp_path / "out" / "tables" / "detentions.parquet").to_pylist()
    assert [(row["book_in_date_time"].date(), row["detention_facility_code"]) for row in found] == [row[::2][:2] for row in ROWS]


@pytest.mark.parametrize(("first", "said"), [(b"SQLite format 3\0", "SQLite"), (b"RDX3\n", "a file of R"), (b'{"a": 1}', "JSON")])
def test_what_is_no_table_is_called_by_its_name(tmp_path: Path, first: bytes, said: str) -> None:
    (tmp_path / "a").write_bytes(first + bytes(100))
    with pytest.raises(OutcomesError, match=said):
        read([tmp_path / "a"], tmp_path / "out", today=TODAY)


def test_a_title_that_is_not_known_is_left_out_aloud_with_what_would_take_it(tmp_path: Path) -> None:
    rows = [[f"{day:%Y-%m-%d}", name, lift, who] for day, name, _, lift, who in ROWS]
    path = tmp_path / "a.csv"
    path.write_text(text(["Prepare Date", "Facility", "Lift Reason", "Unique Identifyer"], rows))
    told = read([path], tmp_path / "out", today=TODAY)
    assert [note for note in told.files[0].notes if '--column "Unique Identifyer=unique_identifier"' in note]
    read([path], tmp_path / "said", today=TODAY, columns={"Unique Identifyer": "unique_identifier"})
    ids = pq.read_table(tmp_path / "said" / "tables" / "detainers.parquet")["unique_identifier"].to_pylist()
    assert ids == [who for *_, who in ROWS]


def test_titles_that_a_person_explains_load_and_wrong_explanations_are_told(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(text(["Tag", "Ort", "Grund"], [[day, name, lift] for day, name, _, lift, _ in ROWS]))
    with pytest.raises(OutcomesError, match="say what two or more of them are: --column"):
        read([path], tmp_path / "out", today=TODAY)
    said = {"Tag": "detainer_prepare_date", "Ort": "detention_facility", "Grund": "detainer_lift_reason"}
    assert read([path], tmp_path / "out", today=TODAY, columns=said).tables["detainers"].rows == 60
    with pytest.raises(
        OutcomesError, match=r"column Tag=prepare_date: no table has prepare_date; nearest: .*detainer_prepare_date"
    ):
        read([path], tmp_path / "out", today=TODAY, columns={"Tag": "prepare_date"})
    with pytest.raises(OutcomesError, match="column Tags=detainer_prepare_date: no file has that title; nearest: Tag"):
        read([path], tmp_path / "out", today=TODAY, columns=said | {"Tags": "detainer_prepare_date"})


def test_days_none_of_which_can_be_read_are_refused_with_examples(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(
        text(["Prepare Date", "Facility", "Lift Reason"], [["week 7 of 2012", name, lift] for _, name, _, lift, _ in ROWS])
    )
    with pytest.raises(OutcomesError, match=r"none of its 60 values can be read as a day \(as 'week 7 of 2012'\)"):
        read([path], tmp_path / "out", today=TODAY)


def test_the_command_takes_what_titles_are_and_how_far_a_packed_file_may_grow(tmp_path: Path) -> None:
    path = tmp_path / "a.csv.gz"
    path.write_bytes(gzip.compress(text(["Tag", "Facility", "Lift Reason"], [[*row[:2], row[3]] for row in ROWS]).encode()))

    def build(*options: str) -> str:
        ended = CliRunner().invoke(app, ["outcomes", "build", str(path), "--out", str(tmp_path / "out"), *options])
        assert ended.exit_code == 1
        return " ".join(ended.output.split())

    assert "it unpacks to more than 1,000 bytes" in (said := build("--unpack-limit", "1KB"))
    assert "--unpack-limit 100GB" in said
    assert "--unpack-limit much: Value error, a size is meant, as 500MB or 100GB" in build("--unpack-limit", "much")
    assert "--column Tag: write a title and its column" in build("--column", "Tag")
    assert "column Tag=day: no table has day" in build("--column", "Tag=day")
