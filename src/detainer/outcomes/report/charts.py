"""The charts of the report: rows of plain data in, one SVG out, drawn by Altair and vl-convert without a network.

Nothing is told by hue alone: every mark has its words and its number, and what is not known is hatched. Only presentation
attributes are written, so that a page under a strict content policy shows them.
"""

import html
import math
import re
from collections.abc import Sequence
from typing import Any, Final, Literal, NamedTuple

import altair as alt
import vl_convert

Tone = Literal["plain", "strong", "unknown"]
INK, SOFT, LINE = "#1b1b1b", "#565c65", "#dfe1e2"
PLAIN, STRONG = "#2e6a92", "#13293d"
FONT: Final = "Helvetica Neue, Helvetica, Arial, Liberation Sans, sans-serif"
WIDTH: Final = 756  # pixels: the column of the page
_HATCHED: Final = "url(#hatch)"
_FILLS: Final[dict[Tone, str]] = {"plain": PLAIN, "strong": STRONG, "unknown": _HATCHED}
_CONFIG: Final[dict[str, Any]] = {
    "view": {"stroke": None},
    "font": FONT,
    "axis": {
        "labelFontSize": 13,
        "titleFontSize": 13,
        "titleFontWeight": "normal",
        "labelColor": INK,
        "titleColor": SOFT,
        "gridColor": LINE,
        "domainColor": "#a9aeb1",
        "tickColor": "#a9aeb1",
    },
    "header": {"labelFontSize": 13, "labelFontWeight": "bold", "labelColor": INK},
    "text": {"fontSize": 13, "fill": INK},
}


class Bar(NamedTuple):
    """One bar: what it is of, how long, and the words at its end. A value that is withheld is None: it has words only."""

    label: str
    value: float | None
    says: str
    tone: Tone = "plain"


class Span(NamedTuple):
    """A share with the bounds that the cases whose part is not known leave open; each between 0 and 1."""

    label: str
    share: float
    low: float
    high: float
    says: str


class Point(NamedTuple):
    """A share of one series in one period (`2024` or `2024-01`); None is withheld."""

    series: str
    period: str
    share: float | None
    tone: Tone = "plain"


class Step(NamedTuple):
    """Where a curve stands from a day on, and its bounds; each between 0 and 1."""

    day: int
    share: float
    low: float
    high: float


def bars(name: str, title: str, rows: Sequence[Bar]) -> str:
    """Return horizontal bars from zero, in the order given, each with its words at its end."""
    longest = max((row.value or 0 for row in rows), default=0) or 1
    values = [{"label": row.label, "value": row.value or 0, "says": row.says, "tone": row.tone} for row in rows]
    axis = alt.Axis(title=None, ticks=False, domain=False, labelLimit=300, labelPadding=8)
    base = alt.Chart(_data(values)).encode(
        y=alt.Y("label:N", sort=None, axis=axis),
        x=alt.X("value:Q", axis=None, scale=alt.Scale(domain=[0, longest], nice=False, zero=True)),
    )
    drawn = base.mark_bar(height=20).encode(fill=_filled("tone"))
    words = base.mark_text(align="left", dx=7).encode(text="says:N")
    return _svg(name, title, alt.layer(drawn, words).properties(width=WIDTH - 400, height=30 * len(rows)))


def spans(name: str, title: str, rows: Sequence[Span]) -> str:
    """Return, for each row, a dot at its share on a bar from its low to its high bound, in the order given."""
    values = [row._asdict() for row in rows]
    end = min(1.0, math.ceil(max((row.high for row in rows), default=1) * 10) / 10)
    base = alt.Chart(_data(values)).encode(
        y=alt.Y("label:N", sort=None, axis=alt.Axis(title=None, ticks=False, domain=False, labelPadding=8))
    )
    percent = alt.Axis(format="%", title=None, orient="top", tickCount=5, domain=False, ticks=False)
    low = alt.X("low:Q", axis=percent, scale=alt.Scale(domain=[0, end], nice=False))
    reach = base.mark_bar(height=8, fill="#c6cace").encode(x=low, x2="high:Q")
    dots = base.mark_point(filled=True, size=70, fill=STRONG, opacity=1, stroke="#fff", strokeWidth=1).encode(x="share:Q")
    words = base.mark_text(align="left", fontSize=12).encode(x=alt.value(WIDTH - 252), text="says:N")
    return _svg(name, title, alt.layer(reach, dots, words).properties(width=WIDTH - 260, height=19 * len(rows)))


