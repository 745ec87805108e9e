"""The pages of published outcomes, which need no account: the tables with their filters, the report, the files."""

import html
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from page_reading import words_of

from template_making import copied, with_outcomes


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A build in which nothing is withheld, so that each number can be looked for."""
    made = tmp_path_factory.mktemp("outcomes") / "build"
    copied("outcomes", with_outcomes, made)
    return made


@pytest.fixture
def anybody(database: Any) -> Any:
    """Somebody without an account."""
    from django.test import Client

    return Client()


@pytest.fixture
def reader(anybody: Any, folder: Path) -> Iterator[Any]:
    """Somebody without an account, where a build is published."""
    from django.test import override_settings

    with override_settings(OUTCOMES=str(folder)):
        yield anybody


def body(response: Any) -> list[list[str]]:
    """The rows of the page's table, as text."""
    table = response.content.decode().partition("<tbody>")[2].partition("</tbody>")[0]
    lines = re.findall(r"<tr>(.*?)</tr>", table, re.DOTALL)
    return [[html.unescape(cell) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", line)] for line in lines]


def firsts(response: Any) -> list[str]:
    return [row[0] for row in body(response)]


ADDRESSES = ["/outcomes", "/outcomes/report", "/outcomes/report.css", "/outcomes/tables/outcome_mix.csv"]


@pytest.mark.parametrize("address", ADDRESSES)
def test_without_a_published_build_the_page_says_how_one_is_published(anybody: Any, address: str) -> None:
    response = anybody.get(address)
    assert response.status_code == 404
    assert "detainer serve --outcomes DIR" in words_of(response)


def test_a_folder_without_its_manifest_is_no_build(anybody: Any, tmp_path: Path) -> None:
    from django.test import override_settings

    (tmp_path / "report.html").write_text("half a build")
    with override_settings(OUTCOMES=str(tmp_path)):
        assert anybody.get("/outcomes/report").status_code == 404


@pytest.mark.parametrize("address", ADDRESSES)
def test_published_outcomes_need_no_account_and_keep_the_sites_policy(reader: Any, address: str) -> None:
    response = reader.get(address)
    assert response.status_code == 200
    assert "script-src 'self'; style-src 'self'" in response.headers["Content-Security-Policy"]
    if response.headers["Content-Type"].startswith("text/html"):
        page = response.content.decode()
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=", page)
        assert not re.search(r"<script(?![^>]* src=)", page)
        assert "Not legal advice." in words_of(response)
    response.close()


def test_the_states_stand_in_the_order_of_their_names(reader: Any) -> None:
    assert firsts(reader.get("/outcomes")) == ["Massachusetts", "Pennsylvania", "Texas", "Vermont"]


def test_a_row_says_what_the_build_has(reader: Any, folder: Path) -> None:
    from detainer.outcomes.report.built import Built, count_and_share, number

    parts = Built(folder).parts("outcome_mix", "state")["PA"]
    row = body(reader.get("/outcomes?state=pa"))[0]
    assert row[0] == "Pennsylvania"
    assert row[4] == count_and_share(parts["declined"])
    assert row[8] == number(parts["declined"]["unknown"])


def test_few_known_ends_have_counts_and_no_share(reader: Any) -> None:
    row = body(reader.get("/outcomes?state=VT"))[0]
    assert row[5] == "too few"
    assert not any("%" in cell for cell in row)


def test_a_county_is_found_by_how_its_name_begins(reader: Any) -> None:
    assert firsts(reader.get("/outcomes?by=county&place=bucks")) == ["Bucks County, PA"]
    assert firsts(reader.get("/outcomes?by=county&state=TX")) == ["Travis County, TX"]


def test_a_facility_is_found_by_its_code_alone(reader: Any) -> None:
    assert firsts(reader.get("/outcomes?by=facility&place=essexma")) == ["ESSEXMA"]
    assert firsts(reader.get("/outcomes?by=facility&place=ESSEX")) == []


@pytest.mark.parametrize(
    ("query", "years"),
    [
        ("by=year&from=2024&to=2024", ["2024"]),
        ("by=year&from=2024-07", ["2024", "2025", "2201"]),
        ("by=month&from=2024-11&to=2025-01", ["2024-11", "2024-12", "2025-01"]),
        ("by=month&from=2025&to=2025-02", ["2025-01", "2025-02"]),
    ],
)
def test_a_time_is_from_and_to(reader: Any, query: str, years: list[str]) -> None:
    assert firsts(reader.get(f"/outcomes?{query}")) == years


def test_a_state_in_a_year(reader: Any) -> None:
    found = body(reader.get("/outcomes?by=state_year&state=MA&from=2024&to=2024"))
    assert [row[:2] for row in found] == [["Massachusetts", "2024"]]


def test_every_measure_can_be_shown_by_everything_that_the_build_has(reader: Any, folder: Path) -> None:
    from detainer.web import outcome_tables

    for measure, tables in outcome_tables.offered(folder).items():
        for by in tables:
            assert reader.get(f"/outcomes?measure={measure}&by={by}").status_code == 200, (measure, by)


@pytest.mark.parametrize(
    "query", ["measure=nonsense", "by=nonsense", "page=-1", "page=99999999999", "page=x", "from=<b>&by=year"]
)
def test_what_cannot_be_is_shown_as_the_usual(reader: Any, query: str) -> None:
    response = reader.get(f"/outcomes?{query}")
    assert response.status_code == 200
    assert "<b>" not in response.content.decode()


def test_a_long_table_has_pages_that_keep_the_filter(reader: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from detainer.web.pages import outcomes

    monkeypatch.setattr(outcomes, "ROWS", 2)
    first = reader.get("/outcomes?by=month&from=2024-01&to=2024-05")
    following = html.unescape(re.findall(r'rel="next" href="([^"]+)"', first.content.decode())[0])
    second = reader.get(following)
    last = reader.get(html.unescape(re.findall(r'rel="next" href="([^"]+)"', second.content.decode())[0]))
    assert [*firsts(first), *firsts(second), *firsts(last)] == [f"2024-0{month}" for month in range(1, 6)]
    assert 'rel="next"' not in last.content.decode()


def test_the_report_is_the_builds_own_with_its_style_beside_it(reader: Any, folder: Path) -> None:
    page, style = reader.get("/outcomes/report"), reader.get("/outcomes/report.css")
    assert '<link rel="stylesheet" href="/outcomes/report.css">' in page.content.decode()
    assert 'href="/outcomes"' in page.content.decode()
    assert style.headers["Content-Type"].startswith("text/css")
    assert style.content.decode() in (folder / "report.html").read_text()
    assert words_of(page).endswith("profile or rank people.")


def test_a_table_can_be_taken_as_a_file(reader: Any, folder: Path) -> None:
    response = reader.get("/outcomes/tables/outcome_mix_by_state.csv")
    assert b"".join(response.streaming_content) == (folder / "measures" / "outcome_mix_by_state.csv").read_bytes()
    response.close()
    assert 'attachment; filename="outcome_mix_by_state.csv"' in response.headers["Content-Disposition"]


@pytest.mark.parametrize(
    "name", ["nothing.csv", "..%2Fbuild.json", "outcome_mix.parquet", "..%2Foutcomes.parquet", "%2Fetc%2Fpasswd"]
)
def test_nothing_but_a_published_table_can_be_taken(reader: Any, name: str) -> None:
    assert reader.get(f"/outcomes/tables/{name}").status_code == 404


def test_the_footer_leads_to_the_outcomes_where_they_are_published(reader: Any, anybody: Any) -> None:
    from django.test import override_settings

    assert 'href="/outcomes"' in reader.get("/law").content.decode()
    with override_settings(OUTCOMES=""):
        assert 'href="/outcomes"' not in anybody.get("/law").content.decode()
