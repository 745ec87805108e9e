"""What is wrong with a file is said with the place and what would be right; nothing is guessed, nothing lost in silence."""

import datetime as dt
import gzip
import io
import os
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pyreadstat
import pytest
from layout_making import TITLES_2015, TITLES_2026, table_of, titled, write_text, write_xlsx
from making import DETAINERS, Row, made_tables, make_tables
from pyarrow import feather

from detainer.outcomes.errors import OutcomesError
from detainer.outcomes.reading.reader import Limits, ReadColumn, Reading, read

TODAY = dt.date(2026, 6, 1)
ROWS = made_tables(60)["detainers"]
SHEET = table_of(ROWS, titled(DETAINERS.names, TITLES_2026))


def refused(tmp_path: Path, *files: Path, **options: Any) -> str:
    with pytest.raises(OutcomesError) as said:
        read(files, tmp_path / "out", today=TODAY, **options)
    assert not list((tmp_path / "out").glob("reading-*"))
    return str(said.value)


FORMS = ("parquet", "feather", "xlsx", "dta", "sav")


def written(path: Path, rows: Sequence[Row]) -> Path:
    """Write detainers in the form that the name says."""
    form, packed = path.name.removesuffix(".gz").rsplit(".", 1)[1], path.name.endswith(".gz")
    table = pa.Table.from_pylist(list(rows), schema=DETAINERS)
    sheet = [*SHEET[:7], *SHEET[7:][: len(rows)]]
    plain = path.with_name(path.name.removesuffix(".gz"))
    if form == "csv":
        write_text(plain, sheet)
    elif form == "xlsx":
        write_xlsx(plain, {"Detainers": sheet})
    elif form == "parquet":
        pq.write_table(table, plain)
    elif form == "feather":
        feather.write_feather(table, plain)
    else:
        frame = table.drop_columns(["duplicate_likely", "apprehension_date"]).to_pandas(date_as_object=True)
        frame = frame.fillna({"facility_state": ""})
        (pyreadstat.write_dta if form == "dta" else pyreadstat.write_sav)(frame, str(plain))
    if packed:
        path.write_bytes(gzip.compress(plain.read_bytes()))
    return path


def of_dates(
    tmp_path: Path, dates: Sequence[str], orders: Sequence[str] = (), **options: Any
) -> tuple[Reading, list[Any], list[Any]]:
    """Read detainers prepared on these days, with final orders of those; return what was said, and both columns."""
    orders = list(orders) or [""] * len(dates)
    rows = [[day, "Lifted", "JAIL", "CITY", "STATE", "I247", order] for day, order in zip(dates, orders, strict=True)]
    path = write_text(tmp_path / "a.csv", [[*TITLES_2015.values(), "Final Order Date"], *rows])
    said = read([path], tmp_path / "out", today=TODAY, **options)
    table = pq.read_table(tmp_path / "out" / "tables" / "detainers.parquet")
    return said, table["detainer_prepare_date"].to_pylist(), table["final_order_date"].to_pylist()


def column(said: Reading, name: str) -> ReadColumn:
    return next(each for each in said.files[0].columns["detainers"] if each.name == name)


def test_another_table_is_refused_with_its_titles_and_the_nearest_known(tmp_path: Path) -> None:
    pq.write_table(
        pa.table({"date": [dt.date(2024, 1, 1)], "detention_facility_code": ["A"], "n_detained": [3]}), tmp_path / "p.parquet"
    )
    said = refused(tmp_path, tmp_path / "p.parquet")
    assert "p.parquet: not a table that is known" in said
    assert "most like detainers" in said
    assert "lacks any of detainer_lift_reason" in said
    assert "'n_detained'" in said


