"""The report of a build: one page that needs no network and no script, with each figure, its tables, its method, its limits."""

import datetime as dt
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

from jinja2 import Environment, PackageLoader, StrictUndefined

from detainer.outcomes.counting.groups import Measure
from detainer.outcomes.counting.incidence import CURVES
from detainer.outcomes.counting.of_record import CURVES_OF, LAGS_OF, MEASURES_OF
from detainer.outcomes.counting.quality import CHECKS
from detainer.outcomes.counting.spans import Release
from detainer.outcomes.manifest import Manifest
from detainer.outcomes.publishing.ranking import FEWEST
from detainer.outcomes.report import findings, headlines, tracing
from detainer.outcomes.report.built import Built, Row, cases, number, percent
from detainer.outcomes.report.figures import any_of
from detainer.outcomes.report.findings import state
from detainer.record.published import LIFTED, RULES

NAME: Final = "report.html"
MOST_BURSTS: Final = 20  # days of bursts that are listed; quality.json has them all
# What may be missing or doubtful; an exchange's record has no lift reason, no copy, no criminality.
_CHECKS_OF: Final = {
    "published": tuple(CHECKS),
    "exchange": ("no_day", "no_facility", "no_state", "no_county", "unknown", "no_law"),
}
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
            traced=_traced(built, manifest),
            checks={check: tracing.check_query(check, manifest.releases) for check in _CHECKS_OF[manifest.source]},
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
    environment.filters |= {"number": number, "percent": percent, "words": _words, "day": _day, "traced": traced_name}
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


class _Traced(NamedTuple):
    """Where the rows of one file's figures are: its anchor, what it is, and for each part the statement that lists its rows."""

    name: str
    title: str
    file: str
    says: str
    queries: list[tuple[str, str]]


def _traced(built: Built, manifest: Manifest) -> list[_Traced]:
    """Return the statements of every figure: measures with their parts and what is not known, curves, quantiles, checks."""
    spans = manifest.releases
    return [
        *(_of_measure(built.whole(name), measure, spans) for name, measure in MEASURES_OF[manifest.source].items()),
        *(
            _Traced(
                f"incidence_{name}",
                curve.title,
                f"incidence_{name}",
                "Each row with its days; those at risk on a day are the first two kinds with as many days or more.",
                [(says, tracing.curve_query(name, kind, spans)) for kind, says in tracing.KINDS.items()],
            )
            for name, curve in ((name, CURVES[name]) for name in CURVES_OF[manifest.source])
            if built.rows(f"incidence_{name}")
        ),
        *(
            _Traced(
                f"quantiles_{lag}",
                f"{MEASURES_OF[manifest.source][lag].title}: the quantiles",
                f"quantiles_{lag}",
                "A quantile is the day of the first row by which that part of the rows is reached.",
                [("in the order of their days", tracing.quantile_query(lag))],
            )
            for lag in LAGS_OF[manifest.source]
            if built.rows(f"quantiles_{lag}")
        ),
    ]


def _of_measure(parts: dict[str, Row], measure: Measure, spans: Sequence[Release]) -> _Traced:
    beside = {"unknown": "not known", "open": "may be open still"}
    seen = [part for part, row in parts.items() if row["numerator"] != 0]
    seen += [name for name in beside if parts and any_of(parts)[name] != 0]
    titles = {**measure.parts, **beside}
    queries = [(titles[part], tracing.query(measure.name, part, spans)) for part in seen]
    return _Traced(measure.name, measure.title, measure.name, "", queries)


def traced_name(file: str) -> str:
    """Return under which name the figures of a file are traced: a measure by groups under the measure."""
    return file.split("_by_", maxsplit=1)[0]
