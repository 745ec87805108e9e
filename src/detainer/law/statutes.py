"""Reading a statute, and the degree of an offence, in the ways that people write them."""

import re
from functools import lru_cache

# The code that a statute's letters mean, for the codes whose sections our lists name, as clerks and courts write them.
_CODES: dict[str, str] = {
    spelling: code
    for code, spellings in {
        "calpenalcode": "calpenalcode californiapenalcode capenalcode calpencode pencode penalcode calpc capc cpc pc",
        "calhealthsafetycode": "calhealthsafetycode californiahealthsafetycode cahealthsafetycode healthsafetycode"
        " calhealthandsafetycode californiahealthandsafetycode cahealthandsafetycode healthandsafetycode hs hsc cahs calhs",
        "calvehiclecode": "calvehiclecode californiavehiclecode cavehiclecode calvehcode vehcode vehiclecode calvc cavc cvc vc",
        "ncgs": "ncgs ncgenstat northcarolinageneralstatutes generalstatutes gs genstat nccgs",
        "njsa": "njsa njs njstat njstatann newjerseystatutesannotated newjerseystatutes",
        "nypenallaw": "nypenallaw newyorkpenallaw penallaw nypl pl penal",
        "usc": "usc usca unitedstatescode uscode",
    }.items()
    for spelling in spellings.split()
}
_SECTION = r"\d[\w.:-]*(?:\s?\(\w+\))*"
_SIGN = r"(?:§+|\bsec(?:tions?\b|\.|\b))?"
_USC = r"u\.?\s?s\.?\s?(?:c\.?(?:\s?a\.?)?|code)"
_UNITED_STATES = re.compile(rf"(?P<title>\d+)\s*(?P<code>{_USC})\s*{_SIGN}\s*(?P<section>{_SECTION})")
_BARE = re.compile(rf"(?P<code>){_SIGN}\s*(?P<section>{_SECTION})")
_CODE_FIRST = re.compile(rf"(?P<code>.*?[^\d\s].*?|)\s*,?\s*{_SIGN}\s*(?P<section>{_SECTION})")
_SECTION_FIRST = re.compile(rf"(?P<section>{_SECTION})\s*(?:of the\s)?(?P<code>[a-z][a-z. ]*)")

_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth")
_DEGREES: dict[str, str] = {
    spelling: word
    for number, word in enumerate(_ORDINALS, 1)
    for spelling in (word, str(number), f"{number}{('st', 'nd', 'rd', 'th', 'th', 'th')[number - 1]}", "i" * number)
}


@lru_cache(maxsize=4_096)
def statute_of(text: str) -> tuple[str, str]:
    """Return the code and the section: "Cal. Penal Code § 211", "PC 211" and "211 PC" are ("calpenalcode", "211").

    A section alone has no code: "§ 160.15" is ("", "160.15"). One of the United States Code keeps its title: "18 U.S.C. 1326" is
    ("18 usc", "1326"). What has no section is all code.
    """
    written = " ".join(text.casefold().split())
    for shape in (_UNITED_STATES, _BARE, _CODE_FIRST, _SECTION_FIRST):
        found = shape.fullmatch(written)
        if found:
            parts = found.groupdict()
            letters = re.sub(r"[^a-z]", "", parts["code"])
            code = _CODES.get(letters, letters)
            title = f"{parts['title']} " if "title" in parts else ""
            return f"{title}{code}", re.sub(r"\s", "", parts["section"])
    letters = re.sub(r"[^a-z]", "", written)
    return _CODES.get(letters, letters), ""


@lru_cache(maxsize=4_096)
def degree_of(text: str) -> str:
    """Return a degree or class of an offence in one form: "2nd degree" and "II" are "second", "Class a" is "a"."""
    word = re.sub(r"\b(degree|class|felony|misdemeanou?r|crime)\b|[^a-z0-9]", " ", text.casefold().replace("_", " ")).strip()
    return _DEGREES.get(word, word)
