"""`detainer outcomes` builds, counts, compares; what is wrong it tells in a line, and ends with 1."""

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from making import Made, make_tables
from typer.testing import CliRunner

from detainer.cli import app
from detainer.outcomes.summarising import county_path

pytestmark = pytest.mark.filterwarnings("ignore:fetch_arrow_table:DeprecationWarning")  # Ibis 12 calls what DuckDB 2.0 calls old
ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared"


def run(*arguments: object) -> str:
    """Run `detainer outcomes ...`, see it succeed, and return what it said."""
    ended = CliRunner().invoke(app, ["outcomes", *map(str, arguments)])
    assert ended.exit_code == 0, ended.output
    return ended.stdout


def refused(*arguments: object) -> str:
    """Run it, see it end with 1, and return the reason: one line."""
    ended = CliRunner().invoke(app, ["outcomes", *map(str, arguments)])
    assert (ended.exit_code, ended.stdout) == (1, ""), ended.output
    lines = [line for line in ended.stderr.splitlines() if line.startswith("detainer outcomes: ")]
    assert len(lines) == 1, ended.stderr
    return lines[0].removeprefix("detainer outcomes: ")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return make_tables(tmp_path_factory.mktemp("made"))


@pytest.fixture(scope="module")
def built(made: Made, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("built") / "outcomes"
    said = run("build", made.detainers, made.arrests, made.detentions, "--out", folder, "--memory", "1GB")
    assert "200 detainers, 78 arrests, 82 detentions" in said
    assert "linked with arrests and book-ins" in said
    return folder


def counted(*arguments: object) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(run(*arguments, "--json"))
    return rows


def test_a_measure_is_counted_by_groups(built: Path) -> None:
    by_state = counted("summary", built, "--by", "state", "--threshold", 0)
    whole = counted("summary", built, "--threshold", 0)
    handed_over = [row["numerator"] for row in by_state if row["category"] == "handed_over"]
    assert sum(handed_over) == next(row["numerator"] for row in whole if row["category"] == "handed_over")
    assert {row["state"] for row in by_state} >= {"PA", "MA", None}
    assert "handed over" in run("summary", built, "--by", "state,year")


def test_a_measure_is_counted_for_some(built: Path) -> None:
    some = counted("summary", built, "--where", "state=PA", "--measure", "citizens", "--threshold", 0)
    every = counted("summary", built, "--by", "state", "--measure", "citizens", "--threshold", 0)
    assert some == [{key: value for key, value in row.items() if key != "state"} for row in every if row["state"] == "PA"]


def test_small_counts_are_withheld_unless_the_threshold_is_nought(built: Path) -> None:
    assert "withheld" in run("summary", built, "--by", "facility")
    assert "withheld" not in run("summary", built, "--by", "facility", "--threshold", 0)


def test_a_facility_is_told_by_its_code(built: Path) -> None:
    said = run("facility", "buckspa", "--in", built)
    assert said.startswith("BUCKSPA: ")
    assert "BUCKS COUNTY JAIL (PENNSYLVANIA)" in said
    assert "perhaps BUCKSPA (BUCKS COUNTY JAIL (PENNSYLVANIA)): say the code" in refused("facility", "BUCKPA", "--in", built)
    assert "perhaps BUCKSPA (BUCKS COUNTY JAIL (PENNSYLVANIA))" in refused("facility", "bucks county", "--in", built)
    assert refused("facility", "ZZZZZZ", "--in", built) == "ZZZZZZ: no detainer names a facility of this code"


def test_a_count_is_told_by_the_summary_as_it_is_published(built: Path) -> None:
    published = sorted(
        path
        for path in (built / "measures").glob("*.parquet")
        if re.fullmatch(r"(withdrawn|outcome_mix|no_means)(_by_(state|year|facility))?", path.stem)
    )
    assert len(published) == 12
    for path in published:
        name, _, by = path.stem.partition("_by_")
        told = counted("summary", built, "--measure", name, *(("--by", by) if by else ()))
        table = pq.read_table(path).to_pylist()
        order = {(row.get(by), row["category"]): row for row in told}
        assert {key: row["numerator"] for key, row in order.items()} == {
            (row.get(by), row["category"]): row["numerator"] for row in table
        }, path.stem


def test_what_became_of_few_is_told_in_no_door(built: Path) -> None:
    by_facility = counted("summary", built, "--by", "facility", "--threshold", 0)
    cases = {row["facility"]: row["cases"] for row in by_facility if row["facility"]}
    few = min(cases, key=lambda code: (cases[code], code))
    least = cases[few] + 1
    place = json.loads(run("facility", few, "--in", built, "--threshold", least, "--json"))
    assert place["few"]
    assert {row["numerator"] for rows in place["measures"].values() for row in rows} == {None}
    assert not set(place["measures"]) & {"declined_law", "followed_ever"}, "that there are any would tell of a decline"
    said = run("facility", few, "--in", built, "--threshold", least)
    assert said.startswith(f"{few}: ")
    assert said.endswith(f"What became of fewer than {least} is withheld (--threshold 0 shows all)\n")
    assert re.search(rf"{few} +every part +withheld", run("summary", built, "--by", "facility", "--threshold", least))


def test_a_county_is_told_by_its_name_and_state(built: Path) -> None:
    told = json.loads(run("county", "Travis County, Texas", "--in", built, "--json", "--threshold", 0))
    assert told["title"] == "Travis County, TX"
    assert sum(told["names"].values()) == told["detainers"] > 0
    assert "nearest: Bucks County, PA" in refused("county", "Buck County, PA", "--in", built)
    assert "name a county with its state" in (said := refused("county", "Bucks County", "--in", built))
    assert said.endswith("there is Bucks County, PA")
    assert "there are 31: " in refused("county", "Washington", "--in", built)


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("Harris County TX", "us/tx/harris_county"),
        ("Harris County, TX", "us/tx/harris_county"),
        ("wake county north carolina", "us/nc/wake_county"),
        ("Jefferson County CO", "us/co/jefferson_county"),
        ("Orleans Parish LA", "us/la/orleans_parish"),
        ("St. Louis County, MO", "us/mo/st_louis_county"),
        ("St. Louis city MO", "us/mo/st_louis_city"),
    ],
)
def test_a_county_is_read_with_or_without_a_comma_before_its_state(name: str, path: str) -> None:
    assert county_path(name) == path


