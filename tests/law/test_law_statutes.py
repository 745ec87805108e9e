"""A statute and a degree are read in the ways that people write them."""

import pytest

from detainer.law.statutes import degree_of, statute_of


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Cal. Penal Code § 211", ("calpenalcode", "211")),
        ("California Penal Code section 211", ("calpenalcode", "211")),
        ("Pen. Code, § 211", ("calpenalcode", "211")),
        ("PC 211", ("calpenalcode", "211")),
        ("211 PC", ("calpenalcode", "211")),
        ("245(a)(1) PC", ("calpenalcode", "245(a)(1)")),
        ("Penal Code 245 (a) (1)", ("calpenalcode", "245(a)(1)")),
        ("VC 23153", ("calvehiclecode", "23153")),
        ("N.Y. Penal Law § 125.25", ("nypenallaw", "125.25")),
        ("PL 125.25", ("nypenallaw", "125.25")),
        ("N.J.S.A. 2C:11-3", ("njsa", "2c:11-3")),
        ("N.J.S. 2C:11-3", ("njsa", "2c:11-3")),
        ("G.S. 90-95(d)(4)", ("ncgs", "90-95(d)(4)")),
        ("N.C. Gen. Stat. § 90-95(d)(4)", ("ncgs", "90-95(d)(4)")),
        ("8 U.S.C. § 1326", ("8 usc", "1326")),
        ("8 USC 1326", ("8 usc", "1326")),
        ("18 U.S. Code § 1326", ("18 usc", "1326")),
        ("8 USC 1227(a)(2)(D)", ("8 usc", "1227(a)(2)(d)")),
        ("160.15", ("", "160.15")),
        ("§ 53a-59", ("", "53a-59")),
        ("2C:39-5b", ("", "2c:39-5b")),
        ("robbery", ("robbery", "")),
    ],
)
def test_a_statute_is_its_code_and_its_section_however_it_is_written(written: str, read: tuple[str, str]) -> None:
    assert statute_of(written) == read


def test_titles_of_the_united_states_code_are_told_apart() -> None:
    assert statute_of("8 USC 1326") != statute_of("18 USC 1326")


def test_codes_of_two_states_are_told_apart() -> None:
    assert statute_of("Tex. Penal Code 29.02") != statute_of("Cal. Penal Code 29.02")


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("second", "second"), ("2nd degree", "second"), ("2", "second"), ("II", "second"), ("Second-degree", "second"),
        ("Class A", "a"), ("class_b", "b"), ("A1", "a1"), ("Class H felony", "h"),
    ],
)  # fmt: skip
def test_a_degree_is_one_word_however_it_is_written(written: str, read: str) -> None:
    assert degree_of(written) == read
