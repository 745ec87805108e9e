"""The languages of the documents: each is a file of `languages/`, and holds every word that a document says."""

import functools
from pathlib import Path
from typing import Any, Final

from ruamel.yaml import YAML

FOLDER: Final = Path(__file__).parent / "languages"
LANGUAGES: Final[tuple[str, ...]] = tuple(sorted(path.stem for path in FOLDER.glob("*.yaml")))
"""The languages that there are, by their codes (BCP 47): `en`, `es`."""

Words = dict[str, Any]


@functools.cache
def words(language: str) -> Words:
    """Return the words of a language. Raises ValueError for one that has no file."""
    if language not in LANGUAGES:
        raise ValueError(f"there are no documents in [{language}]: choose one of {', '.join(LANGUAGES)}")
    found: Words = YAML(typ="safe").load((FOLDER / f"{language}.yaml").read_text("utf-8"))
    return found


def name(language: str) -> str:
    """Return what a language calls itself."""
    return str(words(language)["language"])


def title(kind: str, language: str) -> str:
    """Return what a kind of document is called in a language."""
    return str(words(language)["documents"][kind])
