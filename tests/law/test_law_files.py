"""Files of law: each fault is refused with file, line and what would be right."""

from pathlib import Path

import pytest

from detainer import law
from detainer.law.files import read_jurisdiction, read_yaml
from detainer.law.library import library_of

GOOD = """\
path: us/ma
name: Massachusetts
kind: state
as_of: 2024-01
binds: all
summary: made up
rules:
  - id: ban
    asks: [hold]
    effect: forbid
    when: {warrant: {only: [administrative]}}
    spans: [{from: 2017-07-24}]
    cite: Lunn
    source: memory
    confidence: low
"""


def refused(text: str, *, whole: bool = False) -> str:
    with pytest.raises(law.LawError) as error:
        library_of({"us/ma.yaml": text}) if whole else read_jurisdiction(text, "us/ma.yaml")
    return str(error.value)


def test_the_good_file_is_good() -> None:
    assert read_jurisdiction(GOOD, "us/ma.yaml").rules[0].id == "ban"


def test_the_bare_word_on_stays_a_word() -> None:
    data, _ = read_yaml("on: yes\noff: no\n", "x.yaml")
    assert data == {"on": "yes", "off": "no"}


@pytest.mark.parametrize(
    ("right", "wrong", "message"),
    [
        ("    effect: forbid", "    efect: forbid", "us/ma.yaml:10: rules.efect [ban]: unknown key [efect]; nearest: effect"),
        ("effect: forbid", "effect: prohibit", "us/ma.yaml:10: rules.effect [ban]: [prohibit] is not one of 'require', 'permit'"),
        ("    cite: Lunn\n", "", "us/ma.yaml:8: rules.cite [ban]: key [cite] is missing"),
        ("    source: memory\n", "", "us/ma.yaml:8: rules.source [ban]: key [source] is missing"),
        ("name: Massachusetts\n", "name: Massachusetts\nname: Again\n", "us/ma.yaml:3: key [name] stands twice; keep one"),
        ("    asks: [hold]", "   asks: [hold]", "us/ma.yaml:9: not YAML"),
        ("asks: [hold]", "asks: [hodl]", "us/ma.yaml:9: rules.asks [ban]: [hodl] is not one of 'notify', 'hold'"),
        ("warrant: {only: [administrative]}", "warrant: [admin]", "[admin] is not a value of warrant; known: administrative"),
        ("{warrant: {only: [administrative]}}", "{warant: [I-200]}", "[warant] is not a condition; nearest: warrant"),
        ("from: 2017-07-24", "from: 2017-13", "us/ma.yaml:12: rules.spans.from [ban]: [2017-13] is not a day of the calendar"),
        ("from: 2017-07-24", "from: 2017-07-24, until: 2017-07-24", "span is empty: from 2017-07-24 until 2017-07-24"),
        (
            "[{from: 2017-07-24}]",
            "[{from: 2017}, {from: 2018}]",
            "spans overlap or are out of order: one ends never, the next begins 2018",
        ),
        ("confidence: low", "confidence: 0.5", "[0.5] is a decimal number"),
        (
            "    confidence: low\n",
            "    confidence: low\n    instead_of: [other]\n",
            "[ban] instead_of [other], which is no other rule of this file",
        ),
        ("effect: forbid", "effect: ask_counsel", "an ask_counsel rule says in `might` what the law could be"),
        ("summary: made up\n", "summary: made up\nruls: []\n", "us/ma.yaml:7: ruls: unknown key [ruls]; nearest: rules"),
    ],
)
def test_a_fault_is_named_with_file_and_line(right: str, wrong: str, message: str) -> None:
    assert right in GOOD
    assert message in refused(GOOD.replace(right, wrong))


def test_a_file_must_say_the_path_of_its_name() -> None:
    assert "us/ma.yaml:1: the file says path [us/md]; the file of that place is us/md.yaml" in refused(
        GOOD.replace("path: us/ma", "path: us/md"), whole=True
    )


def test_an_id_is_unique_in_the_whole_library() -> None:
    other = GOOD.replace("path: us/ma", "path: us/md").replace("Massachusetts", "Maryland")
    with pytest.raises(law.LawError, match=r"id \[ban\] of us/md already stands in us/ma"):
        library_of({"us/ma.yaml": GOOD, "us/md.yaml": other})


def test_a_local_layer_without_an_adopter_is_refused() -> None:
    with pytest.raises(law.LawError, match="a local layer says who put it in force"):
        law.with_layer(law.library(), GOOD, "policy.yaml")


def test_the_packages_own_files_are_read_and_hashed() -> None:
    library = law.library()
    assert set(library.layers) >= {"us", "us/ma", "us/ma/boston"}
    assert len(library.hash) == 64
    assert set(library.texts) == {
        str(path.relative_to(root))
        for root in [Path(law.__file__).parent]
        for path in [root / "us.yaml", *(root / "us").rglob("*.yaml")]
        if not path.name.endswith(".cases.yaml")
    }
