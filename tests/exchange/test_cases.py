"""The example cases: the real one as told, the same as it should have gone, a working day; and what is wrong in a file."""

import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from exchange_making import as_role
from ruamel.yaml import YAML

from detainer import clock
from detainer.exchange import case_file
from detainer.exchange.refusals import Refused
from detainer.record import when
from detainer.record.event import Event

NOW = dt.datetime(2026, 3, 2, 15, 0, 30, tzinfo=dt.UTC)
SHARED = Path(__file__).resolve().parents[3] / "shared" / "case" / "lynn-2024.yaml"
ZONE = "America/New_York"


def replayed(name: str) -> dict[str, UUID]:
    from detainer.exchange import cases

    with as_role("detainer_worker"):
        return cases.replay(cases.read(case_file.examples() / name), NOW)


@pytest.fixture(scope="module", autouse=True)
def _demo(database: Any) -> None:
    replayed("demo.yaml")


@pytest.fixture(scope="module")
def lynn() -> dict[str, UUID]:
    return replayed("lynn-2024.yaml")


@pytest.fixture(scope="module")
def should() -> dict[str, UUID]:
    return replayed("lynn-2024-as-it-should-have-gone.yaml")


@pytest.fixture(scope="module")
def today() -> dict[str, UUID]:
    return replayed("essex-today.yaml")


def events(stream: UUID) -> list[Event]:
    from detainer.exchange.work import load

    with as_role("detainer_worker"):
        return load(stream)


def event(stream: UUID, kind: str) -> Event:
    return next(item for item in events(stream) if item.kind == kind)


def row(table: str, stream: UUID) -> Any:
    from detainer.exchange import models

    with as_role("detainer_worker"):
        return getattr(models, table).objects.get(pk=stream)


def key_of(agency: UUID) -> str:
    from detainer.exchange.models import Agency

    return str(Agency.objects.get(pk=agency).key)


def keys_of(stream: UUID) -> list[str]:
    from detainer.exchange.models import Stream

    with as_role("detainer_worker"):
        return [key_of(party) for party in Stream.objects.get(pk=stream).parties]


# --- the real case -----------------------------------------------------------------------------------------------------


def test_the_request_ended_with_a_release_without_notice_that_nobody_confirmed(lynn: dict[str, UUID]) -> None:
    request = row("Request", lynn["request"])
    assert request.outcome == "released_without_notice"
    assert request.view["outcome"]["confirmed"] is False
    assert [(ask["ask"], ask["answer"]["value"], ask["choice"], ask["disposition"]) for ask in request.asks] == [
        ("notify", "may", None, "overtaken"),
        ("hold", "must_not", None, "overtaken"),
    ]


def test_on_day_one_lunn_forbade_the_hold_and_nothing_forbade_the_notice(lynn: dict[str, UUID]) -> None:
    answered = event(lynn["request"], "answered").data
    assert (answered["on"], answered["place"]) == ("2024-01-29", "us/ma/essex")
    assert [rule["id"] for rule in answered["answers"]["hold"]["rules"]] == ["lunn-2017"]
    assert answered["answers"]["notify"]["value"] == "may"


def test_from_the_arraignment_to_the_arrest_at_large_are_59_days(lynn: dict[str, UUID]) -> None:
    arraigned = when.parse(event(lynn["stay"], "court_appeared").occurred, ZONE)
    arrested = event(lynn["file"], "arrested")
    assert arrested.data["at_large"] is True
    assert when.days_between(arraigned, when.parse(arrested.occurred, ZONE), ZONE) == 59


def test_the_record_shows_the_gap_nothing_reached_the_sheriff_and_nobody_refused(lynn: dict[str, UUID]) -> None:
    kinds = {item.kind for item in events(lynn["request"])}
    assert kinds == {"lodged", "answered", "stated", "closed"}
    assert keys_of(lynn["request"]) == ["ero_boston", "lynn_court", "essex_sheriff"]
    assert key_of(row("Request", lynn["request"]).custodian_id) == "lynn_court"


def test_the_stay_is_the_sheriffs_who_let_the_person_out_and_the_file_the_requesters_alone(lynn: dict[str, UUID]) -> None:
    stay = row("Stay", lynn["stay"])
    assert (key_of(stay.custodian_id), stay.state) == ("essex_sheriff", "released")
    assert keys_of(lynn["stay"]) == ["essex_sheriff", "lynn_police", "ero_boston", "lynn_court"]
    assert keys_of(lynn["file"]) == ["ero_boston"]