def test_a_name_of_a_county_and_of_a_city_is_asked_back_with_both(built: Path) -> None:
    for name in ("St. Louis, MO", "St. Louis MO", "St Louis, Missouri"):
        said = refused("county", name, "--in", built)
        assert said == f"{name}: a county and a city have this name; say St Louis County, MO or St Louis City, MO"
    said = refused("county", "Jefferson Co", "--in", built)
    assert "name a county with its state" in said, "a county in short, and not one of Colorado"
    assert "there are 26: Jefferson County, AL" in said


def test_a_county_that_only_names_suggest_is_offered(made: Made, tmp_path: Path) -> None:
    table = pq.read_table(made.detainers).drop_columns(["detention_facility_code"])
    pq.write_table(table, tmp_path / "detainers.parquet")
    run("build", tmp_path / "detainers.parquet", "--out", tmp_path / "outcomes")
    said = run("county", "Bucks County, PA", "--in", tmp_path / "outcomes")
    assert said.startswith("Bucks County, PA: 0 detainers\n")
    offered = int(re.findall(r"(\d+) more have no known code", said)[0])
    assert "--suggested" in said
    taken = run("county", "Bucks County, PA", "--in", tmp_path / "outcomes", "--suggested")
    assert taken.startswith(f"Bucks County, PA: {offered} detainers, ")
    assert "a name is no address" in taken


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--by", "stat"), "stat: there is no such group; nearest: state; there are facility"),
        (("--measure", "outcome"), "outcome: there is no such measure; nearest: outcome_mix"),
        (("--where", "state=PX"), "state=PX: no detainer is of it"),
        (("--where", "state"), "--where state: write a group and its value, as state=PA"),
        (("--by", "state,state"), "each may be named once"),
    ],
)
def test_what_there_is_not_is_told_with_the_nearest_that_there_is(built: Path, arguments: tuple[str, ...], told: str) -> None:
    assert told in refused("summary", built, *arguments)


def test_a_folder_that_is_no_build_is_told(tmp_path: Path) -> None:
    for command in (("summary", tmp_path), ("facility", "X", "--in", tmp_path), ("compare", tmp_path, tmp_path)):
        assert f"{tmp_path}: not a build of outcomes" in refused(*command)
    assert "there is no such folder" in refused("summary", tmp_path / "nowhere")


def test_files_and_options_that_cannot_be_used_are_told_in_a_line(made: Made, tmp_path: Path) -> None:
    out = ("--out", tmp_path / "outcomes")
    assert "nowhere.csv" in refused("build", tmp_path / "nowhere.csv", *out)
    (tmp_path / "empty.csv").touch()
    assert "empty.csv" in refused("build", tmp_path / "empty.csv", *out)
    (tmp_path / "cut.parquet").write_bytes(made.detainers.read_bytes()[:2_000])
    assert "cut.parquet" in refused("build", tmp_path / "cut.parquet", *out)
    assert "no detainers in these files" in refused("build", made.arrests, *out)
    assert "one of the two" in refused("build", *out)
    assert "one of the two" in refused("build", made.detainers, "--from-exchange", *out)
    assert "--engine pandas: Input should be 'duckdb' or 'spark'" in refused("build", made.detainers, "--engine", "pandas", *out)
    assert "memory" in refused("build", made.detainers, "--memory", "much", *out)
    assert "no data directory" in refused("build", "--from-exchange", "--data", tmp_path / "nowhere", *out)
    assert not (tmp_path / "outcomes").exists()


def test_a_folder_that_cannot_be_written_is_told(made: Made, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert "file" in refused("build", made.detainers, "--out", tmp_path / "file" / "outcomes")


def test_a_build_is_told_to_a_program(made: Made, built: Path) -> None:
    told = json.loads(run("build", made.detainers, made.arrests, made.detentions, "--out", built, "--json"))
    assert told["counts"]["detainers"] == 200
    assert all(stage["reused"] for stage in told["stages"])
    said = run("build", made.detainers, made.arrests, made.detentions, "--out", built)
    assert "taken over from the earlier build: reading, outcomes, suggestions, measures, quality, report" in said


if SHARED.is_dir():

    def blocks(language: str) -> list[str]:
        """The blocks of the page in a language."""
        return re.findall(rf"```{language}\n(.*?)```", (ROOT / "docs/outcomes.md").read_text("utf-8"), re.DOTALL)

    def test_the_page_can_be_reproduced_as_printed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        here = tmp_path / "main"
        here.mkdir()
        (tmp_path / "shared").symlink_to(SHARED)
        monkeypatch.chdir(here)
        said: list[str] = []
        for command in "".join(blocks("sh")).splitlines():  # in this process: a start takes longer than what most of them do
            program, outcomes, *arguments = shlex.split(command)
            assert (program, outcomes) == (".venv/bin/detainer", "outcomes")
            said += run(*arguments).splitlines()
        lines = iter(said)
        for line in "".join(blocks("text")).splitlines():
            assert any(line == told for told in lines), f"[{line}] is not in what the commands say, or not in this order"
        code = "\n".join(blocks("python"))
        done = subprocess.run([sys.executable, "-c", code], cwd=here, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
