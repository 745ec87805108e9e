"""The documents: tagged, in two languages, the same bytes from the same content, whatever the content says."""

import hashlib
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from document_making import A_NUMBER, NAMES, contents_of, inside, letters
from hypothesis import HealthCheck, given, settings, strategies

from detainer import documents
from detainer.documents import languages
from detainer.documents.contents import KINDS, Call, RequestSheet
from detainer.documents.making import TEMPLATES
from detainer.documents.moments import Moment, in_words

CONTENTS = contents_of()


@pytest.fixture(scope="module")
def made() -> dict[tuple[str, str], bytes]:
    """Every document in every language."""
    return {
        (kind, language): documents.made(kind, content, language)
        for kind, content in CONTENTS.items()
        for language in documents.LANGUAGES
    }


def test_every_document_is_tagged_titled_and_says_its_language(made: dict[tuple[str, str], bytes]) -> None:
    assert {kind for kind, _ in made} == set(KINDS)
    for (_, language), pdf in made.items():
        told = inside(pdf)
        assert b"/StructTreeRoot" in told
        assert b"/MarkInfo" in told
        assert b"<pdfuaid:part>1</pdfuaid:part>" in told
        assert f"/Lang({language})".encode() in told
        assert b"<dc:title>" in told
        assert len(pdf) < 200_000


def test_the_same_content_is_the_same_bytes_in_another_process(made: dict[tuple[str, str], bytes]) -> None:
    code = (
        "import hashlib; from detainer import documents; from document_making import contents_of\n"
        "for kind, content in contents_of().items():\n"
        "    print(kind, hashlib.sha256(documents.made(kind, content, 'es')).hexdigest())"
    )
    told = subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parent, capture_output=True, text=True, check=True)
    there = dict(map(str.split, told.stdout.splitlines()))
    assert there == {kind: hashlib.sha256(made[kind, "es"]).hexdigest() for kind in KINDS}
    assert documents.made("hold_log", CONTENTS["hold_log"], "es") == made["hold_log", "es"]


def test_a_document_knows_no_time_of_day(made: dict[tuple[str, str], bytes]) -> None:
    for pdf in made.values():
        assert not re.search(rb"/CreationDate|/ModDate|xmp:CreateDate|xmp:ModifyDate", inside(pdf))


def test_names_in_every_script_are_printed_by_a_face_that_has_them() -> None:
    name = " ".join(NAMES.values())
    pdf = documents.made("notice_to_person", contents_of(name)["notice_to_person"])
    told = inside(pdf)
    assert all(face.partition("-")[0].encode() in told for face in NAMES)
    # Arabic letters are joined: what is shown are forms of them, which the map takes back to the letters.
    assert set(name) - {" "} <= letters(pdf)


def test_a_character_that_no_face_has_is_printed_as_its_number() -> None:
    pdf = documents.made("notice_to_person", contents_of("김 😀")["notice_to_person"])
    assert set("[U+AE40]") <= letters(pdf)
    # A Hebrew accent on a Latin letter has no glyph: no error, and the page is tagged all the same.
    assert b"/StructTreeRoot" in inside(documents.made("notice_to_person", contents_of("a\u0591")["notice_to_person"]))


def test_a_cover_sheet_has_no_place_for_a_person() -> None:
    assert not {"person", "about", "numbers", "name"} & set(type(CONTENTS["cover_sheet"]).model_fields)
    assert A_NUMBER not in CONTENTS["cover_sheet"].model_dump_json()


def test_what_is_not_known_is_said_to_be_not_known() -> None:
    from detainer.documents import contents

    bare = {"head": contents.Head(reference="r", agency="a"), "about": contents_of("")["hold_log"].about}
    for content in (
        contents.ReleaseNotice(**bare),
        contents.NoticeToPerson(**bare, warrant=None, rows=(), calls=(Call(who="here"),)),
        contents.ProofOfService(**bare),
        contents.ConsentForm(**bare),
        contents.HoldLog(**bare),
        contents.HandOverRecord(**bare),
        contents.AnswerLetter(**bare, place="", law_day=None, rows=()),
    ):
        kind = next(kind for kind, of in KINDS.items() if of is type(content))
        assert documents.made(kind, content, "es").startswith(b"%PDF-")


