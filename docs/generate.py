"""Writes the parts of the docs that the code decides: life-cycle diagrams, event kinds, commands, answers, outcomes.

`python docs/generate.py` writes them, each between `<!-- generated: NAME -->` and `<!-- end -->`;
`--check` writes nothing, names the files that differ, and exits with 1 (tests/test_docs.py runs it).
"""

import datetime as dt
import os
import re
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final, get_args

HERE: Final = Path(__file__).resolve().parent
BLOCK: Final = re.compile(r"(<!-- generated: ([a-z_ ]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Return a Markdown table."""
    names = list(heads)
    lines = [names, ["---"] * len(names), *(list(row) for row in rows)]
    return "".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |\n" for line in lines)


def codes(words: Iterable[str]) -> str:
    """Return words as code, one after another."""
    return ", ".join(f"`{word}`" for word in words)


def first_line(text: str | None) -> str:
    """Return the first line of a docstring."""
    return ((text or "").strip().splitlines() or [""])[0]


def diagram(stream: str) -> str:
    """Return the life-cycle of a stream as a Mermaid diagram."""
    from detainer.record import lifecycle  # noqa: PLC0415

    return f"```mermaid\n{lifecycle.diagram(stream)}```\n"  # type: ignore[arg-type]


def kinds(stream: str) -> str:
    """Return the event kinds of a stream: the word of the pages, what it says, what it carries."""
    from detainer.record.kinds import KINDS, Noted  # noqa: PLC0415
    from detainer.web.words import EVENTS  # noqa: PLC0415

    def row(kind: str) -> tuple[str, ...]:
        model = KINDS[stream][kind]  # type: ignore[index]
        says = EVENTS[kind] if model is Noted else first_line(model.__doc__)
        carries = [name + ("" if field.is_required() else "?") for name, field in model.model_fields.items()]
        return f"`{kind}`", says.rstrip(".") + ".", codes(carries)

    return table(("kind", "what it says", "what it carries (`?`: may be left out)"), map(row, KINDS[stream]))  # type: ignore[index]


def commands() -> str:
    """Return the table of all commands: what each does, and who may give it."""
    from detainer.exchange.commands import COMMANDS  # noqa: PLC0415
    from detainer.record.kinds import Noted  # noqa: PLC0415

    nothing = first_line(Noted.__doc__)
    return table(
        ("command", "what it does", "whose it is to say", "roles"),
        (
            (
                f"`{command.stream}.{command.name}`",
                "Record that it happened." if command.says == nothing else command.says,
                command.side,
                codes(sorted(command.roles)),
            )
            for command in COMMANDS
        ),
    )


def problems() -> str:
    """Return the problem types with their HTTP status."""
    from detainer.exchange.refusals import TYPES  # noqa: PLC0415

    return table(("type", "status", "title"), ((f"`{kind}`", str(status), title) for kind, (status, title) in TYPES.items()))


def deliveries() -> str:
    """Return which events are delivered, to whom, and whose arrival is itself recorded."""
    from detainer.exchange.deliveries import CONCERNS, RECORDED  # noqa: PLC0415

    return table(
        ("event", "delivered to", "arrival recorded as an event"),
        ((f"`{kind}`", who, "yes" if kind in RECORDED else "no") for kind, who in CONCERNS.items()),
    )


FAILED: Final = {
    "unreachable": "no connection, no such name, or it broke off",
    "timeout": "no whole answer in time; 408",
    "server_error": "5xx; the mail server's own trouble",
    "busy": "425, 429; a `Retry-After`; a mailbox that is full",
    "certificate": "a certificate that is not valid for the name",
    "forbidden_address": "a name that leads to an address that may not be spoken to",
    "redirect": "3xx: it is not followed",
    "misdirected": "401, 403, 404, 405",
    "misconfigured": "the exchange cannot send: no mail server, a secret that it cannot read",
    "refused": "any other 4xx; the mail server refuses the message",
    "gone": "410: the channel is switched off",
    "recipient": "the mail server has no such recipient",
}


def retries() -> str:
    """Return how each kind of failure of a channel is met, in the order of the code."""
    from detainer.exchange.retrying import LONGEST, SCHEDULES  # noqa: PLC0415

    def again(first: dt.timedelta | None) -> str:
        return "never: a person must see to it" if first is None else f"after {said(first)}, doubled up to {said(LONGEST)}"

    return table(
        ("failure", "what came back", "tried again", "meanwhile waits"),
        (
            (f"`{kind}`", FAILED[kind], again(how.first), "all that goes there" if how.of_all else "the same request")
            for kind, how in SCHEDULES.items()
        ),
    )


def said(span: dt.timedelta) -> str:
    """Return a span in words: its largest unit."""
    seconds = int(span.total_seconds())
    unit, size = next((unit, size) for unit, size in (("h", 3600), ("min", 60), ("s", 1)) if seconds >= size)
    return f"{seconds // size} {unit}"


def clocks() -> str:
    """Return the kinds of clock: whose each is, when it warns, what it does from the hour on, when the second contact is told."""
    from detainer.clock.kinds import KINDS, ClockKind  # noqa: PLC0415

    def goes_on(kind: ClockKind) -> str:
        steps = ", ".join(step.replace("_", " ") for step in kind.ladder)
        after = f"then every {said(kind.every)}" if kind.every else "each, and then repeats, after the clock's own length"
        return f"{steps}; {after}" if kind.repeats else steps

    return table(
        ("clock", "whose", "warns before", "from the hour on", "second contact"),
        (
            (
                f"**{kind.name}**: {kind.label}",
                kind.whose,
                ", ".join(map(said, kind.warns)),
                goes_on(kind),
                ", ".join(step for step in (*kind.ladder, "repeat") if step in kind.second_contact).replace("_", " "),
            )
            for kind in KINDS.values()
        ),
    )


def words(shown: str) -> str:
    """Return a closed list of the record with the words that the pages use for it."""
    from detainer.record import ends, outcome, said  # noqa: PLC0415
    from detainer.web import words as pages  # noqa: PLC0415

    lists = {
        "asks": (said.ASKS, pages.ASKS),
        "answers": (get_args(said.AnswerValue), {key: value[0] for key, value in pages.ANSWERS.items()}),
        "outcomes": (ends.OUTCOMES, {key: value[0] for key, value in pages.OUTCOMES.items()}),
        "dispositions": (get_args(outcome.Disposition), {key: value[0] for key, value in pages.DISPOSITIONS.items()}),
    }
    values, shown_as = lists[shown]
    return table(("in code and API", "on the pages"), ((f"`{value}`", shown_as[value]) for value in values))


HOW: Final = {
    "yes_no": "`true` or `false`",
    "number": "a whole number",
    "date": "`2024-01-29`, `2024-01` or `2024`",
    "text": "text",
    "list": "a list of offences (below)",
}


def facts() -> str:
    """Return the closed list of facts: the question for each and what it may be."""
    from detainer.law.facts import CHOICES, KINDS, QUESTIONS  # noqa: PLC0415

    def values(name: str) -> str:
        listed = codes(CHOICES.get(name, ()))
        return {"choice": f"one of {listed}", "choices": f"a list of {listed}"}.get(KINDS[name]) or HOW[KINDS[name]]

    return table(("fact", "question", "value"), ((f"`{name}`", question, values(name)) for name, question in QUESTIONS.items()))


def offence() -> str:
    """Return what can be told of one offence."""
    from detainer.law.facts import Offence  # noqa: PLC0415

    def values(annotation: str) -> str:
        kinds = (("PartialDate", HOW["date"]), ("bool", HOW["yes_no"]), ("int", HOW["number"]))
        how = next((how for mark, how in kinds if mark in annotation), None)
        return how or codes(re.findall(r"'([a-z_]+)'", annotation)) or HOW["text"]

    fields = Offence.model_fields.items()
    return table(("key", "value"), ((f"`{field.alias or name}`", values(str(field.annotation))) for name, field in fields))


BLOCKS: Final[dict[str, Callable[[], str]]] = {
    **{f"life cycle of a {stream}": lambda stream=stream: diagram(stream) for stream in ("request", "stay", "file")},
    **{f"events of a {stream}": lambda stream=stream: kinds(stream) for stream in ("request", "stay", "file")},
    **{name: lambda name=name: words(name) for name in ("asks", "answers", "outcomes", "dispositions")},
    "commands": commands,
    "facts of the law": facts,
    "facts of an offence": offence,
    "problems": problems,
    "deliveries": deliveries,
    "retries": retries,
    "clocks": clocks,
}


def generated(text: str) -> str:
    """Return a page with its generated parts made anew. Raises KeyError for a part that nobody makes."""
    return BLOCK.sub(lambda found: f"{found[1]}{BLOCKS[found[2]]()}{found[3]}", text)


def main() -> int:
    """Write the pages, or check them; return the exit status."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "detainer.exchange.settings")
    os.environ.setdefault("DETAINER_SECRET_KEY", "nothing is signed here")
    import django  # noqa: PLC0415

    django.setup()  # the commands stand on the tables' models; no database is asked
    stale = []
    for page in sorted(HERE.rglob("*.md")):
        text = page.read_text("utf-8")
        fresh = generated(text)
        if fresh != text:
            stale.append(page.relative_to(HERE.parent))
            if "--check" not in sys.argv:
                page.write_text(fresh, "utf-8")
    for page in stale:
        sys.stdout.write(f"{page}\n")
    return 1 if stale and "--check" in sys.argv else 0


if __name__ == "__main__":
    sys.exit(main())
