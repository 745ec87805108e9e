"""The law as data: what a custodian must, may or must not do about a request, with the rules and citations that say so."""

from detainer.law.answering import answer, value
from detainer.law.answers import Answer, GoverningRule, MissingFact
from detainer.law.errors import LawError, PlaceUnknown
from detainer.law.explaining import explain
from detainer.law.facts import Facts
from detainer.law.files import read_jurisdiction
from detainer.law.library import Library, library, library_in, with_layer
from detainer.law.reading import diff, show
from detainer.law.replaying import Past, replay
from detainer.law.surveying import coverage, places
from detainer.law.voided import Voided, voided
from detainer.law.words import ASKS

__all__ = [
    "ASKS",
    "Answer",
    "Facts",
    "GoverningRule",
    "LawError",
    "Library",
    "MissingFact",
    "Past",
    "PlaceUnknown",
    "Voided",
    "answer",
    "coverage",
    "diff",
    "explain",
    "library",
    "library_in",
    "places",
    "read_jurisdiction",
    "replay",
    "show",
    "value",
    "voided",
    "with_layer",
]
