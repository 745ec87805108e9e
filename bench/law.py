"""How fast the law answers: beside other policy engines on one policy, on our deepest chain, loading, and replaying.

Run `python bench/law.py`; it prints Markdown. The other engines are measured when they are there and are no part of the
product: `python -m venv /tmp/engines && /tmp/engines/bin/pip install -e . cedarpy cel-python common-expression-language`, and
then `/tmp/engines/bin/python bench/law.py`. Times are of this process's processor, so that a busy machine tells little less.
"""

import argparse
import datetime as dt
import gc
import json
import platform
import random
import resource
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator
from importlib.metadata import version
from typing import Any

from detainer import law
from detainer.law.facts import CHOICES, Facts
from detainer.law.library import Library, library_of, package_texts

ON = dt.date(2024, 1, 29)
SINCE = "2019-01-29"  # five years before
Case = dict[str, Any]
# From a case to the value and the trace: for each of the five rules, whether it applies.
Engine = Callable[[Case], tuple[str, dict[str, bool]]]

RULES = ("ban", "recent-felony", "judge", "minor", "agreement")
HEAD = "path: {}\nname: bench\nkind: {}\nas_of: 2030\nbinds: all\nsummary: the five-rule policy of the bench\n"
TAIL = "    asks: [hold]\n    spans: [{from: 2010-01-01}]\n    cite: made up\n    source: made up\n    confidence: low\n"
POLICY = (
    HEAD.format("us", "nation")
    + """\
offences:
  violent:
    title: a violent crime
    offences: [robbery, assault, arson]
    complete: true
    source: made up
    confidence: low
rules:
  - id: ban
    effect: forbid
    when: [{facility: [jail, police]}, {warrant: {only: [administrative]}}]
"""
    + TAIL
    + """\
  - id: recent-felony
    effect: permit
    when: {conviction: {of: [violent], level: [felony], within_years: 5, cancelled_by: [reduced]}}
    instead_of: [ban]
"""
    + TAIL
    + """\
  - id: judge
    effect: permit
    when: {warrant: [judicial_criminal]}
    instead_of: [ban]
"""
    + TAIL
    + """\
  - id: minor
    effect: forbid
    when: {age: {under: 18}}
"""
    + TAIL
    + """\
  - id: agreement
    effect: require
    when: [agreement_287g, final_order]
"""
    + TAIL
)
CEL = {
    "ban": "facility in ['jail', 'police'] && warrant.all(w, w in ['administrative', 'I-200', 'I-205'])",
    "recent-felony": (
        "convictions.exists(c, c.offence in ['robbery', 'assault', 'arson'] && c.level == 'felony' && !c.reduced"
        f" && c.on >= '{SINCE}')"
    ),
    "judge": "'judicial_criminal' in warrant",
    "minor": "age < 18",
    "agreement": "agreement_287g && final_order",
}
# Cedar has no loop over a list of records: whether a conviction is recent enough has to be told to it.
CEDAR = """
@id("ban") forbid(principal, action, resource) when {
  ["jail", "police"].contains(context.facility) && ["administrative", "I-200", "I-205"].containsAll(context.warrant)};
@id("recent-felony") permit(principal, action, resource) when {context.recent_felony};
@id("judge") permit(principal, action, resource) when {context.warrant.contains("judicial_criminal")};
@id("minor") forbid(principal, action, resource) when {context.age < 18};
@id("agreement") permit(principal, action, resource) when {context.agreement_287g && context.final_order};
"""


