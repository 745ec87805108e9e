"""Any commands in any order, by two custodians, two requesters and an oversight body: what holds after every one of them."""

import datetime as dt
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest
from django import db
from exchange_making import ADMINISTRATIVE, NOW, as_role, do, everything, row, rows, table
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from detainer.exchange.refusals import Refused
from detainer.record import views
from detainer.record.event import broken, known_at
from detainer.record.said import ASKS

pytestmark = pytest.mark.usefixtures("database")

JUDICIAL = {"warrant": "judicial_criminal"}
Draw = Callable[[st.SearchStrategy[Any]], Any]
SIDE = st.sampled_from(["right", "right", "right", "right", "another", "oversight"])  # who gives a command: mostly who may
DEEDS = (
    *(4 * ["go_on"] + 4 * ["come_to_an_end"] + 4 * ["command_a_request"] + 3 * ["command_a_stay"] + 3 * ["correct"]),
    *(2 * ["relay"] + 2 * ["deliver"] + 2 * ["acknowledge"]),
    *("lodge_another", "book", "answer_claims", "keep_a_file"),
)

ASK = st.sampled_from(["notify", "hold", "transfer"])
REASON = st.sampled_from([None, "as ordered"])
# What is said with the commands that need no id of something else.
OF_A_REQUEST: dict[str, st.SearchStrategy[dict[str, Any]]] = {
    "decide": st.fixed_dictionaries({"ask": ASK, "choice": st.sampled_from(["honour", "honour", "decline"]), "reason": REASON}),
    "confirm_decision": st.fixed_dictionaries({"ask": ASK}),
    "record_facts": st.sampled_from([{"facts": {"warrant": ["judicial_criminal"]}}, {"facts": {"warrant": ["I-200"]}}]),
    "serve": st.just({"how": "in_person"}),
    "give_notice": st.fixed_dictionaries({"of": st.sampled_from(["release", "release", "transfer", "death"])}),
    "notice_received": st.fixed_dictionaries({"will_come": st.booleans()}),
    "start_hold": st.just({}),
    "end_hold": st.just({"reason": "court_order"}),
    "hand_over": st.fixed_dictionaries({"against_duty": REASON}),
    "not_here": st.just({"reason": "never_here"}),
    "cancel": st.fixed_dictionaries({"reason": st.sampled_from(["citizen", "duplicate", "could_not_come"])}),
    "cancel_received": st.just({}),
    "contest": st.just({"ground": "citizenship", "claimed_by": "person"}),
    "state": st.just({"text": "as our log has it"}),
    "close": st.fixed_dictionaries({"cause": st.sampled_from(["released", "other", "not_in_custody"])}),
}
OF_A_STAY: dict[str, st.SearchStrategy[dict[str, Any]]] = {
    "charge": st.just({"charges": [{"offence": "larceny", "level": "misdemeanor"}]}),
    "plan_release": st.fixed_dictionaries({"at": st.sampled_from(["2026-03-05", "2026-03-09T09:00-05:00", "2026-03"])}),
    "release_due": st.just({"cause": "bail_posted"}),
    "move": st.fixed_dictionaries({"to": st.sampled_from(["court", "hospital", "back"])}),
    "transfer": st.just({}),
    "release_check": st.just({}),
    "release": st.fixed_dictionaries({"against_duty": REASON}),
    "die": st.just({}),
    "escape": st.just({}),
}
# How a request goes on from being acknowledged to the hold, in Missouri; in Massachusetts the hold takes a second person.
COURSE: tuple[tuple[str, dict[str, Any]], ...] = (
    ("request.decide", {"ask": "notify", "choice": "honour"}),
    ("request.decide", {"ask": "hold", "choice": "honour", "reason": "as ordered"}),
    ("request.confirm_decision", {"ask": "hold"}),
    ("request.serve", {"how": "in_person"}),
    ("stay.plan_release", {"at": "2026-03-05"}),
    ("stay.release_due", {"cause": "bail_posted"}),
    ("request.give_notice", {}),
    ("request.start_hold", {}),
)
BY_THE_REQUESTER = {"cancel", "notice_received"}


