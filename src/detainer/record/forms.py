"""What the form of a request can carry, and where a request contradicts the form that it came on."""

from collections.abc import Callable
from typing import Final

from detainer.record.kinds import Lodged
from detainer.record.said import NOTIFY_ONLY, Ask

_BEYOND_NOTICE: Final[tuple[Ask, ...]] = ("hold", "transfer")


def contradictions(lodged: Lodged) -> list[tuple[str, str]]:
    """Return where a request contradicts itself, as (field, message); an empty list when it does not.

    The asks come from the form, not from the word detainer (process.md section 6, F16). What is not said is unknown
    and contradicts nothing.
    """
    return [(field, message) for field, says in _CHECKS for message in says(lodged)]


def _asks_beyond_the_form(lodged: Lodged) -> list[str]:
    if lodged.form not in NOTIFY_ONLY:
        return []
    beyond = [ask for ask in lodged.asks if ask in _BEYOND_NOTICE]
    return [
        f"[{ask}] is not asked by the form {lodged.form}, which only asks for notice: drop it or name another form"
        for ask in beyond
    ]


def _both_parts(lodged: Lodged) -> list[str]:
    """I-247A: part 1 (probable cause) or part 2 (DHS transferred custody), never both: ICE's guidance (process.md section 3)."""
    if lodged.basis.probable_cause and lodged.basis.dhs_transferred_custody:
        return [
            "part 1 (probable cause) and part 2 (DHS transferred custody) are both filled: the form takes one of them, never both"
        ]
    return []


def _form_of_another_warrant(lodged: Lodged) -> list[str]:
    """An I-200 or an I-205 is signed by an immigration officer: it is neither no warrant nor a judge's."""
    basis = lodged.basis
    if basis.warrant_form is None or basis.warrant in (None, "administrative"):
        return []
    said = "no warrant" if basis.warrant == "none" else "a judge's warrant"
    return [f"[{basis.warrant_form}] is an administrative warrant, but the basis says {said}"]


def _details_of_no_warrant(lodged: Lodged) -> list[str]:
    basis = lodged.basis
    if basis.warrant == "none" and (basis.warrant_signed_by or basis.warrant_dated):
        return ["says that there is no warrant, and who signed it or when: say which"]
    return []


_CHECKS: Final[tuple[tuple[str, Callable[[Lodged], list[str]]], ...]] = (
    ("asks", _asks_beyond_the_form),
    ("basis.probable_cause", _both_parts),
    ("basis.warrant_form", _form_of_another_warrant),
    ("basis.warrant", _details_of_no_warrant),
)