def a_case(draw: random.Random) -> Case:
    """Return a case with every fact of the policy known."""
    return {
        "facility": draw.choice(CHOICES["facility"][:5]),
        "warrant": draw.choice([[], ["I-200"], ["I-205"], ["administrative"], ["judicial_criminal"]]),
        "age": draw.randint(14, 80),
        "agreement_287g": draw.random() < 0.3,
        "final_order": draw.random() < 0.3,
        "convictions": [
            {
                "offence": draw.choice(["robbery", "assault", "theft", "fraud", "arson"]),
                "class": draw.choice(["felony", "misdemeanor"]),
                "reduced": draw.random() < 0.2,
                "on": (ON - dt.timedelta(days=draw.randint(1, 7000))).isoformat(),
            }
            for _ in range(draw.randint(0, 4))
        ],
    }


def combined(applies: dict[str, bool]) -> str:
    """Return the value of the policy from its rules: what our layers do, written out for engines that do not."""
    banned = applies["minor"] or (applies["ban"] and not applies["recent-felony"] and not applies["judge"])
    if applies["agreement"]:
        return "conflict" if banned else "must"
    return "must_not" if banned else "may"


def ours(library: Library) -> Callable[[Case | Facts], tuple[str, dict[str, bool]]]:
    """Return our engine; the answer carries the whole trace."""

    def answer(case: Case | Facts) -> tuple[str, dict[str, bool]]:
        found = law.answer("us", "hold", ON, case, library)
        return found.value, {step.id: step.applied == "yes" for step in found.trace}

    return answer


def cel_rust() -> Engine:
    """Return `common-expression-language`, the five rules compiled once."""
    import cel  # noqa: PLC0415

    programs = {name: cel.compile(text) for name, text in CEL.items()}

    def answer(case: Case) -> tuple[str, dict[str, bool]]:
        context = {**case, "convictions": [{**one, "level": one["class"]} for one in case["convictions"]]}
        applies = {name: program.execute(context) for name, program in programs.items()}
        return combined(applies), applies

    return answer


def cel_python() -> Engine:
    """Return `cel-python`, the five rules compiled once."""
    import celpy  # noqa: PLC0415

    environment = celpy.Environment()
    programs = {name: environment.program(environment.compile(text)) for name, text in CEL.items()}

    def answer(case: Case) -> tuple[str, dict[str, bool]]:
        told = {**case, "convictions": [{**one, "level": one["class"]} for one in case["convictions"]]}
        context = {name: celpy.json_to_cel(value) for name, value in told.items()}
        applies = {name: bool(program.evaluate(context)) for name, program in programs.items()}
        return combined(applies), applies

    return answer


def cedar() -> Engine:
    """Return `cedarpy`, policies parsed once. It tells which rules decided, not what became of each."""
    import cedarpy  # noqa: PLC0415

    policies, entities = cedarpy.PolicySet.from_str(CEDAR), cedarpy.Entities.from_json_str("[]")

    def answer(case: Case) -> tuple[str, dict[str, bool]]:
        recent = any(
            one["offence"] in ("robbery", "assault", "arson")
            and one["class"] == "felony"
            and not one["reduced"]
            and one["on"] >= SINCE
            for one in case["convictions"]
        )
        context = {name: value for name, value in case.items() if name != "convictions"} | {"recent_felony": recent}
        request = {"principal": 'User::"a"', "action": 'Action::"hold"', "resource": 'Person::"b"', "context": context}
        result = cedarpy.is_authorized(request, policies, entities)
        return str(result.decision), dict.fromkeys(result.diagnostics.reasons, True)

    return answer


def rate(ask: Callable[[Any], object], cases: list[Any], sets: int = 5) -> float:
    """Return how many cases are answered a second, by the processor's time.

    The first half warms up; the other is cut into sets of cases that were not asked before, each asked once; the best set
    counts.
    """
    half = len(cases) // 2
    deque(map(ask, cases[:half]), maxlen=0)
    gc.collect()
    gc.freeze()  # the cases themselves are no work for the collector
    size = half // sets
    best = float("inf")
    for start in range(half, half + size * sets, size):
        few = cases[start : start + size]
        begun = time.process_time()
        deque(map(ask, few), maxlen=0)
        best = min(best, time.process_time() - begun)
    return size / best


