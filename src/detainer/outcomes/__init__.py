"""What became of every detainer: readers of published data, linkage, outcomes, measures, charts.

Each step returns an Ibis table that can be used on its own (docs/outcomes.md):

    from pathlib import Path
    from detainer import outcomes

    with outcomes.session() as at_work:
        outcomes.read([Path("detainers.parquet")], Path("work"))
        detainers = at_work.read_parquet(Path("work/tables/detainers.parquet"))
        table = outcomes.outcomes_of(detainers)
        outcomes.measure("outcome_mix", table, ["state"]).to_pandas()
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from detainer.outcomes.building import build, build_record, outcomes_of
    from detainer.outcomes.comparing import Comparison, compare
    from detainer.outcomes.counting.bursts import bursts as burst_days
    from detainer.outcomes.counting.following import quantiles
    from detainer.outcomes.counting.incidence import CURVES
    from detainer.outcomes.counting.incidence import incidence as curve
    from detainer.outcomes.counting.measures import MEASURES, law_beside, measure
    from detainer.outcomes.counting.quality import quality as quality_report
    from detainer.outcomes.counting.spans import Release, spans_of
    from detainer.outcomes.deriving.facilities import suggested, with_places
    from detainer.outcomes.deriving.from_record import outcomes_of_record
    from detainer.outcomes.deriving.lawful import with_law
    from detainer.outcomes.deriving.linking import with_links
    from detainer.outcomes.deriving.outcome import with_outcome
    from detainer.outcomes.engine import Session, session
    from detainer.outcomes.errors import OutcomesError
    from detainer.outcomes.manifest import Manifest, Options
    from detainer.outcomes.manifest import read as read_manifest
    from detainer.outcomes.publishing.suppressing import suppressed
    from detainer.outcomes.reading.reader import Reading, read
    from detainer.outcomes.summarising import county, facility, opened, summary
    from detainer.record.published import Windows

__all__ = [
    "CURVES",
    "MEASURES",
    "Comparison",
    "Manifest",
    "Options",
    "OutcomesError",
    "Reading",
    "Release",
    "Session",
    "Windows",
    "build",
    "build_record",
    "burst_days",
    "compare",
    "county",
    "curve",
    "facility",
    "law_beside",
    "measure",
    "opened",
    "outcomes_of",
    "outcomes_of_record",
    "quality_report",
    "quantiles",
    "read",
    "read_manifest",
    "session",
    "spans_of",
    "suggested",
    "summary",
    "suppressed",
    "with_law",
    "with_links",
    "with_outcome",
    "with_places",
]

# Where each name is; a module is imported when one of its names is first asked for, so that none waits for what it does not use.
_IN = {
    "building": ("build", "build_record", "outcomes_of"),
    "comparing": ("Comparison", "compare"),
    "counting.following": ("quantiles",),
    "counting.incidence": ("CURVES",),
    "counting.measures": ("MEASURES", "law_beside", "measure"),
    "counting.spans": ("Release", "spans_of"),
    "deriving.facilities": ("suggested", "with_places"),
    "deriving.from_record": ("outcomes_of_record",),
    "deriving.lawful": ("with_law",),
    "deriving.linking": ("with_links",),
    "deriving.outcome": ("with_outcome",),
    "engine": ("Session", "session"),
    "errors": ("OutcomesError",),
    "manifest": ("Manifest", "Options"),
    "publishing.suppressing": ("suppressed",),
    "reading.reader": ("Reading", "read"),
    "summarising": ("county", "facility", "opened", "summary"),
}
_PLACES = {name: (f"{__name__}.{module}", name) for module, names in _IN.items() for name in names} | {
    # A function may not be called as its module is: the module would take its place here.
    "burst_days": (f"{__name__}.counting.bursts", "bursts"),
    "curve": (f"{__name__}.counting.incidence", "incidence"),
    "quality_report": (f"{__name__}.counting.quality", "quality"),
    "read_manifest": (f"{__name__}.manifest", "read"),
    "Windows": ("detainer.record.published", "Windows"),
}


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, found = _PLACES[name]
    return getattr(import_module(module), found)