class TheExchange(RuleBasedStateMachine):
    """Gives commands, and knows by itself whose each stream is; everything else is compared with what the exchange holds."""

    def __init__(self, party: Callable[..., Any], inspector: Callable[..., Any]) -> None:
        super().__init__()
        self.now = NOW
        self.custodians = [party("custodian"), party("custodian", jurisdiction="us/mo", zone="America/Chicago")]
        self.requesters = [party("requester", jurisdiction="us") for _ in range(2)]
        self.inspector = inspector(self.custodians[1], self.requesters[0])
        self.agencies = {party.id: party for party in (*self.custodians, *self.requesters, self.inspector)}
        self.parties: dict[UUID, list[UUID]] = {}  # of each stream, in the order in which they came to it
        self.of_kind: dict[str, list[UUID]] = {"request": [], "stay": [], "file": []}
        self.heads: dict[UUID, str] = {}
        self.stored: dict[tuple[UUID, int], tuple[dt.datetime, dict[str, Any]]] = {}
        self.changed: list[UUID] = []

    # --- giving commands ---

    def give(self, party: Any, name: str, data: dict[str, Any], on: UUID | None = None, key: str | None = None) -> Any:
        """Give a command with every role; return what was done, None when it was refused and wrote nothing."""
        from detainer.exchange.roles import ROLES

        self.now += dt.timedelta(minutes=1)
        self.changed = []
        before = everything()
        person = party.supervisor if name == "request.confirm_decision" else party.clerk
        actor = replace(person, roles=frozenset(ROLES))
        try:
            done = do(actor, name, data, on, now=self.now, key=key)
        except Refused:
            assert everything() == before, f"{name} was refused and has written something"
            return None
        if done.stream not in self.parties:
            self.of_kind[name.partition(".")[0]].append(done.stream)
            self.parties[done.stream] = [party.id]
        self.look()
        return done

    def look(self) -> None:
        """Note which streams have changed, and what the read tables say of them now."""
        heads = {stream.pk: stream for stream in rows("Stream", pk__in=list(self.parties))}
        self.changed = [stream for stream, found in heads.items() if self.heads.get(stream) != found.head]
        self.heads = {stream: found.head for stream, found in heads.items()}
        for stream in self.changed:
            self.stored[stream, heads[stream].version] = self.now, self.row_of(stream, heads[stream].kind)

    def row_of(self, stream: UUID, kind: str) -> dict[str, Any]:
        found = row(kind.capitalize(), stream)
        return {field.attname: getattr(found, field.attname) for field in found._meta.concrete_fields}

    def someone(self, side: str, right: UUID) -> Any:
        others = [party for agency, party in self.agencies.items() if agency not in (right, self.inspector.id)]
        return {"right": self.agencies[right], "another": others[0], "oversight": self.inspector}[side]

    def some(self, kind: str) -> st.SearchStrategy[Any]:
        """Return a strategy for the rows of the requests or stays of this example."""
        return st.sampled_from(self.of_kind[kind]).map(lambda stream: row(kind.capitalize(), stream))

    def events(self, stream: UUID) -> list[Any]:
        from detainer.exchange.work import load

        with as_role("detainer_worker"):
            return load(stream)

    @initialize(requester=st.sampled_from([0, 1]))
    def begin(self, requester: int) -> None:
        """Lodge a request with each custodian about a person whom it holds, so that more than beginnings are reached."""
        for custodian in self.custodians:
            self.lodge(self.requesters[requester], custodian)
            self.give(custodian, "stay.book", {"facility": custodian.facility, "booking_number": "24-0"})
            self.link(self.of_kind["request"][-1], self.of_kind["stay"][-1])

    @rule(data=st.data(), deed=st.sampled_from(DEEDS))
    def act(self, data: Any, deed: str) -> None:
        """One rule for all deeds: what is done is drawn by how much is to be seen of it."""
        getattr(self, deed)(data.draw)

    def lodge(self, requester: Any, custodian: Any, **more: Any) -> None:
        told = {"facility": custodian.facility, "asks": ("notify", "hold"), "basis": ADMINISTRATIVE, **more}
        done = self.give(requester, "request.lodge", told)
        if done:
            self.parties[done.stream] = [requester.id, custodian.id]

    def link(self, request: UUID, stay: UUID) -> None:
        self.give(self.agencies[self.parties[stay][0]], "request.acknowledge", {"stay": str(stay)}, request)

    def lodge_another(self, draw: Draw) -> None:
        told = {
            "asks": draw(st.sampled_from([("notify", "hold"), ("notify",), ("hold", "transfer"), ASKS])),
            "basis": draw(st.sampled_from([ADMINISTRATIVE, JUDICIAL, {}])),
            "form": draw(st.sampled_from(["I-247A", "I-247A", "I-247D", "I-247G", "other"])),
            "replaces": draw(st.sampled_from([None, None, str(draw(self.some("request")).pk)])),
        }
        self.lodge(draw(st.sampled_from(self.requesters)), draw(st.sampled_from(self.custodians)), **told)

    def book(self, draw: Draw) -> None:
        party, number = draw(st.sampled_from(self.custodians)), draw(st.integers(0, 4))
        self.give(party, "stay.book", {"facility": party.facility, "booking_number": f"24-{number}"})

    def keep_a_file(self, draw: Draw) -> None:
        party, kind = draw(st.sampled_from(self.requesters)), draw(st.sampled_from(["arrested", "hearing", "closed"]))
        own = [file for file in self.of_kind["file"] if self.parties[file] == [party.id]]
        if own:
            self.give(self.someone(draw(SIDE), party.id), "file.record", {"kind": kind}, own[-1])
        else:
            self.give(party, "file.begin", {"kind": kind})

    def acknowledge(self, draw: Draw) -> None:
        request, stay = draw(self.some("request")), draw(self.some("stay"))
        self.give(self.someone(draw(SIDE), request.custodian_id), "request.acknowledge", {"stay": str(stay.pk)}, request.pk)

    def go_on(self, draw: Draw) -> None:
        """Take a request some way along its course, with one step left out or none."""
        request, skipped = draw(self.some("request")), draw(st.sampled_from([None, None, None, 0, 3, 6]))
        for number, (name, said) in enumerate(COURSE[: draw(st.sampled_from([2, 5, 8, 8, 8]))]):
            on = request.pk if name.startswith("request") else request.stay
            if number != skipped and on in self.parties:
                self.give(self.agencies[request.custodian_id], name, dict(said), on)

    def come_to_an_end(self, draw: Draw) -> None:
        """Give one of the commands that end a request or the stay that it waits on."""
        request, name = draw(self.some("request")), draw(st.sampled_from(["hand_over", "end_hold", "cancel", "release", "die"]))
        if name in OF_A_REQUEST:
            right = request.requester_id if name in BY_THE_REQUESTER else request.custodian_id
            self.give(self.agencies[right], f"request.{name}", draw(OF_A_REQUEST[name]), request.pk)
        elif request.stay in self.parties:
            self.give(self.agencies[request.custodian_id], f"stay.{name}", draw(OF_A_STAY[name]), request.stay)

    def command_a_request(self, draw: Draw) -> None:
        """Give any command, sometimes on a version that is old; what was done is done once for its key."""
        request, name = draw(self.some("request")), draw(st.sampled_from(sorted(OF_A_REQUEST)))
        right = request.requester_id if name in BY_THE_REQUESTER else request.custodian_id
        party, key, said = self.someone(draw(SIDE), right), str(uuid4()), dict(draw(OF_A_REQUEST[name]))
        said["version"] = draw(st.sampled_from([None, None, request.version, 1]))
        done = self.give(party, f"request.{name}", said, request.pk, key)
        if done:
            changed, before = self.changed, everything()
            again = self.give(party, f"request.{name}", said, request.pk, key)
            assert (again.reply(), again.replayed, everything()) == (done.reply(), True, before)
            self.changed = changed

    def command_a_stay(self, draw: Draw) -> None:
        stay, name = draw(self.some("stay")), draw(st.sampled_from(sorted(OF_A_STAY)))
        self.give(self.someone(draw(SIDE), stay.custodian_id), f"stay.{name}", draw(OF_A_STAY[name]), stay.pk)

    def relay(self, draw: Draw) -> None:
        request, by = draw(self.some("request")), draw(st.sampled_from(["requester_id", "custodian_id"]))
        to = next(party for party in self.custodians if party.id != request.custodian_id)
        if self.give(self.someone(draw(SIDE), getattr(request, by)), "request.relay", {"facility": to.facility}, request.pk):
            self.parties[request.pk] = list(dict.fromkeys([*self.parties[request.pk], to.id]))

    def answer_claims(self, draw: Draw) -> None:
        request, result = draw(self.some("request")), draw(st.sampled_from(["upheld", "rejected", "still_checking"]))
        for contest in request.view["contests_open"]:
            party = self.agencies[request.requester_id]
            self.give(party, "request.answer_contest", {"contest": contest, "result": result}, request.pk)

    def correct(self, draw: Draw) -> None:
        stream = draw(st.sampled_from(sorted(self.parties)))
        event = draw(st.sampled_from(self.events(stream)))
        instead = draw(st.sampled_from([{"void": True}, {"void": True}, {"occurred": "2026-03-02"}, {"occurred": "2026-03"}, {}]))
        said = {"corrects": str(event.id), "reason": "a slip", "void": False, **instead}
        self.give(self.someone(draw(SIDE), event.says), f"{event.stream_kind}.correct", said, stream)

    def deliver(self, draw: Draw) -> None:
        from detainer.exchange import jobs

        waiting = rows("Delivery", stream__in=list(self.parties), delivered_at=None)
        if waiting:
            self.now += dt.timedelta(minutes=1)
            with as_role("detainer_worker"):
                jobs.deliver(draw(st.sampled_from(waiting)).pk, self.now)
            self.look()

    # --- what holds after every step ---

    @invariant()
    def the_read_tables_are_what_the_events_add_up_to(self) -> None:
        for stream in self.changed:
            self.compare(stream)

    def compare(self, stream: UUID) -> None:
        from detainer.exchange import projection

        events = self.events(stream)
        _, expected = projection.row_of(events[0].stream_kind, events)
        assert expected == self.row_of(stream, events[0].stream_kind)

    @invariant()
    def the_deadlines_are_those_of_the_requests_and_their_stays(self) -> None:
        from detainer.exchange import rebuild
        from detainer.exchange.session import acting

        for party in self.custodians if self.changed else ():
            with acting(party.id):
                own = set(table("Request").objects.filter(custodian=party.id).values_list("pk", flat=True))
                assert not own & set(rebuild.other_deadlines())

    @invariant()
    def every_chain_is_whole_up_to_its_head(self) -> None:
        for stream in self.changed:
            events = self.events(stream)
            assert broken(events) is None
            assert self.heads[stream] == events[-1].hash

    @invariant()
    def every_beginning_of_a_record_can_be_read(self) -> None:
        from detainer.exchange import projection

        for stream in self.changed:
            events = self.events(stream)
            for event in events:
                known = known_at(events, event.recorded_at)
                assert known == tuple(events[: len(known)])
                projection.row_of(event.stream_kind, known)

    @invariant()
    def each_agency_sees_the_streams_it_is_a_party_to_and_oversight_those_of_who_let_it(self) -> None:
        let = {self.custodians[1].id, self.requesters[0].id}
        for agency in self.agencies:
            sees = let if agency == self.inspector.id else {agency}
            expected = {stream for stream, parties in self.parties.items() if sees & set(parties)}
            assert self.seen_by(agency) == dict.fromkeys(self.tables(), expected)

    @staticmethod
    def tables() -> tuple[str, ...]:
        return ("stream", "event", "read")

    def seen_by(self, agency: UUID) -> dict[str, set[UUID]]:
        from detainer.exchange.session import acting

        with acting(agency), db.connection.cursor() as cursor:
            cursor.execute(
                "SELECT 'stream', id FROM stream UNION SELECT 'event', stream_id FROM event UNION SELECT 'read', stream_id FROM"
                " (SELECT stream_id FROM request UNION SELECT stream_id FROM stay UNION SELECT stream_id FROM file) AS tables"
            )
            found: dict[str, set[UUID]] = {name: set() for name in self.tables()}
            for name, stream in cursor.fetchall():
                found[name].add(stream)
        return found

    @invariant()
    def each_party_has_every_event_in_its_feed_once(self) -> None:
        for stream in self.changed:
            with as_role("detainer_worker"):
                entries = list(table("Feed").objects.filter(event__stream=stream).values_list("agency", "event"))
            events = [event.id for event in self.events(stream)]
            assert Counter(entries) == Counter((agency, event) for agency in self.parties[stream] for event in events)

    @invariant()
    def deliveries_are_there_for_the_events_that_concern_another_agency_and_for_no_others(self) -> None:
        for stream in self.changed:
            sent = Counter((one.event_id, one.to_agency_id) for one in rows("Delivery", stream=stream))
            assert sent == Counter(self.concerned(stream))

    def concerned(self, stream: UUID) -> list[tuple[UUID, UUID]]:
        from detainer.exchange.deliveries import CONCERNS

        events = self.events(stream)
        found: list[tuple[UUID, UUID]] = []
        for event in events if events[0].stream_kind == "request" else ():
            then = views.request(events[: event.version])
            sides = {"requester": {then.requester}, "custodian": {then.custodian}, "both": {then.requester, then.custodian}}
            found += [(event.id, agency) for agency in sides.get(CONCERNS.get(event.kind, ""), set()) - {event.by_agency}]
        return found

    def teardown(self) -> None:
        from detainer.exchange import projection

        for stream in self.parties:
            self.compare(stream)
        for (stream, version), (at, stored) in self.stored.items():
            events = known_at(self.events(stream), at)
            assert events[-1].version == version
            assert projection.row_of(events[0].stream_kind, events)[1] == stored


def test_whatever_is_commanded_in_whatever_order_the_record_holds(party: Any, inspector: Any) -> None:
    bounds = settings(
        max_examples=12,
        stateful_step_count=25,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(lambda: TheExchange(party, inspector), settings=bounds)


def test_the_operator_s_own_checks_find_nothing_and_a_rebuild_changes_nothing(party: Any, inspector: Any) -> None:
    from detainer.exchange import checkpoints, rebuild

    exchange = TheExchange(party, inspector)
    exchange.begin(0)
    with as_role("detainer_worker"):
        assert not [broken for broken in checkpoints.verify() if broken.stream in exchange.parties]
        assert not set(rebuild.differing()) & set(exchange.parties)
        rebuild.everything()
        assert not set(rebuild.differing()) & set(exchange.parties)
    exchange.teardown()