def others() -> Iterator[tuple[str, str, Engine]]:
    """Yield each other engine that is there: its name and version, what it does not do of the job, and how to ask it."""
    table = (
        ("common-expression-language", "rules only; layers and the value in our Python", cel_rust),
        ("cel-python", "rules only; layers and the value in our Python", cel_python),
        ("cedarpy", "no look-back over a list (told), no `conflict`, no trace of rules that did not decide", cedar),
    )
    for package, lacks, make in table:
        try:
            yield f"{package} {version(package)}", lacks, make()
        except ImportError:
            continue


def beside_others(count: int) -> Iterator[str]:
    """Yield the table of the five-rule policy."""
    draw = random.Random(1)
    cases = [a_case(draw) for _ in range(count)]
    own = ours(library_of({"us.yaml": POLICY}))
    wanted = [own(case) for case in cases]
    models = [Facts.model_validate(case) for case in cases]
    yield "| engine | answers/s, one core, with trace | does |"
    yield "|---|---:|---|"
    for name, given in (("facts as `Facts`", models), ("facts as a dict", cases)):
        yield f"| Detainer, {name} | {rate(own, given):,.0f} | the whole job, and unknown facts |"
    for name, does, engine in others():
        few = cases if "python" not in name else cases[:1000]
        if not name.startswith("cedarpy"):
            assert [engine(case)[0] for case in few] == [value for value, _ in wanted[: len(few)]], name
        yield f"| {name} | {rate(engine, few):,.0f} | {does} |"


def deepest() -> str:
    """Return the place whose chain has the most rules."""
    layers = law.library().layers
    return max(layers, key=lambda path: sum(len(one.rules) for one in law.library().chain(path) if path.count("/") == 2))


def a_question(draw: random.Random) -> tuple[str, dt.date, Case]:
    """Return an ask, a day and facts as a jail has them at booking: some known, some not."""
    known = a_case(draw)
    known["facility"] = draw.choice(["jail", "jail", "jail", "police", "court", "state_prison"])
    known |= {
        "form": "I-247A",
        "requester_unit": draw.choice(["civil_enforcement", "civil_enforcement", "criminal_investigation"]),
        "purpose": draw.choice(["civil_immigration", "civil_immigration", "criminal"]),
        "on_request": True,
        "in_writing": True,
        "person_named": True,
        "probable_cause_stated": draw.random() < 0.8,
        "registered_sex_offender": draw.random() < 0.1,
        "citizenship": draw.choice(["noncitizen", "claims_us"]),
    }
    for fact in draw.sample(("agreement_287g", "final_order", "convictions", "citizenship", "age", "warrant"), 2):
        del known[fact]
    day = dt.date(draw.randint(2014, 2026), draw.randint(1, 12), draw.choice([1, 15]))
    return draw.choice(law.ASKS), day, known


def on_our_law(place: str, count: int) -> Iterator[str]:
    """Yield the table of the deepest chain."""
    draw = random.Random(2)
    asked = [a_question(draw) for _ in range(count)]
    models = [(ask, day, Facts.model_validate(facts)) for ask, day, facts in asked]
    rules = sum(len(one.rules) for one in law.library().chain(place))

    work: tuple[tuple[str, Callable[[Any], object], list[Any]], ...] = (
        (
            "answer: value and governing rules; trace made when looked at; facts as `Facts`",
            lambda one: law.answer(place, *one),
            models,
        ),
        ("the same, facts as a dict", lambda one: law.answer(place, *one), asked),
        ("answer, and its trace looked at; facts as `Facts`", lambda one: law.answer(place, *one).trace, models),
        ("the same, facts as a dict", lambda one: law.answer(place, *one).trace, asked),
        ("value only, facts as `Facts`", lambda one: law.value(place, *one), models),
        ("value only, facts as a dict", lambda one: law.value(place, *one), asked),
        (
            "whole answer as JSON, with the questions for missing facts",
            lambda one: law.answer(place, *one).model_dump_json(),
            models[:2000],
        ),
    )
    yield f"| {place}, {rules} rules; {count:,} different cases, five asks, 312 days from 2014 to 2026 | per second, one core |"
    yield "|---|---:|"
    for name, ask, given in work:
        yield f"| {name} | {rate(ask, given):,.0f} |"


