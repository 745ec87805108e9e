"""What became of detainers: the tables and the report of the build that the operator publishes, open to all.

What is shown are the build's published files as they are, small counts withheld; nothing is counted anew, so that no filter can
bring out what was withheld.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from detainer.exchange.refusals import Refused
from detainer.web.paging import cut

ROWS: Final = 50  # on a page
MEASURE, BY = "outcome_mix", "state"  # where nothing is chosen
FILTERS: Final = ("state", "place", "from", "to")
MANIFEST: Final = "build.json"
_STYLE: Final = re.compile(r"<style>(.*?)</style>", re.DOTALL)
_SITE: Final = "<!-- site -->"
_TABLE: Final = re.compile(r"[a-z0-9_]+\.csv")


@require_safe
def tables(request: HttpRequest) -> HttpResponse:
    """Show one table of the build: a measure by its groups, with the rows of a state, a place or a time."""
    folder = _folder()
    from detainer.web import outcome_tables as told  # noqa: PLC0415  (Ibis and DuckDB are loaded where outcomes are published)

    offered = told.offered(folder)
    if not offered:
        raise Refused("not-found", "the published build has no tables: build it again")
    measure = _chosen(request, "measure", offered, MEASURE)
    by = _chosen(request, "by", offered[measure], BY)
    groups = offered[measure][by]
    found = told.parts(folder, measure, groups, (folder / MANIFEST).stat().st_mtime_ns)
    filters = {name: request.GET.get(name, "").strip()[:60] for name in FILTERS}
    kept = told.kept(found, groups, filters)
    page = _page(request, len(kept))
    start = (page - 1) * ROWS
    shown = kept[start : start + ROWS]
    file = told.file_name(measure, groups)
    context = {
        "built": told.manifest(folder),
        "measure": told.measure(measure),
        "measures": [(name, told.measure(name).title) for name in offered],
        "by": by,
        "bys": [(name, told.by_words(names)) for name, names in offered[measure].items()],
        "filters": filters,
        "groups": groups,
        "columns": told.columns(measure, groups),
        "rows": [told.row(measure, groups, group, found[group]) for group in shown],
        "count": len(kept),
        "first": start + 1,
        "last": start + len(shown),
        "previous_url": _page_url(request, page - 1) if page > 1 else "",
        "next_url": _page_url(request, page + 1) if start + ROWS < len(kept) else "",
        "file_url": reverse("outcomes-table", args=[file]),
        "files": [
            (path.name, reverse("outcomes-table", args=[path.name])) for path in sorted((folder / "measures").glob("*.csv"))
        ],
    }
    return render(request, "outcomes/tables.html", context)


@require_safe
def report(_request: HttpRequest) -> HttpResponse:
    """Show the build's report as it is, with its style from an address of its own: the site allows none within a page."""
    site = f'<nav class="site" aria-label="Site"><a href="{reverse("outcomes")}">The tables of this report</a></nav>'
    linked = _STYLE.sub(f'<link rel="stylesheet" href="{reverse("outcomes-style")}">', _report(), count=1)
    return HttpResponse(linked.replace(_SITE, site, 1))


@require_safe
def style(_request: HttpRequest) -> HttpResponse:
    """Return the style of the build's report."""
    found = _STYLE.search(_report())
    return HttpResponse(found[1] if found else "", content_type="text/css; charset=utf-8")


@require_safe
def table(_request: HttpRequest, table: str) -> FileResponse:
    """Return one published table of the build as CSV. Raises Refused `not-found` for one that it does not have."""
    path = _folder() / "measures" / table
    if not _TABLE.fullmatch(table) or not path.is_file():
        raise Refused("not-found", f"the published build has no table [{table[:100]}]")
    return FileResponse(path.open("rb"), as_attachment=True, filename=table, content_type="text/csv; charset=utf-8")


def _folder() -> Path:
    """Return the folder of the published build. Raises Refused `not-found` when there is none, or it is not a finished one."""
    folder = Path(settings.OUTCOMES) if settings.OUTCOMES else None
    if folder is None or not (folder / MANIFEST).is_file():
        raise Refused("not-found", "no outcomes are published here: an operator does it with `detainer serve --outcomes DIR`")
    return folder


def _report() -> str:
    path = _folder() / "report.html"
    if not path.is_file():
        raise Refused("not-found", "the published build has no report: build it again")
    return path.read_text(encoding="utf-8")


def _chosen(request: HttpRequest, name: str, known: Mapping[str, Any], usual: str) -> str:
    given = request.GET.get(name, usual)
    return given if given in known else usual if usual in known else next(iter(known))


def _page(request: HttpRequest, count: int) -> int:
    given = request.GET.get("page", "1")
    number = int(given) if given.isascii() and given.isdigit() and len(given) < 7 else 1
    return min(max(number, 1), max(1, -(-count // ROWS)))


def _page_url(request: HttpRequest, page: int) -> str:
    return request.path + cut(request, "page", str(page))
