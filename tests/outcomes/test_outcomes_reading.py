"""Each layout of a release is read to the same rows; what is not kept is named, and each row says where it came from."""

import datetime as dt
import gzip
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pyreadstat
import pytest
from layout_making import (
    PREAMBLE,
    TITLES_2015,
    TITLES_2025,
    TITLES_2026,
    TITLES_MID_2026,
    table_of,
    titled,
    write_text,
    write_xlsx,
)
from making import DETAINERS, RELEASE, Row, made_tables, make_tables
from pyarrow import feather

from detainer.outcomes.reading.columns import TABLES, key_of
from detainer.outcomes.reading.reader import Reading, read

TODAY = dt.date(2026, 6, 1)
MADE = made_tables(120)
ROWS = MADE["detainers"]
REAL = Path("/work/shared/data")
needs_real = pytest.mark.skipif(not REAL.is_dir(), reason="the real files are not here")


def table(into: Path, name: str = "detainers") -> list[Row]:
    return pq.read_table(into / "tables" / f"{name}.parquet").to_pylist()


def folded(value: Any) -> Any:
    text = " ".join(value.split()) if isinstance(value, str) else value
    return None if text in ("", "NA") else text


def told(rows: Sequence[Row], *names: str) -> list[tuple[Any, ...]]:
    return [tuple(folded(row[name]) for name in names) for row in rows]


KEPT = (
    "detainer_prepare_date",
    "detention_facility",
    "detainer_lift_reason",
    "facility_city",
    "unique_identifier",
    "entry_status",
)


def reading(tmp_path: Path, *files: Path, **options: Any) -> tuple[Reading, list[Row]]:
    read_ = read(files, tmp_path / "out", today=TODAY, **options)
    return read_, table(tmp_path / "out")


def test_the_projects_parquet_is_read_with_every_row_and_type(tmp_path: Path) -> None:
    made = make_tables(tmp_path, 120)
    said, rows = reading(tmp_path, made.detainers, made.arrests, made.detentions)
    assert said.releases == (RELEASE,)
    assert {name: each.rows for name, each in said.tables.items()} == {
        "detainers": 120,
        "arrests": len(MADE["arrests"]),
        "detentions": len(MADE["detentions"]),
    }
    assert told(rows, *KEPT) == told(ROWS, *KEPT)
    assert [row["key"] for row in rows] == list(range(120))
    assert [row["row"] for row in rows] == list(range(1, 121))
    assert {row["file"] for row in rows} == {"detainers.parquet"}
    assert {row["release"] for row in rows} == {RELEASE}
    schema = pq.read_schema(tmp_path / "out" / "tables" / "detentions.parquet")
    assert schema.field("book_in_date_time").type == pa.timestamp("us")
    assert set(schema.names) == {*TABLES["detentions"].columns, "release", "file", "sheet", "row", "key"}


def test_a_moment_of_an_arrest_is_the_clocks_time_as_written(tmp_path: Path) -> None:
    made = make_tables(tmp_path, 60)
    read([made.arrests], tmp_path / "out", today=TODAY)
    first = pq.read_table(made.arrests).to_pylist()[0]
    kept = table(tmp_path / "out", "arrests")[0]
    assert kept["apprehension_date_time"] == first["apprehension_date_time"].replace(tzinfo=None)
    assert kept["apprehension_date"] == first["apprehension_date"]


def test_columns_that_no_file_has_are_there_as_nulls_and_named(tmp_path: Path) -> None:
    path = write_text(tmp_path / "FY15.csv", table_of(ROWS, TITLES_2015, above=(), withheld=()))
    said, rows = reading(tmp_path, path)
    assert "unique_identifier" in said.missing["detainers"]
    assert all(row["unique_identifier"] is None and row["final_order_date"] is None for row in rows)
    assert "detainer_type" not in said.missing["detainers"]


@pytest.mark.parametrize("titles", [TITLES_2026, TITLES_2025, TITLES_MID_2026])
@pytest.mark.parametrize("form", ["xlsx", "csv"])
def test_every_years_titles_are_known(tmp_path: Path, titles: dict[str, str], form: str) -> None:
    sheet = table_of(ROWS, titled(DETAINERS.names, titles))
    name = f"2099-ICLI-00001_Detainers_Redacted.{form}"
    path = write_xlsx(tmp_path / name, {"Detainers": sheet}) if form == "xlsx" else write_text(tmp_path / name, sheet)
    said, rows = reading(tmp_path, path)
    assert told(rows, *KEPT) == told(ROWS, *KEPT)
    assert [dropped.title for dropped in said.files[0].dropped] == ["Birth Date", "EID DTA ID"]
    assert [row["row"] for row in rows] == list(range(8, 128))
    assert said.releases == (RELEASE,)


