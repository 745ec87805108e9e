"""Notices, letters and sheets: each a PDF made by a pure function of what the record says."""

from detainer.documents.contents import KINDS
from detainer.documents.languages import LANGUAGES
from detainer.documents.making import made, pictures

__all__ = ["KINDS", "LANGUAGES", "made", "pictures"]