COLD = """
import time; start = time.process_time()
from detainer import law
imported = time.process_time()
from detainer.law.library import library_of, package_texts
{}
loaded = time.process_time()
import datetime as dt
law.answer("us/ma/boston", "hold", dt.date(2024, 1, 29), {{"facility": "jail"}}).model_dump_json()
print(imported - start, loaded - imported, time.process_time() - loaded)
"""


def cold(load: str) -> tuple[float, float, float]:
    """Return the milliseconds that a new process takes to import the package, to load the library, and for its first answer."""
    runs = []
    for _ in range(5):
        said = subprocess.run([sys.executable, "-c", COLD.format(load)], capture_output=True, text=True, check=True)
        runs.append([1000 * float(part) for part in said.stdout.split()])
    return tuple(min(part) for part in zip(*runs, strict=True))  # type: ignore[return-value]


def loading() -> Iterator[str]:
    """Yield the table of loading times."""
    law.library()
    texts = package_texts()
    size = sum(map(len, texts.values())) / 1000
    yield f"| {len(texts)} files, {size:,.0f} KB | import of the package, ms | library, ms | first answer, ms |"
    yield "|---|---:|---:|---:|"
    for name, load in (("from the compiled cache", "law.library()"), ("from YAML", "library_of(package_texts())")):
        yield f"| {name} | {' | '.join(f'{part:,.0f}' for part in cold(load))} |"


def worked() -> float:
    """Return the processor seconds of this process and of those it waited for."""
    return sum(sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))


def replaying(place: str, count: int) -> Iterator[str]:
    """Yield the table of a replay under a changed law, on two cores, by the clock on the wall."""
    draw = random.Random(3)
    pool = [place, "us/ma", "us/ma/essex", "us/ma/boston"]
    policy = (
        HEAD.format("us/ma/essex_county", "county")
        + "adopted_by: {agency: Sheriff, person: A. Person, on: 2024-01-01}\nrules:\n  - id: proposed\n    effect: forbid\n"
        + TAIL.replace("[hold]", "[notify]")
    )
    after = law.with_layer(law.library(), policy, "proposed.yaml")

    def requests() -> Iterator[law.Past]:
        for _ in range(count):
            ask, day, facts = a_question(draw)
            yield law.Past(draw.choice(pool), ask, day, json.dumps(facts))

    past = list(requests())
    start, used = time.perf_counter(), worked()
    found = law.replay(past, law.library(), after, processes=2)
    took, used = time.perf_counter() - start, worked() - used
    changed = sum(number for one, number in found.items() if one.before != one.after)
    yield "| replay of different requests, facts as JSON, under two laws | seconds on two cores | of work in all | would change |"
    yield "|---|---:|---:|---:|"
    yield f"| {count:,} | {took:,.1f} | {used:,.1f} | {changed:,} |"


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=10_000, help="different cases for each rate (default 10000)")
    parser.add_argument("--requests", type=int, default=1_000_000, help="requests to replay (default 1000000)")
    parser.add_argument("--place", help="where to ask (default: the place with the most rules above it)")
    given = parser.parse_args()
    place = given.place or deepest()
    print(f"Python {platform.python_version()}, {platform.machine()}, law {law.library().hash[:12]}\n")
    tables = (
        beside_others(given.cases),
        on_our_law(place, given.cases),
        loading(),
        replaying(place, given.requests),
    )
    for table in tables:
        for line in table:
            print(line, flush=True)
        print()


if __name__ == "__main__":
    main()