def test_the_column_of_the_day_is_asked_for_by_the_titles_it_may_have(tmp_path: Path) -> None:
    titles = titled(DETAINERS.names, TITLES_2026) | {"detainer_prepare_date": "Detainer Preparation Date"}
    said = refused(tmp_path, write_text(tmp_path / "a.csv", table_of(ROWS, titles)))
    assert "lacks a column of the day ('detainer_prepare_date', 'Detainer Prepared Date', 'Prepare Date', " in said
    assert "'Detainer Preparation Date' (is it detainer_prepare_date?" in said


def test_text_without_known_titles_is_refused_with_its_beginning(tmp_path: Path) -> None:
    path = tmp_path / "letter.txt"
    path.write_text("Dear Sir,\nwe have no records.\n")
    assert "It begins: Dear Sir, / we have no records." in refused(tmp_path, path)


def test_two_releases_are_refused_unless_they_are_mixed_knowingly(tmp_path: Path) -> None:
    made = make_tables(tmp_path / "a", 20)
    other = make_tables(tmp_path / "b", 20, seed=5, release="2099-ICLI-00002")
    said = refused(tmp_path, made.detainers, other.arrests)
    assert "2099-ICLI-00001: detainers.parquet; 2099-ICLI-00002: arrests.parquet" in said
    assert "--mix-releases" in said
    mixed = read([made.detainers, other.detainers], tmp_path / "out", today=TODAY, mix_releases=True)
    assert mixed.releases == ("2099-ICLI-00001", "2099-ICLI-00002")
    table = pq.read_table(tmp_path / "out" / "tables" / "detainers.parquet")
    assert sorted(table["release"].to_pylist()) == ["2099-ICLI-00001"] * 20 + ["2099-ICLI-00002"] * 20
    assert table["key"].to_pylist() == list(range(40))
    named = read([made.detainers, other.arrests], tmp_path / "named", today=TODAY, release="one family")
    assert named.releases == ("one family",)


def test_a_file_of_two_releases_gives_each_row_its_own(tmp_path: Path) -> None:
    tables = [
        pq.read_table(make_tables(tmp_path / name, 20, release=f"2099-ICLI-0000{name}").detainers, schema=DETAINERS)
        for name in ("1", "2")
    ]
    pq.write_table(pa.concat_tables(tables), tmp_path / "historical.parquet")
    assert "2099-ICLI-00001" in refused(tmp_path, tmp_path / "historical.parquet")
    read([tmp_path / "historical.parquet"], tmp_path / "out", today=TODAY, mix_releases=True)
    kept = pq.read_table(tmp_path / "out" / "tables" / "detainers.parquet")["release"].to_pylist()
    assert kept == ["2099-ICLI-00001"] * 20 + ["2099-ICLI-00002"] * 20


@pytest.mark.parametrize("form", FORMS)
def test_a_file_that_was_cut_short_is_refused_by_the_name_that_it_was_given(tmp_path: Path, form: str) -> None:
    whole = written(tmp_path / f"whole.{form}", ROWS).read_bytes()
    cut = tmp_path / f"cut.{form}"
    for share in (0.02, 0.5, 0.98):
        part = whole[: int(len(whole) * share)]
        for path, data in ((cut, part), (tmp_path / f"cut.{form}.gz", gzip.compress(part))):
            path.write_bytes(data)
            said = refused(tmp_path, path)
            assert said.startswith(f"{path}: "), (share, said)
            assert "cut short" in said or "damaged" in said


def test_a_text_that_ends_within_a_row_is_noted(tmp_path: Path) -> None:
    whole = [write_text(tmp_path / f"{name}.csv", SHEET, encoding=name) for name in ("utf-8", "utf-16")]
    for path, packed in ((whole[0], True), (whole[1], False)):
        data = path.read_bytes()[:-100]
        cut = tmp_path / "cut.csv"
        cut.write_bytes(gzip.compress(data) if packed else data)
        said = read([cut], tmp_path / "out", today=TODAY)
        assert (said.tables["detainers"].rows, said.tables["detainers"].rejected) == (59, 1)
        [note] = [note for note in said.files[0].notes if "it may have been cut short" in note]
        assert "ends within a row" in note
    assert not read(whole[:1], tmp_path / "out", today=TODAY).files[0].notes