def test_the_sheets_of_a_workbook_are_stacked_and_notes_are_left_out(tmp_path: Path) -> None:
    titles = titled(DETAINERS.names, TITLES_2026)
    other = {name: titles[name] for name in reversed(list(titles)) if name != "gender"}
    sheets = {
        "Notes": [["These are synthetic"], ["b(6) means withheld"]],
        "FY2024": table_of(ROWS[:70], titles),
        "FY2025": table_of(ROWS[70:], other, above=PREAMBLE[:4]),
    }
    said, rows = reading(tmp_path, write_xlsx(tmp_path / "2099-ICLI-00001.xlsx", sheets))
    assert told(rows, *KEPT) == told(ROWS, *KEPT)
    assert [(row["sheet"], row["row"]) for row in (rows[0], rows[69], rows[70])] == [("FY2024", 8), ("FY2024", 77), ("FY2025", 6)]
    assert rows[0]["gender"] is not None
    assert rows[70]["gender"] is None
    assert [sheet.name for sheet in said.files[0].skipped] == ["Notes"]
    assert [sheet.rows for sheet in said.files[0].sheets] == [70, 50]


@pytest.mark.parametrize(
    ("separator", "encoding", "name"),
    [
        (",", "utf-8", "a.csv"),
        (",", "utf-8-sig", "a.csv"),
        ("\t", "utf-16", "a.txt"),
        ("\t", "utf-16-le", "a.csv"),
        (";", "cp1252", "a.csv"),
        ("|", "utf-8", "a.csv.gz"),
        ("|", "cp1252", "a.txt.gz"),
    ],
)
def test_separator_and_encoding_are_found(tmp_path: Path, separator: str, encoding: str, name: str) -> None:
    rows_in = [row | {"detention_facility": "CÁRCEL ½ DOÑA ANA"} for row in ROWS]
    path = write_text(tmp_path / name, table_of(rows_in, titled(DETAINERS.names, TITLES_2026)), separator, encoding)
    _, rows = reading(tmp_path, path)
    assert {row["detention_facility"] for row in rows} == {"CÁRCEL ½ DOÑA ANA"}
    assert told(rows, "detainer_prepare_date") == told(ROWS, "detainer_prepare_date")


def test_the_layout_of_2016_with_redactions_and_a_year_in_two_digits(tmp_path: Path) -> None:
    above = [["ERO-LESA Statistical Tracking Unit"], ["2019-ICFO-53623"], [], ["ERO Administrative Arrests for FY2016"]]
    titles = ["Area of Responsibility", "Apprehension Date", "Apprehension Method", "Operation", "Birth Date"]
    body = [["Boston Area of Responsibility", "10/1/15", "Located", "(B)(7)(E) ", "(B)(6);(B)(7)(C) "]] * 3
    body.append(["Boston Area of Responsibility", "10/25/15 13:05", "Located", "b(6), b(7)c", ""])
    path = write_text(tmp_path / "EROArrests_FY2016.csv.gz", [*above, titles, *body], "|", quote_all=True)
    said = read([path], tmp_path / "out", today=TODAY)
    rows = table(tmp_path / "out", "arrests")
    assert said.releases == ("2019-ICFO-53623",)
    assert [row["apprehension_date"] for row in rows] == [dt.date(2015, 10, 1)] * 3 + [dt.date(2015, 10, 25)]
    assert rows[3]["apprehension_date_time"] == dt.datetime(2015, 10, 25, 13, 5)  # noqa: DTZ001
    assert {row["operation"] for row in rows} == {None}
    assert [row["row"] for row in rows] == [6, 7, 8, 9]


def test_an_arrest_with_its_moment_only_has_its_day_too(tmp_path: Path) -> None:
    titles = ["Apprehension Date And Time", "Apprehension Method", "Unique Identifier"]
    path = write_text(tmp_path / "a.csv", [titles, ["10/25/2015 13:05", "Located", "x" * 40]])
    said = read([path], tmp_path / "out", today=TODAY)
    [row] = table(tmp_path / "out", "arrests")
    assert row["apprehension_date"] == dt.date(2015, 10, 25)
    assert row["apprehension_date_time"] == dt.datetime(2015, 10, 25, 13, 5)  # noqa: DTZ001
    assert "apprehension_date" not in said.missing["arrests"]