def over_time(name: str, title: str, points: Sequence[Point], columns: int = 3) -> str:
    """Return small charts on one scale, a panel a series in the order given: a column a period."""
    order = list(dict.fromkeys(point.series for point in points))
    periods = sorted({point.period for point in points})
    values = [point._asdict() for point in points if point.share is not None]
    told = [period for period in periods if period.endswith("-01") or "-" not in period] or periods[:1]
    step = -(-len(told) // 4)
    axis = alt.Axis(
        title=None,
        values=told[::step],
        labelAngle=0,
        labelExpr="slice(datum.value, 0, 4)",
        labelFontSize=11,
        labelColor=SOFT,
        ticks=False,
    )
    percent = alt.Axis(title=None, format="%", tickCount=3, domain=False, ticks=False, labelFontSize=11, labelColor=SOFT)
    panel = (
        alt.Chart(_data(values))
        .mark_bar(stroke=None)
        .encode(
            x=alt.X("period:N", scale=alt.Scale(domain=periods, paddingInner=0.15), axis=axis),
            y=alt.Y("share:Q", axis=percent),
            fill=_filled("tone"),
        )
        .properties(width=(WIDTH - 88) // columns, height=96)
    )
    header = alt.Header(title=None, labelAnchor="start", labelPadding=4)
    faceted = panel.facet(facet=alt.Facet("series:N", sort=order, header=header), columns=columns, spacing=22)
    return _svg(name, title, faceted.resolve_axis(x="independent"))


def lags(name: str, title: str, rows: Sequence[Bar], says: str) -> str:
    """Return columns side by side, with words that point at the one that is strong."""
    values = [row._asdict() | {"value": row.value or 0} for row in rows]
    highest = max((row.value or 0 for row in rows), default=0) or 1
    base = alt.Chart(_data(values)).encode(
        x=alt.X("label:N", sort=None, axis=alt.Axis(title="days", labelAngle=0, ticks=False, labelFontSize=12)),
        y=alt.Y("value:Q", axis=None, scale=alt.Scale(domain=[0, highest * 1.35], nice=False)),
    )
    drawn = base.mark_bar().encode(fill=_filled("tone"))
    words = base.mark_text(dy=-9, fontSize=12).encode(text="says:N")
    marked = base.transform_filter("datum.tone === 'strong'")
    # From the words at the top down to just above the column's own number.
    line = marked.mark_rule(stroke=STRONG, strokeWidth=1, yOffset=-20).encode(y2=alt.value(20))
    note = marked.mark_text(fontWeight="bold", baseline="top").encode(y=alt.value(2), text=alt.value(says))
    return _svg(name, title, alt.layer(drawn, words, line, note).properties(width=WIDTH - 6, height=210))


def curve(name: str, title: str, steps: Sequence[Step], days: str, marks: Sequence[tuple[int, str]] = ()) -> str:
    """Return one step curve of a share by day on the band of its bounds, with a line and words at the marked days."""
    end = max((step.day for step in steps), default=1) or 1
    top = max((step.high for step in steps), default=1) or 1
    axis = alt.Axis(title=None, format="%", tickCount=5, domain=False, ticks=False)
    base = alt.Chart(_data([step._asdict() for step in steps])).encode(
        x=alt.X(
            "day:Q",
            axis=alt.Axis(title=days, grid=False, values=list(range(0, end + 1, 30))),
            scale=alt.Scale(domain=[0, end], nice=False),
        )
    )
    scale = alt.Scale(domain=[0, top * 1.12], nice=False)
    band = base.mark_area(interpolate="step-after", fill="#dfe1e2").encode(y=alt.Y("low:Q", axis=axis, scale=scale), y2="high:Q")
    line = base.mark_line(interpolate="step-after", strokeWidth=2.5, stroke=STRONG).encode(y="share:Q")
    told = alt.Chart(_data([{"day": day, "says": says} for day, says in marks if day <= end])).encode(x="day:Q")
    rules = told.mark_rule(stroke=SOFT, strokeDash=[3, 3])
    words = told.mark_text(align="left", dx=5, baseline="top", fontSize=12).encode(y=alt.value(2), text="says:N")
    layers = (band, line, rules, words) if marks else (band, line)
    return _svg(name, title, alt.layer(*layers).properties(width=WIDTH - 48, height=250))


def _data(values: list[dict[str, Any]]) -> alt.InlineData:
    return alt.InlineData(values=values)


def _filled(field: str) -> alt.Fill:
    return alt.Fill(f"{field}:N", scale=alt.Scale(domain=list(_FILLS), range=list(_FILLS.values())), legend=None)


_OF_VEGA: Final = re.compile(r' (?:class|role|pointer-events|stroke-miterlimit|aria-[a-z]+|font-family)="[^"]*"| opacity="1"')
_EMPTY: Final = re.compile(r'<path[^>]*(?:display="none"|d="M0,0h0v0h0Z")[^>]*/>')
_LONG: Final = re.compile(r"(\d+\.\d\d)\d+")
_SIZE: Final = re.compile(r'<svg [^>]*width="([\d.]+)" height="([\d.]+)"[^>]*>')


def _svg(name: str, title: str, chart: alt.TopLevelMixin) -> str:
    """Return the drawing with a name of its own and the pattern that it is hatched with, without what Vega says of its parts."""
    specification = chart.to_dict(validate=False) | {"config": _CONFIG, "background": None, "padding": 2}
    drawn = _LONG.sub(r"\1", _EMPTY.sub("", _OF_VEGA.sub("", vl_convert.vegalite_to_svg(specification))))
    width, height = _SIZE.findall(drawn)[0]
    hatch = f"{name}-hatch"
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'font-family="{FONT}" role="img" aria-label="{html.escape(title)}">'
        f'<defs><pattern id="{hatch}" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
        f'<rect width="5" height="5" fill="#eceef0"/><rect width="1.8" height="5" fill="{SOFT}"/></pattern></defs>'
    )
    return _SIZE.sub(lambda _found: head, drawn, count=1).replace(_HATCHED, f"url(#{hatch})")
