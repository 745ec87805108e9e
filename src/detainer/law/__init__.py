"""The law as data: what a custodian must, may or must not do about a request, with the rules and citations that say so."""

from detainer.law.answering import answer
from detainer.law.answers import Answer, GoverningRule, MissingFact
from detainer.law.errors import LawError, PlaceUnknown
from detainer.law.explaining import explain
from detainer.law.facts import Facts
from detainer.law.library import Library, library, with_layer
from detainer.law.words import ASKS

__all__ = [
    "ASKS",
    "Answer",
    "Facts",
    "GoverningRule",
    "LawError",
    "Library",
    "MissingFact",
    "PlaceUnknown",
    "answer",
    "explain",
    "library",
    "with_layer",
]
