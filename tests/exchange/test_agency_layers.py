"""An agency's own law: adopted by its supervisor, dated, kept in all versions, below the package's law, in every answer."""

import datetime as dt
from typing import Any

import pytest
from django import db
from django.db import DatabaseError, transaction
from exchange_making import LAYER, NOW, adopt, as_role, ask, do, last, linked, lodge, refused, row, rows, table

pytestmark = pytest.mark.usefixtures("database")

DAY = NOW.date()


def notice(facility: str, on: dt.date = DAY) -> Any:
    """Return the answer to the usual request for notice at a facility."""
    from detainer.exchange import answers
    from detainer.exchange.session import acting

    with acting(None), as_role("detainer_worker"):
        found = table("Facility").objects.get(pk=facility)
        return answers.now_with_questions(found, "notify", {"facility": "jail", "warrant": ["administrative"]}, on)


def withdraw(custodian: Any, place: str = "us/ma/essex_county", from_day: str = "2026-03-01", **more: Any) -> Any:
    from detainer.exchange import law_layers
    from detainer.exchange.session import acting

    said = law_layers.WithdrawLayer.model_validate({"place": place, "from_day": from_day, "person": "the board", **more})
    with acting(custodian.id):
        return law_layers.withdraw(custodian.supervisor, said, NOW)


def look(custodian: Any, text: str) -> Any:
    from detainer.exchange import law_layers
    from detainer.exchange.session import acting

    with acting(custodian.id):
        return law_layers.look(
            custodian.id, law_layers.AdoptLayer.model_validate({"text": text, "from_day": DAY, "person": "the sheriff"})
        )


def test_an_answer_given_to_whoever_lodges_rests_on_the_custodian_s_own_layer(ice: Any, essex: Any) -> None:
    entry = adopt(essex)
    request = lodge(ice, essex)
    assert ask(request, "notify")["answer"]["value"] == "must_not"
    answered = last(request, "answered")
    assert answered.data["versions"]["layers"] == entry.hash
    assert answered.data["answers"]["notify"]["rules"][0]["id"] == "essex-no-notice"
    who = f"local layer of us/ma/essex_county: adopted by {row('Agency', essex.id).name} (the sheriff) on 2026-03-01"
    assert who in answered.data["answers"]["notify"]["notes"]


def test_the_whole_answer_names_who_adopted_the_layer(essex: Any) -> None:
    adopt(essex)
    who = notice(essex.facility).adopted_by
    assert (who.agency, who.person, who.on) == (row("Agency", essex.id).name, "the sheriff", "2026-03-01")


def test_no_other_agency_is_answered_under_it(ice: Any, essex: Any, party: Any) -> None:
    other = party("custodian")
    adopt(essex)
    assert ask(lodge(ice, other), "notify")["answer"]["value"] == "may"
    assert "layers" not in last(lodge(ice, other), "answered").data["versions"]


def test_it_binds_from_its_first_day_on(essex: Any) -> None:
    adopt(essex, from_day="2026-04-01")
    assert [notice(essex.facility, dt.date(2026, *day)).value for day in ((3, 31), (4, 1))] == ["may", "must_not"]


def test_a_later_version_takes_its_place_and_both_stay_told(essex: Any) -> None:
    adopt(essex)
    adopt(essex, LAYER.replace("effect: forbid", "effect: require"), "2026-05-01", now=NOW + dt.timedelta(days=1))
    assert [notice(essex.facility, dt.date(2026, *day)).value for day in ((4, 30), (5, 1))] == ["must_not", "must"]
    assert len(rows("LawLayer", agency=essex.id)) == 2


def test_a_request_is_answered_again_under_a_new_layer_when_somebody_asks(ice: Any, essex: Any) -> None:
    request, _ = linked(ice, essex)
    adopt(essex)
    assert ask(request, "notify")["answer"]["value"] == "may"
    do(essex.clerk, "request.record_facts", {"facts": {}}, request)
    assert ask(request, "notify")["answer"]["value"] == "must_not"


def test_withdrawing_is_an_entry_and_what_was_answered_stays(ice: Any, essex: Any) -> None:
    adopt(essex)
    request = lodge(ice, essex)
    withdraw(essex, from_day="2026-03-10", note="found invalid")
    assert [notice(essex.facility, dt.date(2026, 3, day)).value for day in (9, 10)] == ["must_not", "may"]
    assert ask(request, "notify")["answer"]["value"] == "must_not"
    assert [(entry.text == "", entry.adopted_by) for entry in rows("LawLayer", agency=essex.id)] == [
        (False, "the sheriff"),
        (True, "the board"),
    ]


