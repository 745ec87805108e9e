"""Makes docs/img/paper-*.png: a picture of each document, about a made-up person. `.venv/bin/python docs/papers.py`.

The same from run to run: a document is a pure function of what it shows.
"""

import sys
from pathlib import Path
from typing import Final

from detainer import documents

ROOT: Final = Path(__file__).parents[1]
IMG: Final = Path(__file__).parent / "img"
LANGUAGE: Final = {"notice_to_person": "es", "consent_form": "es"}  # those that matter most to who does not read English
NAMES: Final = "Nguyễn Thị Hồng Ánh · Jan-Batis Dézi Òbèl · محمد عبد الرحمن · יצחק בן דוד · 王小明"


def main() -> None:
    """Make the pictures anew: the first page of each document, and one whose person has a name in every script."""
    sys.path.insert(0, str(ROOT / "tests" / "documents"))
    from document_making import contents_of  # noqa: PLC0415  (the made-up contents of the tests)

    for kind, content in contents_of().items():
        pages = documents.pictures(kind, content, LANGUAGE.get(kind, "en"))
        picture(kind, pages[-1] if kind == "print_packet" else pages[0])
    picture("names", documents.pictures("request_sheet", contents_of(NAMES)["request_sheet"])[0])


def picture(name: str, page: bytes) -> None:
    """Write one picture."""
    (IMG / f"paper-{name.replace('_', '-')}.png").write_bytes(page)


if __name__ == "__main__":
    main()
