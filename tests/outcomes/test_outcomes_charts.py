"""The charts: each says its numbers in words, is read without colour, and asks nothing of a network, a script or a style."""

import re
import xml.etree.ElementTree as ET

import pytest

from detainer.outcomes.report import charts
from detainer.outcomes.report.charts import Bar, Point, Span, Step

SVG = "{http://www.w3.org/2000/svg}"
BARS = [
    Bar("handed over", 600, "600 (60.0%)"),
    Bar("declined", 300, "300 (30.0%)", "strong"),
    Bar("not known", 150, "150", "unknown"),
    Bar("died", None, "withheld"),
]
LAGS = [Bar("0", 0.25, "25.0%"), Bar("31\u201360", 0.5, "50.0%", "strong"), Bar("61+", None, "withheld")]
POINTS = [
    Point(series, f"{year}-{month:02}", None if month == 3 else 0.1 * month, "unknown" if series == "not known" else "plain")
    for series in ("declined", "released", "not known")
    for year in (2024, 2025)
    for month in range(1, 7)
]
NAMES = ("bars", "spans", "time", "lags", "curve")


@pytest.fixture(scope="module")
def drawn() -> dict[str, str]:
    states = [Span("Maine", 0.2, 0.1, 0.4, "20 of 100"), Span("Ohio", 0.5, 0.3, 0.7, "1 of 2")]
    steps = [Step(0, 0.1, 0.0, 0.3), Step(40, 0.4, 0.2, 0.6)]
    return {
        "bars": charts.bars("bars", "How they ended: 600 handed over", BARS),
        "spans": charts.spans("spans", "By state", states),
        "time": charts.over_time("time", "By month", POINTS),
        "lags": charts.lags("lags", "Days", LAGS, "59 days: the Lynn case"),
        "curve": charts.curve("curve", "Reached", steps, "days", [(30, "30 days")]),
    }


def texts(drawn: str) -> list[str]:
    return [text.text or "" for text in ET.fromstring(drawn).iter(f"{SVG}text")]


def bar_lengths(drawn: str) -> list[float]:
    return [float(length) for length in re.findall(r'<path d="M0,[\d.]+h([\d.]+)v20h', drawn)]


@pytest.mark.parametrize("name", NAMES)
def test_a_chart_is_one_image_with_a_name_that_a_strict_page_shows(drawn: dict[str, str], name: str) -> None:
    chart = drawn[name]
    root = ET.fromstring(chart)
    assert root.get("role") == "img"
    assert root.get("aria-label")
    assert not re.search(r"<script|<style|<image|<foreignObject|\sstyle=|\sclass=|\son\w+=", chart)
    assert set(re.findall(r"https?://[^\"]+", chart)) <= {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}
    assert set(re.findall(r"url\(#([^)]+)\)", chart)) <= {f"{name}-hatch"}


def test_a_bar_is_as_long_as_its_number_and_says_it(drawn: dict[str, str]) -> None:
    longest, shorter, hatched, withheld = bar_lengths(drawn["bars"])
    assert shorter == pytest.approx(longest / 2, abs=0.02)
    assert hatched == pytest.approx(longest / 4, abs=0.02)
    assert withheld == 0
    assert {"600 (60.0%)", "300 (30.0%)", "150", "withheld", "handed over", "not known"} <= set(texts(drawn["bars"]))


def test_what_is_not_known_is_hatched_so_that_it_is_told_apart_without_colour(drawn: dict[str, str]) -> None:
    assert drawn["bars"].count('fill="url(#bars-hatch)"') == 1
    assert drawn["time"].count('fill="url(#time-hatch)"') == 10  # a column for each month that is not withheld
    assert "hatch)" not in drawn["spans"]


def test_a_withheld_month_is_a_gap_and_no_column(drawn: dict[str, str]) -> None:
    assert len(re.findall(r'<path d="[^"]+" fill="#2e6a92"', drawn["time"])) == 20


def test_a_panel_stands_for_each_series_in_the_order_given(drawn: dict[str, str]) -> None:
    heads = [text for text in texts(drawn["time"]) if text in ("declined", "released", "not known")]
    assert heads == ["declined", "released", "not known"]


def test_the_lynn_case_is_marked_in_words_over_its_column(drawn: dict[str, str]) -> None:
    assert texts(drawn["lags"]).count("59 days: the Lynn case") == 1
    assert drawn["lags"].count(f'fill="{charts.STRONG}"') == 1


def test_a_mark_beyond_the_end_of_a_curve_is_left_out() -> None:
    steps = [Step(0, 0.1, 0.0, 0.2), Step(40, 0.2, 0.1, 0.3)]
    drawn = charts.curve("curve", "Reached", steps, "days", [(30, "30 days"), (180, "180 days")])
    assert "30 days" in texts(drawn)
    assert "180 days" not in texts(drawn)


def test_a_state_stands_where_it_was_put_and_says_its_counts(drawn: dict[str, str]) -> None:
    told = texts(drawn["spans"])
    assert told.index("Maine") < told.index("Ohio")
    assert "20 of 100" in told


def test_the_same_rows_give_the_same_drawing(drawn: dict[str, str]) -> None:
    assert charts.bars("bars", "How they ended: 600 handed over", BARS) == drawn["bars"]


def test_words_that_look_like_markup_stay_words() -> None:
    drawn = charts.bars("x", 'A <b> & "c"', [Bar("<script>", 1, "& more")])
    assert ET.fromstring(drawn).get("aria-label") == 'A <b> & "c"'
    assert "<script>" in texts(drawn)
