"""The report: one page by itself, whose every figure can be traced to its rows, and which claims no more than the data show."""

import html
import math
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from build_making import build, rows
from detainer.outcomes import manifest
from detainer.outcomes.counting.measures import MEASURES
from detainer.outcomes.report import tracing
from detainer.outcomes.report.built import Built, between, count_and_share, number, percent, total
from detainer.outcomes.report.figures import enough
from detainer.outcomes.report.findings import county, periods, sections
from detainer.outcomes.report.page import write


class Page(HTMLParser):
    """What a page is made of: its tags with their attributes, the ids, the addresses, the words."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.said: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.said.append(data)

    def all(self, name: str) -> list[str]:
        return [value for _tag, told in self.tags if (value := told.get(name)) is not None]

    @property
    def words(self) -> str:
        return " ".join(" ".join(self.said).split())


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A build in which nothing is withheld."""
    return build(tmp_path_factory.mktemp("whole") / "build", rows(900), threshold=0)


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A build as it is published."""
    return build(tmp_path_factory.mktemp("published") / "build", rows(900))


@pytest.fixture(scope="module")
def page(published: Path) -> Page:
    return Page((published / "report.html").read_text())


def test_the_page_needs_no_network_and_no_script(page: Page, published: Path) -> None:
    text = (published / "report.html").read_text()
    assert not {"script", "img", "iframe", "object", "embed", "video"} & {tag for tag, _ in page.tags}
    assert all(address.startswith(("#", "data:")) for name in ("href", "src") for address in page.all(name))
    assert "@import" not in text
    assert "url(http" not in text
    assert not [told for _tag, told in page.tags if "style" in told or any(name.startswith("on") for name in told)]


def test_every_id_is_one_and_every_link_leads_somewhere(page: Page) -> None:
    ids = page.all("id")
    assert len(ids) == len(set(ids))
    assert {address[1:] for address in page.all("href") if address.startswith("#")} <= set(ids)


def test_every_chart_has_words_and_the_table_behind_it(whole: Path) -> None:
    figures = re.findall(r"<figure.*?</figure>", (whole / "report.html").read_text(), re.DOTALL)
    assert len(figures) >= 8
    for figure in figures:
        assert re.search(r'<svg [^>]*role="img" aria-label="[^"]{20,}"', figure)
        assert "<details>" in figure
        assert "<table>" in figure
        assert re.search(r"Source: <code>measures/\w+\.csv</code>", figure)


def test_it_says_that_it_is_no_advice_and_who_adopted_the_rules(page: Page) -> None:
    assert "Not legal advice." in page.words
    assert "No agency has adopted them" in page.words


def test_a_headline_says_its_numerator_its_denominator_and_what_is_not_known(whole: Path) -> None:
    built, words = Built(whole), Page((whole / "report.html").read_text()).words
    row = built.whole("outcome_mix")["declined"]
    share, bounds = percent(row["share"]), between(row)
    said = f"{share} of the {number(row['denominator'])} whose end is known were declined by the custodian"
    assert said in words
    assert f": {number(row['numerator'])}; of all, {bounds}." in words
    assert f"for {number(row['unknown'])} none is stated" in words


@pytest.mark.parametrize("name", MEASURES)
def test_each_figure_is_traced_to_as_many_rows_as_it_counts(name: str, whole: Path) -> None:
    parts, releases = Built(whole).whole(name), manifest.read(whole).releases
    assert set(parts) == set(MEASURES[name].parts)
    for part, row in parts.items():
        query = tracing.query(name, part, releases).replace("outcomes.parquet", str(whole / "outcomes.parquet"))
        assert len(duckdb.sql(query).fetchall()) == row["numerator"], (name, part)
    row = next(iter(parts.values()))
    for beside in ("unknown", "open"):
        query = tracing.query(name, beside, releases).replace("outcomes.parquet", str(whole / "outcomes.parquet"))
        assert len(duckdb.sql(query).fetchall()) == row[beside], (name, beside)


@pytest.mark.parametrize("name", ["custody", "declined_arrest"])
def test_each_curve_and_quantile_is_traced_to_the_rows_that_it_counts(name: str, whole: Path) -> None:
    steps, releases = Built(whole).rows(f"incidence_{name}"), manifest.read(whole).releases

    def days(query: str) -> list[int]:
        found = duckdb.sql(query.replace("outcomes.parquet", str(whole / "outcomes.parquet"))).fetchall()
        return [row[4] for row in found]

    came, waiting, unknown, left_out = (days(tracing.curve_query(name, kind, releases)) for kind in tracing.KINDS)
    first = steps[0]
    assert (len(came) + len(waiting), len(unknown), len(left_out)) == (first["cases"], first["unknown"], first["no_day"])
    assert len(came) > 20
    for step in steps:
        assert came.count(step["day"]) == step["events"]
        assert sum(day >= step["day"] for day in (*came, *waiting)) == step["at_risk"]
    for lag in ("lag_book_in", "lag_arrest", "lag_declined_arrest"):
        told, found = Built(whole).rows(f"quantiles_{lag}")[0], days(tracing.quantile_query(lag))
        assert (len(found), found[math.ceil(len(found) / 2) - 1]) == (told["cases"], told["p50"])


def test_each_check_of_the_data_is_traced_to_its_rows(whole: Path) -> None:
    releases = manifest.read(whole).releases
    for check in Built(whole).quality().checks:
        query = tracing.check_query(check.name, releases).replace("outcomes.parquet", str(whole / "outcomes.parquet"))
        assert len(duckdb.sql(query).fetchall()) == check.rows, check.name


def test_every_file_that_a_figure_is_of_leads_to_statements(whole: Path) -> None:
    text = html.unescape((whole / "report.html").read_text())
    page = Page(text)
    traced = {name for name in page.all("id") if name.startswith("trace-")}
    led = {address.removeprefix("#") for address in page.all("href") if address.startswith("#trace-")}
    figures = re.findall(r'<figure id="figure-.*?</figure>', text, re.DOTALL)
    assert len(figures) >= 8
    assert all("#trace-" in figure for figure in figures)
    assert led <= traced
    assert {"trace-incidence_custody", "trace-quantiles_lag_book_in", "trace-quality"} <= led


def test_a_statement_of_the_page_lists_where_each_row_stands(whole: Path) -> None:
    text = html.unescape((whole / "report.html").read_text())
    query = re.findall(r"<code>(SELECT.*?)</code>", text, re.DOTALL)[0]
    found = duckdb.sql(query.replace("outcomes.parquet", str(whole / "outcomes.parquet"))).fetchall()
    assert found[0][1:3] == ("detainers.xlsx", "Sheet 1")


def test_a_release_with_a_quote_in_its_name_is_still_a_name() -> None:
    from detainer.outcomes.counting.spans import Release

    span = Release(name="O'Brien", last_day=None, arrests=True, book_ins=True)
    dated = span.model_copy(update={"last_day": rows(1)[0]["detainer_prepare_date"]})
    assert "release = 'O''Brien'" in tracing.condition("followed_90", "arrested", [dated])
    assert "(false)" in tracing.condition("followed_90", "arrested", [span])


def test_a_small_count_is_withheld_and_no_zero(published: Path, whole: Path) -> None:
    hidden = {name for name, row in Built(whole).parts("outcome_mix", "state")["VT"].items() if 0 < row["numerator"] < 11}
    shown = Built(published).parts("outcome_mix", "state")["VT"]
    assert hidden
    assert all(shown[name]["numerator"] is None for name in hidden)
    assert number(None) == count_and_share(shown[min(hidden)]) == "withheld"
    assert "withheld" in Page((published / "report.html").read_text()).words


def test_a_place_with_few_cases_has_no_share_and_no_place_in_the_chart(whole: Path) -> None:
    text = (whole / "report.html").read_text()
    states = re.search(r'<figure id="figure-state">.*?</figure>', text, re.DOTALL)
    assert states
    assert not enough(Built(whole).parts("outcome_mix", "state")["VT"])
    svg, _, tables = states[0].partition("</svg>")
    assert "Massachusetts" in svg
    assert "Vermont" not in svg
    row = re.search(r'<tr><th scope="row" class="w">Vermont</th>.*?</tr>', tables)
    assert row
    assert "%" not in row[0]


def test_where_every_share_is_withheld_there_is_no_chart_and_the_page_says_why(published: Path) -> None:
    states = re.search(r'<figure id="figure-state">.*?</figure>', (published / "report.html").read_text(), re.DOTALL)
    assert states
    assert "<svg" not in states[0]
    assert "Every share is withheld, or of too few cases" in states[0]


def test_states_stand_in_the_order_of_their_names_whatever_their_shares(whole: Path) -> None:
    states = re.search(r'<figure id="figure-state">.*?</figure>', (whole / "report.html").read_text(), re.DOTALL)
    assert states
    named = [
        name for name in re.findall(r">([A-Z][a-z]+)</text>", states[0]) if name in ("Massachusetts", "Pennsylvania", "Texas")
    ]
    assert named == ["Massachusetts", "Pennsylvania", "Texas"]


def test_forms_and_classes_with_cases_enough_are_compared_and_others_said_to_be_absent(tmp_path: Path, whole: Path) -> None:
    told = rows(400)
    for at, row in enumerate(told):
        row["detainer_type"] = ("I247A", "I247", None)[at % 3]
        row["detainer_prepared_criminality"] = f"{at % 2 + 1} class"
    folder = build(tmp_path / "build", told, threshold=0)
    kinds = next(section for section in sections(Built(folder)) if section.name == "kinds")
    assert [figure.name for figure in kinds.figures] == ["detainer_type", "criminality"]
    by_type = {row[0]: row for row in kinds.figures[0].tables[0].rows}
    declined = Built(folder).parts("outcome_mix", "detainer_type")["I247"]["declined"]
    assert by_type["I247"][4] == count_and_share(declined)
    assert set(by_type) == {"I247", "I247A", "not known"}
    only = next(section for section in sections(Built(whole)) if section.name == "kinds")
    assert "no two forms" in only.absent


def test_a_mistyped_year_is_not_drawn_and_is_told(whole: Path) -> None:
    built = Built(whole)
    assert "2201" in built.parts("outcome_mix", "year")
    many = {name: _group(50_000) for name in ("2023", "2024")} | {"2201": _group(1), None: _group(9)}
    assert periods(many) == ["2023", "2024"]


def _group(count: int) -> dict[str, dict[str, Any]]:
    return {"declined": {"numerator": count, "denominator": count, "unknown": 0, "open": 0}}


def test_what_was_withheld_is_not_worked_out_from_what_was_not() -> None:
    assert total(3, None) is None
    assert total(3, 4) == 7


def test_without_any_detainer_the_page_says_so(tmp_path: Path) -> None:
    words = Page((build(tmp_path / "build", []) / "report.html").read_text()).words
    assert "This build has no detainer that can be counted" in words
    assert "Not legal advice." in words


def test_without_arrests_what_followed_is_not_known_and_not_nothing(tmp_path: Path) -> None:
    told = [row | dict.fromkeys(("arrest_days", "arrest_at", "book_in_days", "book_in_at")) for row in rows(300)]
    words = Page((build(tmp_path / "build", told) / "report.html").read_text()).words
    assert "no arrests of the same release were given to this build" in words
    assert "that can be followed for 90 days" not in words


def test_what_followed_is_withheld_and_not_called_unknown_when_its_counts_are_small(published: Path, page: Page) -> None:
    followed = [Built(published).whole(f"followed_{days}")["arrested"]["denominator"] for days in (30, 90, 180)]
    assert set(followed) == {None}
    assert "no arrests of the same release were given to this build" not in page.words
    assert "How often an ICE arrest followed a decline" in page.words


def test_the_exchanges_own_record_is_not_called_ices(tmp_path: Path) -> None:
    folder = build(tmp_path / "build", rows(300), source="exchange", threshold=0)
    words = Page((folder / "report.html").read_text()).words
    assert "the record of this exchange" in words
    for name in ("outcome_mix", "evidence", "withdrawn", "lag_hand_over"):
        for part, row in Built(folder).whole(name).items():
            query = tracing.query(name, part).replace("outcomes.parquet", str(folder / "outcomes.parquet"))
            assert len(duckdb.sql(query).fetchall()) == row["numerator"], (name, part)
    assert "released under the Freedom of Information Act" not in words
    assert "From the request to the hand-over" in words
    assert "said by the agency that did it" in words
    wrong = ("book-in", "lift reason", "ICE", "a later arrest", "snapshot")
    assert [word for word in wrong if word in words] == [], "the record knows hand-overs, and no book-in"


def test_what_only_the_record_has_is_shown_with_what_is_not_known(tmp_path: Path) -> None:
    from detainer.outcomes.report.record import record

    folder = tmp_path / "build"
    (folder / "measures").mkdir(parents=True)
    told = {"denominator": 40, "unknown": 7, "open": 2, "cases": 49, "low": 0.1, "high": 0.9}
    parts = [{"category": name, "numerator": count, "share": count / 40, **told} for name, count in HELD.items()]
    pq.write_table(pa.Table.from_pylist(parts), folder / "measures" / "held.parquet")
    section = record(Built(folder))
    assert [figure.title for figure in section.figures] == ["How long people were held past release"]
    assert "more than 48 hours: 4 (10.0%)" in section.figures[0].svg
    assert "not known, or open still: 9" in section.figures[0].svg
    assert tracing.condition("held", "to_48").count("epoch(hold_started_at)") == 2


HELD = {"to_24": 20, "to_48": 16, "over_48": 4}


def test_a_build_that_withholds_nothing_says_that_it_is_not_for_publication(whole: Path) -> None:
    assert "is not for publication as it is" in Page((whole / "report.html").read_text()).words


def test_the_same_build_gives_the_same_page(published: Path) -> None:
    before = (published / "report.html").read_bytes()
    write(published, manifest.read(published))
    assert (published / "report.html").read_bytes() == before


@pytest.mark.parametrize(
    ("share", "said"),
    [(0, "0%"), (1, "100%"), (0.5, "50.0%"), (0.0001, "under 0.1%"), (0.9999, "over 99.9%"), (None, "withheld")],
)
def test_a_share_never_rounds_to_none_or_all(share: float | None, said: str) -> None:
    assert percent(share) == said


@pytest.mark.parametrize(
    ("named", "said"),
    [("us/pa/bucks_county, PA", "Bucks County, PA"), ("Essex, MA", "Essex, MA"), (None, "county not known")],
)
def test_a_county_is_written_as_a_reader_would(named: str | None, said: str) -> None:
    assert county(named) == said
