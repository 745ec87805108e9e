"""The page docs/law/coverage.md: which places have a file of law, what it covers, how sure it is, what is not known."""

from collections.abc import Iterable, Iterator

from detainer.law.gazetteer import STATES
from detainer.law.surveying import Coverage

_HEADS = ("place", "as of", "asks", "rules", "duties", "limits", "newest check", "checked", "from memory", "high / medium / low")


def _row(one: Coverage) -> tuple[str, ...]:
    sure = " / ".join(str(count) for count in one.confidence.values())
    counts = (one.rules, one.duties, one.time_limits)
    asks = ", ".join(one.asks) or "none"
    checks = (one.newest_check or "never", str(one.checked), str(one.from_memory))
    return (f"{one.name} (`{one.path}`)", one.as_of, asks, *map(str, counts), *checks, sure)


def _line(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _unknown(one: Coverage) -> Iterator[str]:
    if not (one.gaps or one.open_questions):
        return
    yield from ("", f"### {one.name}", "")
    yield from (f"- looked for, not found: {gap}" for gap in one.gaps)
    yield from (f"- open: {question}" for question in one.open_questions)


def _for_counsel(one: Coverage) -> Iterator[str]:
    for each in one.for_counsel:
        yield _line((f"`{each.rule}`", f"`{one.path}`", ", ".join(each.asks), " or ".join(each.might), each.why))


def _lines(rows: tuple[Coverage, ...]) -> Iterator[str]:
    have = {one.path for one in rows}
    without = [f"{name} (`us/{code}`)" for code, name in STATES.items() if f"us/{code}" not in have]
    yield from ("# What the law library covers", "")
    yield "<!-- Written by `detainer law coverage --write docs/law/coverage.md`; do not edit. -->"
    yield ""
    yield f"{len(rows)} files of law, {sum(one.rules for one in rows)} rules. This is research, not legal advice."
    yield "Counts of checks and of confidence are of rules, duties and limits of time together. *From memory* has no source"
    yield "that was read; *checked* was compared with its source on a day that the file names."
    yield from ("", _line(_HEADS), _line("---" for _ in _HEADS))
    yield from (_line(_row(one)) for one in rows)
    yield from ("", "## Without a file", "")
    yield f"{'; '.join(without)}." if without else "No state is without one."
    yield "A place without a file is answered by the law above it, and the answer says so."
    yield from ("", "## Ask counsel", "")
    yield "Rules that the vocabulary of facts cannot say faithfully, or whose law is not settled. Where one of them could decide,"
    yield "the answer is `ask_counsel` and names it; it is never guessed."
    yield from ("", _line(("rule", "place", "asks", "could be", "why")), _line("---" for _ in range(5)))
    for one in rows:
        yield from _for_counsel(one)
    yield from ("", "## What is not known")
    for one in rows:
        yield from _unknown(one)


def page(rows: tuple[Coverage, ...]) -> str:
    """Return the page in Markdown, with a last line that ends."""
    return "\n".join(_lines(rows)) + "\n"