def test_a_kind_a_content_or_a_language_that_there_is_not_is_refused() -> None:
    for kind, content, language in (
        ("letter", CONTENTS["hold_log"], "en"),
        ("hold_log", CONTENTS["cover_sheet"], "en"),
        ("hold_log", CONTENTS["hold_log"], "../en"),
    ):
        with pytest.raises(ValueError, match="choose one of"):
            documents.made(kind, content, language)


# --- what is typed goes in as data ----------------------------------------------------------------------------------------

MARKS = strategies.sampled_from("#[]$\\*_`@<>{}\"'/=-+~\n\u202e\u2069")
ODD = strategies.text(strategies.one_of(MARKS, strategies.characters(codec="utf-8")), max_size=60)


def _with(text: str) -> RequestSheet:
    sheet = CONTENTS["request_sheet"]
    person = sheet.about.person.model_copy(update={"name": text, "citizenship": text})
    of = sheet.about.model_copy(update={"person": person, "booking_number": text, "their_reference": text, "form": text})
    found: RequestSheet = sheet.model_copy(update={"about": of, "note": text, "asks": (text, "hold"), "office": text})
    return found


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(ODD)
def test_no_text_is_ever_read_as_markup_or_breaks_a_document(text: str) -> None:
    pdf = documents.made("request_sheet", _with(text))
    assert pdf.startswith(b"%PDF-")


def test_markup_is_printed_as_it_was_typed() -> None:
    typed = "#panic[x] $y$ *z* <w> @v `k` {name} \\"
    assert set(typed) - {" "} <= letters(documents.made("request_sheet", _with(typed)))


def test_a_long_name_and_a_long_note_take_further_pages() -> None:
    long = _with("n" * 200).model_copy(update={"note": "word " * 800})
    assert len(documents.pictures("request_sheet", long)) >= 3


# --- words ---------------------------------------------------------------------------------------------------------------


def _keys(words: Any, before: str = "") -> dict[str, set[str]]:
    """Return the path of every text with the names that it fills in."""
    found: dict[str, set[str]] = {}
    for name, value in words.items():
        path = f"{before}{name}"
        if isinstance(value, dict):
            found |= _keys(value, f"{path}.")
        else:
            assert isinstance(value, str), path
            assert value.strip(), path
            found[path] = set(re.findall(r"\{(\w+)\}", value))
    return found


def test_each_language_has_the_same_texts_which_fill_in_the_same() -> None:
    english = _keys(languages.words("en"))
    assert {"en", "es"} <= set(documents.LANGUAGES)
    for language in documents.LANGUAGES:
        assert _keys(languages.words(language)) == english


def test_no_template_holds_a_word_of_its_own() -> None:
    known = _keys(languages.words("en"))
    tables = {path.rpartition(".")[0] for path in known}
    for path in sorted(TEMPLATES.glob("*.typ")):
        code = re.sub(r"(?m)//.*$", "", path.read_text("utf-8"))
        for said in re.findall(r'"((?:[^"\\]|\\.)*)"', code):
            is_path = said in known or said in tables or said.rstrip("._") in tables | {"notice_to_person.warrant"}
            assert is_path or not re.search(r"[A-Za-z]{2}", said) or said in NOT_WORDS or said in _names(code), (path.name, said)
        blocks = re.findall(r"\[([^\[\]\"]*)\]", re.sub(r'"(?:[^"\\]|\\.)*"', '""', code))
        for block in blocks:
            assert not re.search(r"[A-Za-z]{2}", re.sub(r"#[\w.]+(\([^()]*\))?", "", block)), (path.name, block)