def test_no_word_is_put_into_the_sheriffs_mouth(lynn: dict[str, UUID]) -> None:
    everything = [item for stream in lynn.values() for item in events(stream)]
    assert not [item for item in everything if key_of(item.says) == "essex_sheriff"]
    silence = next(item for item in everything if item.data.get("claim") == "no_comment")
    assert (key_of(silence.by_agency), key_of(silence.says), silence.is_confirmed) == ("essex_sheriff", "fox_news", False)


def test_nobody_is_named_and_one_person_stands_behind_the_three_streams(lynn: dict[str, UUID]) -> None:
    from detainer.exchange.models import Identity

    people = {row(table, lynn[name]).person for table, name in (("Request", "request"), ("Stay", "stay"), ("File", "file"))}
    assert len(people) == 1
    with as_role("detainer_worker"):
        assert set(Identity.objects.filter(person=people.pop()).values_list("name", flat=True)) == {"Not named in the source"}


def test_the_account_is_not_sent_to_anybody_today(lynn: dict[str, UUID]) -> None:
    from detainer.exchange.models import Delivery

    with as_role("detainer_worker"):
        assert not Delivery.objects.filter(stream__in=lynn.values()).exists()


# the source's word for a kind, where it is not the exchange's own: stream, kind, and what it carries
OURS = {
    "arraigned": ("stay", "court_appeared", {"what": "arraignment"}),
    "not_honoured": ("request", "stated", {"claim": "not_honoured"}),
    "arrested_at_large": ("file", "arrested", {"at_large": True}),
}

if SHARED.is_file():  # beside a developer's checkout
    SOURCE = YAML(typ="safe", pure=True).load(SHARED.read_text(encoding="utf-8"))

    @pytest.mark.parametrize("number", range(len(SOURCE["events"])))
    def test_each_event_of_the_source_stands_in_the_record_as_it_was_told(number: int, lynn: dict[str, UUID]) -> None:
        told = SOURCE["events"][number]
        stream, kind, carries = OURS.get(told["kind"], (told["stream"], told["kind"], {}))
        found = [
            item
            for item in events(lynn[stream])
            if (item.kind, item.occurred) == (kind, str(told["occurred"]))
            and (key_of(item.by_agency), key_of(item.says)) == (told["by"], told["says"])
            and carries.items() <= item.data.items()
        ]
        assert len(found) == 1
        data = found[0].data
        assert found[0].is_confirmed is (told["by"] == told["says"])
        if told.get("confirmed") is False:
            assert not found[0].is_confirmed
        expected = {key: value for key, value in told.get("data", {}).items() if key != "basis"}
        assert {key: data.get(key) for key in expected} == expected
        if told.get("note"):
            assert data["note"] == told["note"]

    def test_the_request_carries_the_sources_basis_and_addressee(lynn: dict[str, UUID]) -> None:
        told = next(item for item in SOURCE["events"] if item["kind"] == "lodged")
        lodged = event(lynn["request"], "lodged").data
        assert f"{lodged['basis']['warrant']}_warrant" == told["data"]["basis"]
        assert key_of(UUID(lodged["custodian"])) == told["to"]

    def test_each_statement_of_an_agency_of_the_case_is_in_the_record_and_the_others_stay_in_the_file(
        lynn: dict[str, UUID],
    ) -> None:
        told = {item["by"] for item in SOURCE["statements"]}
        stated = {
            key_of(item.by_agency) for item in events(lynn["request"]) if item.kind == "stated" and item.occurred == "2024-04"
        }
        kept = {item["by"] for item in case_file.read(case_file.examples() / "lynn-2024.yaml").statements}
        assert stated | kept == told
        assert kept == {"white_house"}

    def test_the_sources_own_numbers_and_answers_come_out(lynn: dict[str, UUID]) -> None:
        case = case_file.read(case_file.examples() / "lynn-2024.yaml")
        assert case.derived["days_arraignment_to_arrest"] == SOURCE["derived"]["days_arraignment_to_arrest"] == 59
        assert str(case.derived["operation"]["week_ending"]) == str(SOURCE["derived"]["operation"]["week_ending"])
        answers = event(lynn["request"], "answered").data["answers"]
        for expected in SOURCE["expected_answers"]:
            if expected["facility"] == "court":
                assert answers[expected["ask"]]["value"] == expected["answer"]


