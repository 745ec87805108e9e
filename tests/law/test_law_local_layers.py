"""A local layer: a city or county below the package's law, what of it is in vain, and YAML that would never end."""

import datetime as dt

import pytest
from law_of_ozland import library, rule, text

from detainer import law
from detainer.law.check import layer_faults
from detainer.law.library import library_from
from detainer.law.voided import voided

ADOPTED = "adopted_by: {agency: Sheriff, person: A. Person, on: 2024-01-01}\n"
ON = dt.date(2024, 1, 29)


def layer(path: str, *rules: str, kind: str = "county") -> str:
    return text(path, *rules, before=ADOPTED).replace("kind: county", f"kind: {kind}")


def in_vain(local: str, **layers: tuple[str, ...]) -> set[tuple[str, str, bool]]:
    """Return what of a county's layer is without effect: the ask, the rule that voids it, and whether always."""
    found = law.with_layer(library(**layers), local, "local.yaml")
    own = found.layers["us/ma/essex_county"][-1]
    return {(each.ask, each.by, each.always) for each in voided(found, own.path, own, ON)}


def test_a_city_that_no_list_has_can_have_a_layer() -> None:
    found = law.with_layer(library(), layer("us/ma/lynn", rule("city", "forbid"), kind="city"), "lynn.yaml")
    assert law.answer("us/ma/lynn", "hold", ON, {}, found).value == "must_not"


def test_a_county_must_be_one_of_the_census_by_its_full_name() -> None:
    for path, message in (("us/ma/esex_county", "nearest: us/ma/essex"), ("us/ma/essex", "is short for us/ma/essex_county")):
        with pytest.raises(law.LawError, match=message) as refused:
            law.with_layer(library(), layer(path, rule("local", "forbid")), "local.yaml")
        assert str(refused.value).startswith("local.yaml:1: ")


def test_a_city_s_layer_can_bind_at_a_place_of_its_county_and_above_it_the_county_s_rules_stay() -> None:
    below = law.with_layer(
        library(county=(rule("county", "require"),)),
        layer("us/ma/lynn", rule("city", "forbid"), kind="city"),
        "l",
        "us/ma/essex_county",
    )
    answer = law.answer("us/ma/essex", "hold", ON, {}, below)
    assert answer.value == "must"
    assert [step.id for step in answer.trace] == ["county", "city"]
    assert library_from(below.texts).hash == below.hash
    assert law.answer("us/ma/essex", "hold", ON, {}, library_from(below.texts)) == answer


def test_an_id_that_the_package_has_is_refused_with_its_line() -> None:
    with pytest.raises(law.LawError, match=r"^local\.yaml:9: id \[same\] already stands in the file of us/ma; take another$"):
        law.with_layer(
            library(state=(rule("same", "permit"),)), layer("us/ma/essex_county", rule("same", "forbid")), "local.yaml"
        )


@pytest.mark.parametrize(
    ("own", "higher", "always"),
    [
        (rule("own", "permit"), rule("above", "forbid"), True),
        (rule("own", "permit"), rule("above", "forbid", "when: [consent_in_writing]"), False),
        (rule("own", "permit"), rule("above", "forbid", "binds: {facilities: [jail]}"), False),
        (rule("own", "require"), rule("above", "forbid"), True),
        (rule("own", "forbid"), rule("above", "require"), True),
        (rule("own", "forbid"), rule("above", "bars_restriction"), True),
        (rule("own", "permit", "authority: court_order"), rule("above", "forbid"), True),
    ],
)
def test_what_a_higher_layer_voids_is_told(own: str, higher: str, always: bool) -> None:
    assert in_vain(layer("us/ma/essex_county", own), state=(higher,)) == {("hold", "above", always)}


@pytest.mark.parametrize(
    ("own", "higher"),
    [
        (rule("own", "permit"), rule("above", "permit")),
        (rule("own", "forbid"), rule("above", "permit")),
        (rule("own", "forbid"), rule("above", "require", "strength: soft")),
        (rule("own", "forbid", "authority: court_order"), rule("above", "require")),
        (rule("own", "permit"), rule("above", "forbid", asks="[notify]")),
        (rule("own", "permit"), rule("above", "forbid", spans="[{from: 2000-01-01, until: 2020-01-01}]")),
        (rule("own", "permit", "binds: {facilities: [court]}"), rule("above", "forbid", "binds: {facilities: [jail]}")),
    ],
)
def test_what_no_higher_layer_voids_is_not(own: str, higher: str) -> None:
    assert in_vain(layer("us/ma/essex_county", own), state=(higher,)) == set()


def test_a_rule_that_begins_later_is_looked_at_on_its_first_day() -> None:
    own = rule("own", "permit", spans="[{from: 2030-01-01}]")
    assert in_vain(layer("us/ma/essex_county", own), state=(rule("above", "forbid"),)) == {("hold", "above", True)}


def test_aliases_of_aliases_end() -> None:
    lines = ["a0: &a0 [1, 2, 3, 4, 5, 6, 7, 8, 9]"]
    lines += [f"a{at}: &a{at} [{', '.join([f'*a{at - 1}'] * 9)}]" for at in range(1, 10)]
    with pytest.raises(law.LawError, match="more than 100000 parts"):
        law.with_layer(library(), "\n".join(lines), "bomb.yaml")


ENGLISH = "english: made up, means: "
DOUBLING = "".join(f"  w{at}: {{{ENGLISH}{{any_of: [w{at - 1}, w{at - 1}]}}}}\n" for at in range(1, 12))


def nested(levels: int) -> str:
    """Return a condition whose parts stand so deep in each other."""
    condition = "agreement_287g"
    for at in range(levels):
        condition = f"{{{('all_of', 'any_of')[at % 2]}: [{condition}, consent_in_writing]}}"
    return condition


@pytest.mark.parametrize(
    ("words", "condition", "fault"),
    [
        (f"  a: {{{ENGLISH}b}}\n  b: {{{ENGLISH}a}}\n", "a", "[a] means itself: a -> b -> a"),
        (f"  a: {{{ENGLISH}{{not: a}}}}\n", "a", "[a] means itself: a -> a"),
        (f"  w0: {{{ENGLISH}agreement_287g}}\n{DOUBLING}", "w11", "turn on 2048 facts, more than 2000"),
        (f"  a: {{{ENGLISH}agreement_287g}}\n", nested(13), "its conditions stand 13 deep in each other, more than 12"),
        (f"  a: {{{ENGLISH}agreement_287g}}\n", "zzz", "[zzz] is neither a yes/no fact nor a word defined here"),
    ],
)
def test_what_could_not_be_answered_in_any_time_is_a_fault(words: str, condition: str, fault: str) -> None:
    own = text("us/ma/essex_county", rule("own", "forbid", f"unless: [{condition}]"), before=f"{ADOPTED}definitions:\n{words}")
    found = law.with_layer(library(), own, "local.yaml")
    faults = list(layer_faults(found, "us/ma/essex_county", found.layers["us/ma/essex_county"][-1]))
    assert any(fault in one for one in faults), faults
