"""Makes a document: plain data and the words of a language go through a template to a tagged PDF, always the same bytes."""

import functools
import json
from pathlib import Path
from typing import Any, Final, Literal

import typst
from pydantic import BaseModel

from detainer.documents import faces, languages
from detainer.documents.contents import KINDS
from detainer.documents.moments import Moment, in_words

TEMPLATES: Final = Path(__file__).parent / "templates"
_ODD: Final = ("could not be displayed", "disallowed codepoint")  # what Typst says of such a text
UA: Final = "ua-1"  # PDF/UA-1 (ISO 14289): tagged, with a title and a language


def made(kind: str, content: BaseModel, language: str = "en") -> bytes:
    """Return a document as a PDF: the same content in the same language gives the same bytes, on every machine.

    What the content says goes in as data, never as markup. Raises ValueError for a kind or a language that there is not,
    or for a content of another kind.
    """
    inputs = _inputs(kind, content, language)
    try:
        return _compiled(inputs, UA)
    except typst.TypstError as error:
        if not any(reason in str(error) for reason in _ODD):
            raise
        # A mark that belongs to another script than the letter before it, or a sign that is not seen, has no glyph: the page
        # is tagged all the same, but not called accessible.
        return _compiled(inputs, None)


def pictures(kind: str, content: BaseModel, language: str = "en", *, dots_per_inch: int = 80) -> list[bytes]:
    """Return the pages of a document as pictures (PNG)."""
    found = typst.compile(
        _document(),
        root=str(TEMPLATES),
        font_paths=faces.loaded(),
        format="png",
        ppi=dots_per_inch,
        sys_inputs=_inputs(kind, content, language),
    )
    return found if isinstance(found, list) else [found]


def _compiled(inputs: dict[str, str], standard: Literal["ua-1"] | None) -> bytes:
    found: bytes = typst.compile(
        _document(), root=str(TEMPLATES), font_paths=faces.loaded(), sys_inputs=inputs, pdf_standards=standard
    )
    return found


def _document() -> str:
    return str(TEMPLATES / "document.typ")


def _inputs(kind: str, content: BaseModel, language: str) -> dict[str, str]:
    """Return what a template reads: the kind, the content with its moments in words, the words of the language."""
    of = KINDS.get(kind)
    if of is None or not isinstance(content, of):
        raise ValueError(f"[{kind}] is not made from [{type(content).__name__}]: choose one of {', '.join(KINDS)}")
    words = languages.words(language)
    shown = json.dumps(_shown(content, words["times"]), ensure_ascii=False)
    return {"kind": kind, "language": language, "content": shown, "words": _words_as_json(language)}


@functools.cache
def _words_as_json(language: str) -> str:
    return json.dumps(languages.words(language), ensure_ascii=False)


def _shown(value: Any, times: dict[str, str]) -> Any:
    """Return a value of a content as plain data, ready to be printed: moments in words, characters that the faces have."""
    match value:
        case Moment():
            return in_words(value, times)
        case BaseModel():
            return {name: _shown(getattr(value, name), times) for name in type(value).model_fields}
        case dict():
            return {name: _shown(item, times) for name, item in value.items()}
        case list() | tuple():
            return [_shown(item, times) for item in value]
        case str():
            return faces.printable(value)
        case _:
            return value