@pytest.mark.parametrize("form", [*FORMS, "csv", "csv.gz", "parquet.gz", "dta.gz"])
def test_an_empty_file_is_refused(tmp_path: Path, form: str) -> None:
    path = tmp_path / f"a.{form}"
    for data in (b"", gzip.compress(b"")) if form.endswith("gz") else (b"",):
        path.write_bytes(data)
        said = refused(tmp_path, path)
        assert said.startswith(f"{path}: ")
        assert "empty" in said or "nothing in the gz" in said


@pytest.mark.parametrize("form", [*FORMS, "csv", "csv.gz", "parquet.gz"])
def test_titles_without_rows_are_refused(tmp_path: Path, form: str) -> None:
    path = written(tmp_path / f"a.{form}", [])
    said = refused(tmp_path, path)
    assert said.startswith(f"{path}: ")
    assert "without rows" in said


def test_titles_without_so_much_as_an_end_of_their_line_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(",".join(DETAINERS.names))
    assert "a table without rows" in refused(tmp_path, path)


def test_a_text_of_any_length_is_read_in_the_same_memory(tmp_path: Path) -> None:
    usual = pa.default_memory_pool()
    most = []
    for rows in (200_000, 400_000):
        path = tmp_path / "a.csv"
        lines = (f"10/25/2015,Lifted,{row:040}\n" for row in range(rows))
        path.write_text("Prepare Date,Detainer Lift Reason,Unique Identifier\n" + "".join(lines))
        pool = pa.proxy_memory_pool(usual)
        pa.set_memory_pool(pool)
        try:
            assert read([path], tmp_path / "out", today=TODAY).tables["detainers"].rows == rows
        finally:
            pa.set_memory_pool(usual)
        most.append(pool.max_memory())
    assert most[1] < 1.1 * most[0]


def test_a_missing_file_and_a_folder_are_named(tmp_path: Path) -> None:
    assert "no such file" in refused(tmp_path, tmp_path / "nowhere.csv")
    assert "a folder" in refused(tmp_path, tmp_path)
    assert "no files were named" in refused(tmp_path)


def test_a_file_that_may_not_be_read_says_so(tmp_path: Path) -> None:
    path = write_text(tmp_path / "a.csv", SHEET)
    path.chmod(0)
    user = os.geteuid()
    for folder in (tmp_path, *tmp_path.parents[:2]):
        folder.chmod(0o755)
    if user == 0:
        os.seteuid(65534)  # the tests may run as root, who may read everything
    try:
        with pytest.raises(OutcomesError, match="you may not read it"):
            read([path], tmp_path / "out", today=TODAY)
    finally:
        os.seteuid(user)


@pytest.mark.parametrize(
    ("data", "advice"),
    [
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "git lfs pull"),
        (b"%PDF-1.7 ...", "a PDF"),
        (b"<!DOCTYPE html><html>", "a web page"),
        (b"\x00\x01\x02\x03" * 50, "no known format"),
    ],
)
def test_what_is_no_table_is_told_by_what_it_is(tmp_path: Path, data: bytes, advice: str) -> None:
    path = tmp_path / "detainers.parquet"
    path.write_bytes(data)
    assert advice in refused(tmp_path, path)