def test_the_same_said_again_is_the_same_entry(essex: Any) -> None:
    assert adopt(essex).id == adopt(essex).id
    assert withdraw(essex).id == withdraw(essex).id


def test_what_is_not_in_force_cannot_be_withdrawn(essex: Any) -> None:
    adopt(essex, from_day="2026-04-01")
    with refused("invalid", "place"):
        withdraw(essex)


@pytest.mark.parametrize("role", ["clerk", "officer", "auditor"])
def test_only_a_supervisor_adopts(essex: Any, role: str) -> None:
    from detainer.exchange import law_layers
    from detainer.exchange.session import acting

    said = law_layers.AdoptLayer(text=LAYER, from_day=DAY, person="the sheriff")
    with refused("not-allowed"), acting(essex.id):
        law_layers.adopt(getattr(essex, role), said, NOW)


def test_who_has_nobody_in_custody_has_no_law_of_its_own_to_adopt(ice: Any) -> None:
    with refused("not-allowed"):
        adopt(ice)


# --- what is below what ------------------------------------------------------------------------------------------------


def test_a_rule_that_permits_what_a_higher_layer_forbids_is_accepted_and_without_effect(ice: Any, essex: Any) -> None:
    text = LAYER.replace("asks: [notify]", "asks: [hold]").replace("effect: forbid", "effect: permit")
    assert {(each.id, each.ask, each.place) for each in look(essex, text).voided} >= {("essex-no-notice", "hold", "us/ma")}
    adopt(essex, text)
    told = ask(lodge(ice, essex), "hold")["answer"]
    assert told["value"] == "must_not"
    assert any(note.startswith("without effect here: essex-no-notice") for note in told["notes"])


def test_the_package_s_rules_are_all_still_looked_at(essex: Any) -> None:
    before = {step.id for step in notice(essex.facility).trace}
    adopt(essex)
    assert {step.id for step in notice(essex.facility).trace} == before | {"essex-no-notice"}


def test_a_city_without_a_file_has_a_layer_below_that_of_its_county(ice: Any, essex: Any) -> None:
    with as_role("detainer_worker"):
        table("Facility").objects.filter(pk=essex.facility).update(city="Lynn")
    county = LAYER.replace("effect: forbid", "effect: require").replace("id: essex-no-notice", "id: essex-notice")
    city = LAYER.replace("us/ma/essex_county", "us/ma/lynn").replace("kind: county", "kind: city")
    adopt(essex, city)
    assert notice(essex.facility).value == "must_not"
    adopt(essex, county)
    assert [step.id for step in notice(essex.facility).trace][-2:] == ["essex-notice", "essex-no-notice"]
    assert notice(essex.facility).value == "must"  # the county's word is above the city's
    assert [each.by for each in look(essex, city).voided] == ["essex-notice"]
    hashes = last(lodge(ice, essex), "answered").data["versions"]["layers"].split()
    assert hashes == [entry.hash for entry in reversed(rows("LawLayer", agency=essex.id))]


def test_a_layer_that_is_in_force_is_put_together_once(essex: Any) -> None:
    from detainer.exchange import law_layers

    adopt(essex)
    notice(essex.facility)
    before = law_layers._library.cache_info()
    notice(essex.facility, dt.date(2026, 4, 1))
    after = law_layers._library.cache_info()
    assert (after.misses, after.hits) == (before.misses, before.hits + 1)


