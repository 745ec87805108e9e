"""What docs/performance.md reports of documents: PDFs a second, each about another person, beside a bare page of Typst."""

import argparse
import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import typst

from detainer import documents
from detainer.documents import faces

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "documents"))
from document_making import contents_of

BARE = '#set document(title: "t", date: none)\n#set text(font: "Noto Sans", fallback: false)\n'
KINDS = (("request_sheet", "en"), ("notice_to_person", "es"), ("print_packet", "en"))


def bare(number: int) -> bytes:
    """Return a tagged PDF of one line: what the typesetter takes for any page."""
    page: bytes = typst.compile(f"{BARE}Person {number}".encode(), font_paths=faces.loaded(), pdf_standards="ua-1")
    return page


def document(kind: str, language: str) -> Callable[[int], bytes]:
    """Return what makes a document about the person of a number."""
    return lambda number: documents.made(kind, contents_of(f"Synthetic Person {number}")[kind], language)


def measured(make: Callable[[int], bytes], count: int, runs: int = 3) -> dict[str, float]:
    """Return PDFs a second by the clock and by the processor (the best of `runs`), and the peak of the process in MB."""
    make(-1)  # loads the faces
    best_wall = best_processor = 0.0
    for run in range(runs):
        wall, processor = time.perf_counter(), time.process_time()
        for number in range(run * count, (run + 1) * count):
            make(number)
        best_wall = max(best_wall, count / (time.perf_counter() - wall))
        best_processor = max(best_processor, count / (time.process_time() - processor))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"per_second": round(best_wall, 1), "per_processor_second": round(best_processor, 1), "peak_mb": round(peak)}


def measure(count: int) -> list[dict[str, Any]]:
    """Return the figures of a bare page and of each document."""
    parts = [("bare page", bare)] + [(f"{kind}, {language}", document(kind, language)) for kind, language in KINDS]
    return [{"what": what, "count": count, **measured(make, count)} for what, make in parts]


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=200, help="documents of each kind in a run; three runs")
    parser.add_argument("--json", type=Path, help="where the figures go, too")
    told = parser.parse_args()
    figures = measure(told.count)
    for figure in figures:
        print("| {what} | {per_second} | {per_processor_second} | {peak_mb} |".format(**figure))
    if told.json:
        told.json.write_text(json.dumps(figures, indent=1), "utf-8")


if __name__ == "__main__":
    main()
