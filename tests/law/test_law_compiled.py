"""The library kept between runs: read when it is sound and ours, passed over and written anew when not."""

import stat
import subprocess
import sys
from pathlib import Path

import pytest
from law_of_ozland import rule, text

from detainer import law
from detainer.law import compiled
from detainer.law.compiled import digest
from detainer.law.library import library_from, library_of, package_texts

TEXTS = {"us.yaml": text("us"), "us/ma.yaml": text("us/ma", rule("ban", "forbid"))}


def kept(folder: Path) -> Path:
    parsed: compiled.Parsed = {}
    library_of(TEXTS, parsed)
    file = compiled.write(parsed, (folder,))
    assert file is not None
    return file


def test_what_was_parsed_is_read_again_and_gives_the_same_law(tmp_path: Path) -> None:
    kept(tmp_path)
    parsed = compiled.read((tmp_path,))
    assert set(parsed) == {digest(one) for one in TEXTS.values()}
    assert library_of(TEXTS, parsed).layers == library_of(TEXTS).layers


def test_only_a_text_that_changed_is_parsed_anew(tmp_path: Path) -> None:
    kept(tmp_path)
    parsed = compiled.read((tmp_path,))
    changed = {**TEXTS, "us/ma.yaml": text("us/ma", rule("other", "forbid"))}
    assert [one.id for one in library_of(changed, parsed).layers["us/ma"][0].rules] == ["other"]
    assert len(parsed) == 3


@pytest.mark.parametrize(
    "spoil",
    [
        lambda content: content[:-40],
        lambda content: content.replace(b"forbid", b"permit"),
        lambda content: content.replace(b"detainer law 1", b"detainer law 0"),
        lambda content: content[:0],
        lambda content: b"\x80\x04K\x01." + content,
    ],
    ids=["cut short", "a word changed", "another version", "empty", "a pickle"],
)
def test_a_file_that_is_damaged_or_of_another_version_is_passed_over(tmp_path: Path, spoil: object) -> None:
    file = kept(tmp_path)
    file.write_bytes(spoil(file.read_bytes()))  # type: ignore[operator]
    assert compiled.read((tmp_path,)) == {}


def test_a_file_that_others_can_write_is_passed_over(tmp_path: Path) -> None:
    file = kept(tmp_path)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    file.chmod(0o666)
    assert compiled.read((tmp_path,)) == {}


def test_what_the_models_refuse_is_read_from_the_text_itself() -> None:
    wrong = {digest(one): {"path": "us/xx", "rules": [1]} for one in TEXTS.values()}
    assert library_of(TEXTS, wrong).layers == library_of(TEXTS).layers


def test_where_no_folder_can_be_written_nothing_is_kept_and_nothing_fails(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    assert compiled.write({}, (tmp_path / "file" / "below",)) is None
    assert compiled.read((tmp_path / "file" / "below",)) == {}


def test_the_second_folder_is_used_when_the_first_cannot_be(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    folders = (tmp_path / "file" / "below", tmp_path / "cache")
    assert compiled.write({"a": 1}, folders) == tmp_path / "cache" / "law.json"
    assert compiled.read(folders) == {"a": 1}


def test_a_process_that_finds_the_library_compiled_never_loads_a_yaml_reader(tmp_path: Path) -> None:
    parsed = compiled.read()
    library_of(package_texts(), parsed)
    compiled.write(parsed, (tmp_path / "detainer",))
    code = "import sys; from detainer import law; law.library(); print(any(name.startswith('ruamel') for name in sys.modules))"
    environment = {"XDG_CACHE_HOME": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"}
    said = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True).stdout
    assert said == "False\n"


def test_a_library_is_made_again_from_its_texts_with_local_layers() -> None:
    adopted = "adopted_by: {agency: Sheriff, person: A. Person, on: 2024-01-01}\n"
    made = law.with_layer(law.library(), text("us/ma/essex_county", rule("policy", "forbid"), before=adopted), "policy.yaml")
    again = library_from(made.texts)
    assert again.hash == made.hash
    assert again.layers == made.layers
    assert library_from(law.library().texts).hash == law.library().hash