# --- bad input ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("    effect", "     effect"), "line 11: not YAML"),
        (("    effect: forbid", "    effect: forbid\n    effect: permit"), "line 12: key [effect] stands twice"),
        (("effect: forbid", "effect: forbids"), "line 11: rules.effect [essex-no-notice]: [forbids] is not one of"),
        (("    cite: Sheriff's Order 7, section 2\n", ""), "line 8: rules.cite [essex-no-notice]: key [cite] is missing"),
        (("    source: the order\n", ""), "line 8: rules.source [essex-no-notice]: key [source] is missing"),
        (("spans: [{from: 2026-01-01}]", "spans: []"), "line 13: rules.spans [essex-no-notice]"),
        (("[judicial_criminal_warrant]", "[judicial_warant]"), "line 8: [essex-no-notice]: [judicial_warant] is neither"),
        (("id: essex-no-notice", "id: us-287.7-d-hold"), "line 8: id [us-287.7-d-hold] already stands in the file of us"),
        (("us/ma/essex_county", "us/ma/bristol_county"), "[us/ma/bristol_county] is not the place of a facility of this agency"),
        (("us/ma/essex_county", "us/ma"), "[us/ma] is not the place of a facility"),
        (("us/ma/essex_county", "us"), "[us] is not the place of a facility"),
        (
            ("kind: county", "kind: city\nadopted_by: {agency: Another, person: the sheriff, on: 2026-03-01}"),
            "line 4: adopted_by.agency",
        ),
        (("[judicial_criminal_warrant]", "[{is: yes, fact: nonsense}]"), "line 12: [is] is no key of a file of law"),
        (("rules:", "definitions: {a: {english: a, means: b}, b: {english: b, means: a}}\nrules:"), "line 9: [essex-no-notice]"),
        (("confidence: high", "confidence: 1.5"), "line 16: [1.5] is a decimal number"),
        (("confidence: high", "confidence: 0x10"), "line 16: [0x10] is a number written oddly"),
        ((LAYER, "[" * 2000), "line 1: lists or mappings stand in each other too deep"),
        ((LAYER, "path"), "line 1: a file of the law is a mapping"),
        ((LAYER, "a: &a [1]\nb: &b [*a, *a]\n"), "line 1"),
    ],
)
def test_what_is_wrong_is_told_with_its_line_and_nothing_is_written(essex: Any, change: tuple[str, str], message: str) -> None:
    text = LAYER.replace(*change)
    if "means: b" in text:
        text = text.replace("[judicial_criminal_warrant]", "[a]")
    with refused("invalid", "text") as caught:
        adopt(essex, text)
    assert any(error.message.startswith(message) for error in caught.value.errors), caught.value.errors


def test_a_file_of_several_faults_tells_each(essex: Any) -> None:
    with refused("invalid", "text") as caught:
        adopt(essex, LAYER.replace("effect: forbid", "effect: forbids").replace("confidence: high", "confidence: sure"))
    assert [error.message.split(":")[0] for error in caught.value.errors] == ["line 11", "line 16"]


def test_a_file_that_says_itself_who_adopted_it_is_kept_as_it_is(essex: Any) -> None:
    who = f"adopted_by: {{agency: {row('Agency', essex.id).name}, person: the sheriff, on: 2026-03-01}}\n"
    assert adopt(essex, LAYER + who).text == LAYER + who
    assert adopt(essex, LAYER, note="again").text.endswith('person: "the sheriff", on: "2026-03-01"}\n')


# --- appended only -----------------------------------------------------------------------------------------------------


def run(agency: Any, *statements: str) -> None:
    with transaction.atomic(), db.connection.cursor() as cursor:
        cursor.execute("SELECT begin_session(%s, NULL)", [agency.id])
        for statement in statements:
            cursor.execute(statement)


CHANGES = ["UPDATE law_layer SET text = ''", "DELETE FROM law_layer", "TRUNCATE law_layer"]
OWNED = (
    "CREATE ROLE an_owner NOSUPERUSER",
    "GRANT ALL ON SCHEMA public TO an_owner",
    "ALTER TABLE law_layer OWNER TO an_owner",
    "SET LOCAL ROLE an_owner",
)


@pytest.mark.parametrize("role", ["detainer_service", "detainer_worker"])
@pytest.mark.parametrize("change", CHANGES)
def test_no_role_of_the_service_changes_a_layer(essex: Any, role: str, change: str) -> None:
    entry = adopt(essex)
    with as_role(role), pytest.raises(DatabaseError, match="permission denied"):
        run(essex, change)
    assert row("LawLayer", entry.id).text == entry.text


@pytest.mark.parametrize("change", CHANGES)
def test_an_owner_of_the_table_is_stopped_by_the_trigger(essex: Any, change: str) -> None:
    adopt(essex)
    with as_role("postgres"), pytest.raises(DatabaseError, match="appended, never changed"):
        run(essex, *OWNED, change)


def test_an_agency_adds_to_its_own_law_alone(essex: Any, bristol: Any) -> None:
    entry = adopt(essex)
    columns = "agency_id, place, from_day, text, hash, adopted_by, note, recorded_at"
    copied = f"SELECT gen_random_uuid(), {columns} FROM law_layer WHERE id = '{entry.id}'"
    with pytest.raises(DatabaseError, match="row-level security"):
        run(bristol, f"INSERT INTO law_layer (id, {columns}) {copied}")
