"""Showing the law of a place, what changed between two days, what the library covers, and replaying past requests."""

import datetime as dt
from collections import Counter

import pytest
from law_of_ozland import library, rule, text

from detainer import law
from detainer.law.replaying import Came

SPANS = "[{from: 2017-09-01, until: 2017-09-25, state: enjoined}, {from: 2017-09-25, until: 2025-10-01}]"


def test_the_law_of_a_place_is_shown_layer_by_layer_as_sentences() -> None:
    shown = law.show("us/ma/boston", dt.date(2018, 1, 1))
    assert [layer.path for layer in shown.layers] == ["us", "us/ma", "us/ma/boston"]
    provisions = {one.id: one for layer in shown.layers for one in layer.provisions}
    assert provisions["lunn-2017"].standing == "stands"
    assert provisions["boston-2019-hold"].standing == "not_yet_or_over"
    assert provisions["boston-2014-hold"].sentences[0].sentence.startswith("A police department must not keep the person past")
    assert not provisions["us-4a-knowledge-makes-cause-stale"].binds_here
    assert provisions["ma-release-at-once"].clock is not None
    assert law.show("us/ma/boston").layers[1].provisions[0].standing is None


def test_a_county_without_a_file_is_shown_with_the_layers_above_and_named() -> None:
    shown = law.show("us/ma/essex")
    assert shown.place == "us/ma/essex_county"
    assert shown.without_file == ("us/ma/essex_county",)


def test_a_difference_names_what_began_what_ended_and_what_was_let_loose() -> None:
    made = library(state=(rule("sb4", "require", spans=SPANS), rule("new", "forbid", spans="[{from: 2017-09-25}]")))

    def changes(from_: dt.date, to: dt.date) -> list[tuple[str, str, str]]:
        return [(one.provision.id, one.before, one.after) for one in law.diff("us/ma", from_, to, made).changes]

    assert changes(dt.date(2017, 8, 31), dt.date(2017, 9, 1)) == [("sb4", "not_yet_or_over", "suspended")]
    assert changes(dt.date(2017, 9, 24), dt.date(2017, 9, 25)) == [
        ("sb4", "suspended", "stands"),
        ("new", "not_yet_or_over", "stands"),
    ]
    assert changes(dt.date(2025, 9, 30), dt.date(2025, 10, 1)) == [("sb4", "stands", "not_yet_or_over")]
    assert changes(dt.date(2018, 1, 1), dt.date(2019, 1, 1)) == []


def test_a_span_that_follows_another_is_a_change_of_its_own() -> None:
    made = library(
        state=(rule("a", "forbid", spans="[{from: 2017, until: 2018-06-01, cite: Old}, {from: 2018-06-01, cite: New}]"),)
    )
    (change,) = law.diff("us/ma", dt.date(2018, 5, 31), dt.date(2018, 6, 1), made).changes
    assert (change.span_before.cite, change.span_after.cite) == ("Old", "New")


def test_coverage_has_a_row_for_each_file_with_its_asks_checks_and_gaps() -> None:
    rows = {row.path: row for row in law.coverage()}
    assert set(rows) == set(law.library().layers)
    massachusetts = rows["us/ma"]
    assert massachusetts.asks == law.ASKS
    assert massachusetts.newest_check == "2026-11-23"
    assert sum(massachusetts.confidence.values()) == massachusetts.rules + massachusetts.duties + massachusetts.time_limits
    counsel, _of_the_sheriffs = massachusetts.for_counsel
    assert (counsel.rule, counsel.asks, counsel.might) == ("lunn-287g-gap", ("hold",), ("forbid", "permit"))
    assert counsel.why.startswith("Contested; ")
    assert any(gap.startswith("offence lists: ") for gap in massachusetts.gaps)
    assert len(massachusetts.open_questions) >= 3


def test_places_are_those_with_a_file() -> None:
    listed = {place.path: place for place in law.places()}
    assert listed["us/ma/boston"].name == "Boston, Massachusetts"
    assert listed["us"].kind == "nation"


def test_an_unknown_city_is_offered_the_nearest_names_and_its_county() -> None:
    with pytest.raises(law.PlaceUnknown, match=r"nearest: us/ma/boston.*; a place that is not listed is answered as its county"):
        law.show("us/ma/bostn")


PAST = [
    law.Past("us/ma", "hold", dt.date(2016, 5, 1), {"facility": "jail"}),
    law.Past("us/ma", "hold", dt.date(2018, 5, 1), '{"facility": "jail"}'),
    law.Past("us/ma", "notify", dt.date(2018, 5, 1), {}),
]


@pytest.mark.parametrize("processes", [1, 2])
def test_past_requests_are_replayed_under_a_changed_law_and_counted(processes: int) -> None:
    before = library(state=(rule("ban", "forbid", spans="[{from: 2017-07-24}]"),))
    local = text("us/ma/essex_county", before="adopted_by: {agency: S, person: P, on: 2024-01-01}\n")
    after = law.with_layer(library(state=(rule("must", "require", spans="[{from: 2017-07-24}]"),)), local, "local.yaml")
    assert law.replay(PAST, before, after, processes=processes) == Counter(
        {
            Came("us/ma", "hold", "may", "may"): 1,
            Came("us/ma", "hold", "must_not", "must"): 1,
            Came("us/ma", "notify", "may", "may"): 1,
        }
    )


def test_past_requests_can_all_be_asked_as_of_one_day() -> None:
    made = library(state=(rule("ban", "forbid", spans="[{from: 2017-07-24}]"),))
    counts = law.replay(PAST, made, made, on=dt.date(2020, 1, 1))
    assert counts[Came("us/ma", "hold", "may", "must_not")] == 1