@pytest.mark.parametrize("form", ["feather", "dta", "sav", "parquet.gz"])
def test_the_other_forms_of_the_project_are_read_alike(tmp_path: Path, form: str) -> None:
    made = make_tables(tmp_path, 120)
    source = pq.read_table(made.detainers)
    path = tmp_path / f"detainers.{form}"
    if form == "feather":
        feather.write_feather(source, path)
    elif form == "parquet.gz":
        path.write_bytes(gzip.compress(made.detainers.read_bytes()))
    else:
        frame = source.drop_columns(["duplicate_likely", "apprehension_date"]).to_pandas(date_as_object=True)
        (pyreadstat.write_dta if form == "dta" else pyreadstat.write_sav)(frame.fillna({"facility_state": ""}), str(path))
    said, rows = reading(tmp_path, path)
    assert told(rows, *KEPT, "birth_year") == told(ROWS, *KEPT, "birth_year")
    assert said.files[0].packed == form.endswith("gz")
    assert [row["final_order_date"] for row in rows] == [row["final_order_date"] for row in ROWS]


def test_names_that_stata_shortened_are_known_again(tmp_path: Path) -> None:
    made = make_tables(tmp_path, 60)
    long, short = "initial_bond_set_amount_lowest_seen", "intl_bond_set_amount_lowest_seen"
    source = pq.read_table(made.detentions)
    column = pa.array([1500.0] * source.num_rows)
    pq.write_table(source.append_column(short, column), tmp_path / "short.parquet")
    read([tmp_path / "short.parquet"], tmp_path / "out", today=TODAY)
    assert {row[long] for row in table(tmp_path / "out", "detentions")} == {1500.0}


def test_a_column_of_row_numbers_without_a_name_is_left_out(tmp_path: Path) -> None:
    titles = titled(DETAINERS.names, TITLES_2026)
    sheet = [["", *titles.values()], *([str(at), *row[:-2]] for at, row in enumerate(table_of(ROWS, titles, above=())[1:], 1))]
    said, rows = reading(tmp_path, write_text(tmp_path / "r.csv", sheet, quote_all=True))
    assert told(rows, *KEPT) == told(ROWS, *KEPT)
    assert [(dropped.title, dropped.position) for dropped in said.files[0].dropped] == [("", 1)]


def test_renamed_and_extra_columns_are_named_with_the_nearest_known(tmp_path: Path) -> None:
    titles = titled(DETAINERS.names, TITLES_2026) | {"detainer_lift_reason": "Detainer Lift Reasons Given"}
    said, rows = reading(tmp_path, write_text(tmp_path / "a.csv", table_of(ROWS, titles, withheld=["Shoe Size"])))
    dropped = {each.title: each.nearest for each in said.files[0].dropped}
    assert dropped["Shoe Size"] is None
    assert dropped["Detainer Lift Reasons Given"] == "detainer_lift_reason"
    assert "detainer_lift_reason" in said.missing["detainers"]
    assert said.files[0].renamed["Detainer Facility"] == "detention_facility"
    assert {row["detainer_lift_reason"] for row in rows} == {None}


def test_a_title_that_stands_twice_keeps_the_first_that_says_something(tmp_path: Path) -> None:
    titles = [*TITLES_2015.values(), "Final Order Yes No", "Final Order Yes No"]
    body = [["10/25/2015", "Lifted", "JAIL", "CITY", "STATE", "I247", *last] for last in (["YES", ""], ["", "NO"], ["YES", "NO"])]
    said, rows = reading(tmp_path, write_text(tmp_path / "a.csv", [titles, *body]))
    assert [row["final_order_yes_no"] for row in rows] == ["YES", "NO", "YES"]
    [column] = [each for each in said.files[0].columns["detainers"] if each.name == "final_order_yes_no"]
    assert column.disagreed == 1
    assert any("final_order_yes_no" in note for note in said.files[0].notes)


def test_text_is_cleaned_and_counted_and_nothing_is_null_in_every_spelling(tmp_path: Path) -> None:
    reasons = [" Case  Closed ", "NA", "b(6), b(7)c", "(B)(6);(B)(7)(C) ", "(b) (7)(E)", "N/A", "", "Not  Applicable", "B(ond)"]
    body = [["10/25/2015", reason, "JAIL", "CITY", "STATE", "I247"] for reason in reasons]
    said, rows = reading(tmp_path, write_text(tmp_path / "a.csv", [[*TITLES_2015.values()], *body]))
    kept = [row["detainer_lift_reason"] for row in rows]
    assert kept == ["Case Closed", None, None, None, None, None, None, "Not Applicable", "B(ond)"]
    [column] = [each for each in said.files[0].columns["detainers"] if each.name == "detainer_lift_reason"]
    assert (column.cleaned, column.emptied) == (2, 5)
    assert column.examples["cleaned"] == (" Case  Closed ", "Not  Applicable")