# What stands in quotes and is neither a path nor printed: type faces, styles, files, the regular expressions of `say`.
NOT_WORDS = {"bold", "us-letter", "Noto Sans", "Noto Naskh Arabic", "Noto Sans Hebrew", "Noto Sans S Chinese", "print_packet"} | {
    r"\\{[a-z]+\\}",
    r"\u{2068}",
    r"\u{2069}",
}


def _names(code: str) -> set[str]:
    """Return the last parts of paths that a template puts together, the codes that it compares, the files that it imports."""
    compared = set(re.findall(r'(?:==|!=) "(\w+)"', code)) | set(re.findall(r'"(\w+\.typ)"', code))
    joined = {name for group in re.findall(r'\(((?:"\w+", )+"\w+"),?\)', code) for name in re.findall(r'"(\w+)"', group)}
    return compared | joined | set(re.findall(r'\{ "(\w+)" \}', code)) | {"release"} | set(re.findall(r': "(\w+)"', code))


TIMES = [
    (Moment(at="2026-03-08T17:30", zone="EDT"), "17:30 EDT on 8 March 2026", "17:30 EDT del 8 de marzo de 2026"),
    (Moment(first="2024-01-29", last="2024-01-29"), "29 January 2024", "29 de enero de 2024"),
    (Moment(first="2022-07", last="2022-07"), "July 2022", "julio de 2022"),
    (Moment(first="2024-21", last="2024-21"), "spring 2024", "primavera de 2024"),
    (Moment(first="202X", last="202X"), "the 2020s", "la década de 2020"),
    (Moment(first="2024-01-29", last=None), "29 January 2024 or later", "29 de enero de 2024 o después"),
    (Moment(first=None, last="2024"), "some time up to 2024", "en algún momento hasta 2024"),
    (Moment(first="2024~", last="2024~"), "about 2024", "hacia 2024"),
    (Moment(first="2024-01?", last="2024-01?"), "January 2024 (uncertain)", "enero de 2024 (dudoso)"),
    (Moment(), "at a time that is not known", "en un momento que no se conoce"),
    (
        Moment(first="2024-01-29", last="2024-03-28"),
        "some time from 29 January 2024 to 28 March 2024",
        "en algún momento entre 29 de enero de 2024 y 28 de marzo de 2024",
    ),
]


@pytest.mark.parametrize(("moment", "english", "spanish"), TIMES)
def test_a_time_is_said_in_the_words_of_the_language(moment: Moment, english: str, spanish: str) -> None:
    assert in_words(moment, languages.words("en")["times"]) == english
    assert in_words(moment, languages.words("es")["times"]) == spanish


def test_every_code_of_the_record_has_its_words() -> None:
    from typing import get_args

    from detainer import clock
    from detainer.record import kinds, said
    from detainer.record.ends import OutcomeValue
    from detainer.record.outcome import Disposition

    codes = {
        "asks": said.ASKS,
        "answers": get_args(said.AnswerValue),
        "choices": get_args(said.Choice),
        "dispositions": get_args(Disposition),
        "outcomes": get_args(OutcomeValue),
        "warrants": get_args(said.Warrant),
        "probable_cause": get_args(said.ProbableCause),
        "clocks": tuple(clock.KINDS),
        "hold_ends": get_args(kinds.HoldEnded.model_fields["reason"].annotation),
        "steps": get_args(kinds.ClockFired.model_fields["step"].annotation),
        "notices": get_args(kinds.NoticeGiven.model_fields["of"].annotation),
    }
    words = languages.words("en")
    assert {table: set(known) - set(words[table]) for table, known in codes.items()} == {table: set() for table in codes}
    for how in (kinds.NoticeGiven.model_fields["how"], kinds.Served.model_fields["how"]):
        assert set(get_args(how.annotation)) <= set(words["ways"])
    assert set(words["documents"]) == set(KINDS)
