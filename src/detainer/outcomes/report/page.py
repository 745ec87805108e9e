"""The report of a build: one page that needs no network and no script, with each figure, its tables, its method, its limits."""

import datetime as dt
from functools import cache
from pathlib import Path
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined

from detainer.outcomes.counting.of_record import MEASURES_OF
from detainer.outcomes.manifest import Manifest
from detainer.outcomes.publishing.ranking import FEWEST
from detainer.outcomes.report import findings, headlines, tracing
from detainer.outcomes.report.built import Built, cases, number, percent
from detainer.outcomes.report.figures import any_of
from detainer.outcomes.report.findings import state
from detainer.record.published import LIFTED, RULES

NAME: Final = "report.html"
MOST_BURSTS: Final = 20  # days of bursts that are listed; quality.json has them all
EVIDENCE: Final = {
    "stated": "the lift reason says so, and nothing that followed bears it out or speaks against it",
    "linked": "no lift reason; what followed in the same release decides it",
    "both": "the lift reason says so, and what followed bears it out",
    "contradicted": "the lift reason says so, and what followed speaks against it; it counts as said",
    "none": "nothing says how it ended",
}


def write(folder: Path, manifest: Manifest) -> None:
    """Write `report.html` into the folder of a build, from its measures and its quality report."""
    (folder / NAME).write_text(page(Built(folder), manifest), encoding="utf-8")


def page(built: Built, manifest: Manifest) -> str:
    """Return the report as one HTML document."""
    measures = MEASURES_OF[manifest.source]
    return (
        _environment()
        .get_template("report.html")
        .render(
            manifest=manifest,
            days=built.days(),
            total=_total(built),
            facts=headlines.facts(built),
            sections=findings.sections(built, manifest.source),
            quality=built.quality(),
            bursts=MOST_BURSTS,
            measures=measures,
            lifted=LIFTED,
            rules=RULES,
            evidence=EVIDENCE,
            fewest=FEWEST,
            queries=_queries(built, manifest),
            files=list(built.files()),
        )
    )


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("detainer.outcomes.report", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"number": number, "percent": percent, "words": _words, "day": _day}
    environment.globals |= {"state": state}
    return environment


def _words(name: str) -> str:
    """Return a name of code as words: `handed_over`, handed over."""
    return name.replace("_", " ")


def _day(text: str | dt.date) -> str:
    """Return a day as people read it: `29 January 2024`; an unreadable one as it is."""
    try:
        day = dt.date.fromisoformat(str(text)[:10])
    except ValueError:
        return str(text)
    return f"{day.day} {day:%B %Y}"


def _total(built: Built) -> int:
    parts = built.whole("outcome_mix")
    return (cases(any_of(parts)) or 0) if parts else 0


def _queries(built: Built, manifest: Manifest) -> dict[str, list[tuple[str, str]]]:
    """Return, by measure, for each part that has rows: its title and the statement that lists them."""
    return {
        name: [
            (measure.parts[part], tracing.query(name, part, manifest.releases))
            for part, row in built.whole(name).items()
            if row["numerator"] != 0
        ]
        for name, measure in MEASURES_OF[manifest.source].items()
        if name in tracing.MEASURES
    }