def test_a_zip_of_files_is_to_be_unpacked(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("detainers.csv", "a,b")
    assert "unpack it and name the files in it (detainers.csv)" in refused(tmp_path, tmp_path / "a.zip")


def test_a_workbook_that_unpacks_to_far_too_much_is_refused_unless_the_limit_is_raised(tmp_path: Path) -> None:
    bomb = write_xlsx(tmp_path / "bomb.xlsx", {"Detainers": SHEET})
    with zipfile.ZipFile(bomb, "a", zipfile.ZIP_DEFLATED) as book, book.open("xl/media.bin", "w") as out:
        for _ in range(40):
            out.write(bytes(1 << 20))
    said = refused(tmp_path, bomb, limits=Limits(free=16 << 20))
    assert "unpacks to more than" in said
    assert "--unpack-limit 100GB" in said
    assert read([bomb], tmp_path / "out", today=TODAY, limits=Limits(free=64 << 20)).tables["detainers"].rows == 60


@pytest.mark.parametrize("inner", ["csv", "parquet"])
def test_a_gz_that_unpacks_to_far_too_much_is_refused_unless_the_limit_is_raised(tmp_path: Path, inner: str) -> None:
    if inner == "csv":
        data = write_text(tmp_path / "a.csv", SHEET).read_bytes() + (b" " * (1 << 20) + b"\n") * 40
    else:
        out = io.BytesIO()
        pq.write_table(pa.Table.from_pylist(ROWS, schema=DETAINERS), out)
        data = out.getvalue()[:4] + bytes(40 << 20) + b"PAR1"
    bomb = tmp_path / f"bomb.{inner}.gz"
    bomb.write_bytes(gzip.compress(data))
    assert "unpacks to more than" in refused(tmp_path, bomb, limits=Limits(free=16 << 20))
    if inner == "csv":
        said = read([bomb], tmp_path / "out", today=TODAY, limits=Limits(free=64 << 20))
        assert said.tables["detainers"].rows == 60


def test_a_sheet_of_rows_without_titles_is_not_passed_over(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", {"FY2024": SHEET, "FY2025": SHEET[7:]})
    said = refused(tmp_path, path)
    assert "sheet 'FY2025': 60 rows, but no row of titles" in said


def test_a_quotation_mark_that_is_never_closed_is_told_with_its_place(tmp_path: Path) -> None:
    good = ",".join(TITLES_2015.values()) + "\n" + "10/25/2015,Lifted,JAIL,CITY,STATE,I247\n" * 20
    path = tmp_path / "a.csv"
    path.write_text(good + '10/26/2015,"Lifted,JAIL,CITY,STATE,I247\n' + "10/25/2015,Lifted,JAIL,CITY,STATE,I247\n" * 20)
    try:
        said = read([path], tmp_path / "out", today=TODAY)
    except OutcomesError as refusal:
        assert "quotation mark" in str(refusal)  # noqa: PT017 - either it is refused or the rest is written down
    else:
        assert said.tables["detainers"].rows == 20
        assert said.tables["detainers"].rejected == 1


def test_dates_month_first_and_day_first_are_told_from_the_evidence(tmp_path: Path) -> None:
    said, days, _ = of_dates(tmp_path, ["10/1/2015", "10/25/2015"])
    assert days == [dt.date(2015, 10, 1), dt.date(2015, 10, 25)]
    assert column(said, "detainer_prepare_date").order == "month_first"
    said, days, _ = of_dates(tmp_path, ["1/10/2015", "25/10/2015"])
    assert days == [dt.date(2015, 10, 1), dt.date(2015, 10, 25)]
    assert column(said, "detainer_prepare_date").order == "day_first"


def test_days_in_two_orders_are_refused_with_examples_of_both(tmp_path: Path) -> None:
    with pytest.raises(OutcomesError) as said:
        of_dates(tmp_path, ["10/25/2015", "25/10/2015", "3/4/2015"])
    assert (
        "dates in two orders: 1 can only be month first (as 10/25/2015), 1 only day first (as 25/10/2015), 1 can be either"
        in str(said.value)
    )
    told, days, _ = of_dates(tmp_path, ["10/25/2015", "25/10/2015", "3/4/2015"], order="day_first")
    assert days == [None, dt.date(2015, 10, 25), dt.date(2015, 4, 3)]
    assert column(told, "detainer_prepare_date").unreadable == 1


def test_a_lesser_column_in_two_orders_loses_only_what_has_two_readings(tmp_path: Path) -> None:
    said, _, orders = of_dates(tmp_path, ["10/25/2015"] * 3, ["1/25/2015", "25/1/2015", "3/4/2015"])
    assert orders == [dt.date(2015, 1, 25), dt.date(2015, 1, 25), None]
    assert any("final_order_date: dates in two orders" in note for note in said.files[0].notes)
    assert column(said, "final_order_date").unreadable == 1


def test_a_column_that_proves_no_order_follows_the_others_and_it_is_said(tmp_path: Path) -> None:
    said, _, orders = of_dates(tmp_path, ["25/10/2015"], ["3/4/2015"])
    assert orders == [dt.date(2015, 4, 3)]
    assert any("as the other dates of the release" in note for note in said.files[0].notes)
    said, days, _ = of_dates(tmp_path, ["3/4/2015"])
    assert days == [dt.date(2015, 3, 4)]
    assert any("assumed" in note for note in said.files[0].notes)
    _, days, _ = of_dates(tmp_path, ["3/4/2015"], order="day_first")
    assert days == [dt.date(2015, 4, 3)]


def test_one_slip_among_thousands_is_a_slip(tmp_path: Path) -> None:
    said, days, _ = of_dates(tmp_path, ["10/25/2015"] * 2000 + ["25/10/2015"])
    assert days.count(None) == 1
    assert column(said, "detainer_prepare_date").order == "month_first"
    assert column(said, "detainer_prepare_date").examples["unreadable"] == ("25/10/2015",)


def test_dates_that_cannot_be_are_nothing_and_counted_with_examples(tmp_path: Path) -> None:
    dates = [
        "10/25/2015",
        "02/30/2019",
        "00/00/0000",
        "13/45/2020",
        "UNK",
        "99999",
        "1/1/0024",
        "1/1/1900",
        "6/1/2201",
        "06/14/0002 03:10 PM",
    ]
    said, days, _ = of_dates(tmp_path, dates)
    assert days == [dt.date(2015, 10, 25)] + [None] * 9
    kept = column(said, "detainer_prepare_date")
    assert (kept.emptied, kept.unreadable, kept.implausible) == (1, 4, 4)
    assert set(kept.examples["unreadable"]) == {"02/30/2019", "00/00/0000", "13/45/2020", "99999"}
    assert said.tables["detainers"].rows == 10


def test_identifiers_that_excel_cut_to_fifteen_digits_are_left_out_and_said(tmp_path: Path) -> None:
    titles = [*TITLES_2015.values(), "Unique Identifier"]
    rows = [[dt.date(2015, 10, at), "Lifted", "JAIL", "CITY", "STATE", "I247", 1234567890123456789] for at in range(1, 4)]
    said = read([write_xlsx(tmp_path / "a.xlsx", {"S": [titles, *rows]})], tmp_path / "out", today=TODAY)
    table = pq.read_table(tmp_path / "out" / "tables" / "detainers.parquet")
    assert table["unique_identifier"].to_pylist() == [None] * 3
    assert any("3 identifiers were numbers of more than 15 digits" in note for note in said.files[0].notes)


def test_a_day_that_excel_shows_as_a_number_is_still_a_day(tmp_path: Path) -> None:
    rows = [[42302, "Lifted", "JAIL", "CITY", "STATE", "I247"], [42302.5, "Lifted", "JAIL", "CITY", "STATE", "I247"]]
    read([write_xlsx(tmp_path / "a.xlsx", {"S": [[*TITLES_2015.values()], *rows]})], tmp_path / "out", today=TODAY)
    table = pq.read_table(tmp_path / "out" / "tables" / "detainers.parquet")
    assert table["detainer_prepare_date"].to_pylist() == [dt.date(2015, 10, 25)] * 2