def test_rows_without_a_readable_shape_are_written_down_with_the_reason(tmp_path: Path) -> None:
    titles = ",".join(TITLES_2015.values())
    good = "10/25/2015,Lifted,JAIL,CITY,STATE,I247"
    lines = ["Preamble", titles, good, "10/26/2015,too,few", "", good, titles, "Total: 2,,,,,", '10/27/2015,"two\nlines",J,C,S,I']
    path = tmp_path / "a.csv"
    path.write_text("\n".join(lines))
    said, rows = reading(tmp_path, path)
    assert [row["row"] for row in rows] == [3, 6, 9]
    assert rows[2]["detainer_lift_reason"] == "two lines"
    assert said.tables["detainers"].rejected == 3
    assert said.tables["detainers"].blank == 1
    rejects = (tmp_path / "out" / "rejects" / "detainers.csv").read_text().splitlines()
    assert rejects[0] == "file,sheet,row,reason,text"
    assert [line.split(",")[2:4] for line in sorted(rejects[1:])] == [
        ["4", "3 values where the titles are 6"],
        ["7", "the titles again"],
        ["8", "one value only; no day"],
    ]


def test_the_same_content_twice_is_read_once_and_said(tmp_path: Path) -> None:
    made = make_tables(tmp_path, 40)
    copy = tmp_path / "zz-copy.parquet"
    copy.write_bytes(made.detainers.read_bytes())
    once, rows = reading(tmp_path, made.detainers)
    twice = read([copy, made.detainers, made.detainers], tmp_path / "again", today=TODAY)
    assert table(tmp_path / "again") == rows
    assert twice.tables == once.tables
    assert len(twice.notes) == 2


def test_the_order_in_which_files_are_named_changes_nothing(tmp_path: Path) -> None:
    titles = titled(DETAINERS.names, TITLES_2026)
    halves = [
        write_text(tmp_path / f"2099-ICLI-00001_{at}.csv", table_of(part, titles))
        for at, part in ((1, ROWS[:60]), (2, ROWS[60:]))
    ]
    read(halves, tmp_path / "one", today=TODAY)
    read(halves[::-1], tmp_path / "two", today=TODAY)
    assert table(tmp_path / "one") == table(tmp_path / "two")
    assert told(table(tmp_path / "one"), *KEPT) == told(ROWS, *KEPT)


def test_titles_are_the_same_in_any_case_and_punctuation() -> None:
    assert key_of("Most Serious Conviction (MSC) Charge") == key_of("MSC_CHARGE")
    assert key_of("Detention Book In Date And Time") == key_of("detention book-in date, time")
    assert key_of("Order to Show Cause Served Yes No") == key_of("order_show_cause_served_yes_no")


@needs_real
@pytest.mark.parametrize(
    ("name", "kind", "rows", "release"),
    [
        ("pa_detainers.parquet", "detainers", 32_757, "pa_detainers"),
        ("pa_detainers_raw.csv.gz", "detainers", 32_757, "pa_detainers_raw"),
        ("us_detainers_usc_interviewed_2007_2015.csv.gz", "detainers", 693, "us_detainers_usc_interviewed_2007_2015"),
        ("ddp_detainers_full_schema_sample.csv", "detainers", 22, "2026-ICLI-00005"),
        ("raw_layout_EROArrests_FY2016.csv.gz", "arrests", 110_104, "2019-ICFO-53623"),
        ("ero_arrests_fy2016_fy2018.parquet", "arrests", 412_155, "ero_arrests_fy2016_fy2018"),
        ("ero_removals_fy2016_fy2018.parquet", "removals", 722_459, "ero_removals_fy2016_fy2018"),
        ("ero_encounters_fy2016_fy2017.parquet", "encounters", 808_548, "ero_encounters_fy2016_fy2017"),
    ],
)
def test_the_real_files_are_read_without_losing_a_row(tmp_path: Path, name: str, kind: Any, rows: int, release: str) -> None:
    said = read([REAL / name], tmp_path, today=TODAY)
    assert (said.tables[kind].rows, said.tables[kind].rejected, said.releases) == (rows, 0, (release,))
    day = TABLES[kind].day
    assert pq.read_table(tmp_path / "tables" / f"{kind}.parquet", columns=[day]).column(0).null_count == 0


@needs_real
def test_both_forms_of_the_pennsylvania_file_are_the_same_rows(tmp_path: Path) -> None:
    for name in ("pa_detainers.parquet", "pa_detainers_raw.csv.gz"):
        read([REAL / name], tmp_path / name, today=TODAY)
    one, other = (
        pq.read_table(tmp_path / name / "tables" / "detainers.parquet")
        for name in ("pa_detainers.parquet", "pa_detainers_raw.csv.gz")
    )
    named = list(TABLES["detainers"].columns)
    assert one.select(named).equals(other.select(named))