# --- as it should have gone ----------------------------------------------------------------------------------------------


def test_with_the_lawful_notice_the_person_is_handed_over_and_nobody_is_held(should: dict[str, UUID]) -> None:
    request = row("Request", should["request"])
    assert (request.outcome, request.view["outcome"]["confirmed"]) == ("handed_over", True)
    asks = {ask["ask"]: ask for ask in request.asks}
    assert asks["notify"]["disposition"] == "honoured"
    assert (asks["hold"]["choice"], asks["hold"]["disposition"]) == ("decline", "declined")
    assert [rule["id"] for rule in asks["hold"]["answer"]["rules"]] == ["lunn-2017"]
    assert event(should["request"], "handed_over").data["held"] is False
    assert "hold_started" not in {item.kind for item in events(should["request"])}


def test_the_notice_came_four_hours_and_twenty_five_minutes_ahead(should: dict[str, UUID]) -> None:
    given = when.parse(event(should["request"], "notice_given").occurred).from_
    released = when.parse(event(should["stay"], "release_due").occurred).from_
    assert given is not None
    assert released is not None
    assert clock.notice_lead(given, released) == 4 * 60 + 25


def test_what_was_sent_then_also_arrived_then(should: dict[str, UUID]) -> None:
    from detainer.exchange.models import Delivery

    delivered = [item.occurred for item in events(should["request"]) if item.kind == "delivered"]
    assert delivered == ["2024-01-29T09:20-05:00", "2024-01-29T11:15-05:00"]
    with as_role("detainer_worker"):
        assert not Delivery.objects.filter(stream=should["request"], delivered_at=None).exists()


# --- today ---------------------------------------------------------------------------------------------------------------

STATES = {
    "alder": ("lodged", "open"),
    "birch": ("acknowledged", "open"),
    "cedar": ("decided", "open"),
    "dogwood": ("acknowledged", "open"),
    "elm": ("holding", "open"),
    "fir": ("acknowledged", "open"),
    "hazel": ("decided", "open"),
    "juniper": ("not_here", "not_in_custody"),
    "larch": ("cancelled", "withdrawn"),
    "maple": ("acknowledged", "open"),
}


@pytest.mark.parametrize("name", STATES)
def test_the_demo_board_has_a_request_in_each_state(name: str, today: dict[str, UUID]) -> None:
    request = row("Request", today[name])
    assert (request.state, request.outcome) == STATES[name]


def test_a_clock_runs_for_the_hold_that_a_judge_ordered_and_for_the_notice_that_is_due(today: dict[str, UUID]) -> None:
    from detainer.exchange.models import Deadline, Request

    with as_role("detainer_worker"):
        running = set(Deadline.objects.filter(open=True, stream__in=today.values()).values_list("stream", "kind"))
        undecided = set(Request.objects.filter(undecided__gt=0, live=True).values_list("pk", flat=True))
    of_custody = {clock for clock in running if clock[1] in ("hold_expiry", "notice_lead")}
    assert of_custody == {(today["elm"], "hold_expiry"), (today["cedar"], "notice_lead")}
    assert {request for request, kind in running if kind == "answer_due"} <= undecided


def test_a_claim_is_open_a_proposal_waits_and_two_deliveries_are_on_their_way(today: dict[str, UUID]) -> None:
    from detainer.exchange.models import Delivery

    assert len(row("Request", today["fir"]).view["contests_open"]) == 1
    hold = next(ask for ask in row("Request", today["hazel"]).asks if ask["ask"] == "hold")
    assert (hold["choice"], hold["proposal"]["choice"]) == (None, "honour")
    with as_role("detainer_worker"):
        waiting = set(Delivery.objects.filter(stream__in=today.values(), delivered_at=None).values_list("stream", "kind"))
    assert waiting == {(today["alder"], "lodged"), (today["larch"], "cancelled")}


def test_everybody_in_the_demo_is_synthetic_and_says_so() -> None:
    case = case_file.read(case_file.examples() / "essex-today.yaml")
    names = {step.data["person"]["name"] for step in case.steps if "person" in step.data}
    assert names
    assert all(name.startswith("Synthetic ") for name in names)


# --- entering a case -------------------------------------------------------------------------------------------------------


def test_a_case_that_is_there_already_is_left_as_it_is(lynn: dict[str, UUID], should: dict[str, UUID]) -> None:
    before = [item.hash for stream in (*lynn.values(), *should.values()) for item in events(stream)]
    assert replayed("lynn-2024.yaml") == lynn
    assert replayed("lynn-2024-as-it-should-have-gone.yaml") == should
    assert [item.hash for stream in (*lynn.values(), *should.values()) for item in events(stream)] == before


def test_the_demos_accounts_open_and_their_passwords_pass_the_exchanges_own_rules() -> None:
    from detainer.exchange.models import Membership, User

    for account in case_file.read(case_file.examples() / "demo.yaml").accounts:
        with as_role("detainer_worker"):
            user = User.objects.get(username=account.username)
            roles = set(Membership.objects.filter(user=user).values_list("role", flat=True))
        assert user.check_password(account.password)
        assert roles == set(account.roles)


@pytest.fixture
def written(tmp_path: Path) -> Callable[[str], Path]:
    (tmp_path / "demo.yaml").write_text((case_file.examples() / "demo.yaml").read_text())

    def write(text: str) -> Path:
        file = tmp_path / "case.yaml"
        file.write_text(text)
        return file

    return write


@pytest.fixture
def refusal(written: Callable[[str], Path]) -> Iterator[Callable[[str], Refused]]:
    """What a case file is refused with; nothing is then written."""
    from detainer.exchange import cases
    from detainer.exchange.models import Event as EventRow

    def of(text: str) -> Refused:
        with as_role("detainer_worker"):
            before = EventRow.objects.count()
            with pytest.raises(Refused) as found:
                cases.replay(case_file.read(written(text)), NOW)
            assert EventRow.objects.count() == before
        return found.value

    return of


FILE = "case: wrong\ndirectory: demo.yaml\n"
TOLD = (
    FILE + "events:\n  - {{stream: {stream}, kind: {kind}, occurred: '{occurred}', by: {by}, says: ero_boston, data: {data}}}\n"
)
STEP = FILE + "steps:\n  - {{by: {by}, command: {command}, on: it, data: {data}}}\n"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("- 1", "is not a case file"),
        ("case: [", "is not YAML"),
        ("case: x\nwhat: 1\n", "what: not a field"),
        ("case: x\nzone: Mars\n", "[Mars] is no time zone"),
        ("case: x\ndirectory: absent.yaml\n", "absent.yaml] cannot be read"),
        ("case: x\ndirectory: ../../etc/passwd\n", "directory: "),
        (
            TOLD.format(stream="file", kind="flown", occurred="2024", by="ero_boston", data="{}"),
            "events[1]: kind: [flown] is no event",
        ),
        (
            TOLD.format(stream="file", kind="encountered", occurred="soon", by="ero_boston", data="{}"),
            "events[1]: occurred: [soon]",
        ),
        (TOLD.format(stream="file", kind="encountered", occurred="2090", by="ero_boston", data="{}"), "in the future"),
        (TOLD.format(stream="file", kind="encountered", occurred="2024", by="nobody", data="{}"), "names the agency [nobody]"),
        (
            TOLD.format(stream="file", kind="encountered", occurred="2024", by="ero_boston", data="{colour: red}"),
            "events[1]: colour",
        ),
        (TOLD.format(stream="stay", kind="released", occurred="2024", by="essex_sheriff", data="{}"), "cannot take [released]"),
        (
            TOLD.format(stream="stay", kind="arrested", occurred="2024", by="lynn_police", data="{facility: NOWHERE1}"),
            "no facility has the code [NOWHERE1]",
        ),
        (STEP.format(by="ero_boston", command="request.praise", data="{}"), "there is no command [request.praise]"),
        (STEP.format(by="nobody", command="request.lodge", data="{}"), "names the agency [nobody]"),
        (STEP.format(by="ero_boston", command="file.begin", data="{}"), "steps[1]: person"),
        (STEP.format(by="essex_sheriff", command="request.acknowledge", data="{}"), "steps[1]: there is no request"),
        (
            STEP.format(by="ero_boston", command="file.begin", data="{person: {name: x}, data: {place: now+Plunch}}"),
            "[now+Plunch] is not a time",
        ),
    ],
)
def test_what_is_wrong_in_a_case_file_is_told_by_its_place_and_nothing_is_written(
    text: str, says: str, refusal: Callable[[str], Refused]
) -> None:
    assert says in refusal(text).detail
