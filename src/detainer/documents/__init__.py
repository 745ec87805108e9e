"""Notices, letters and sheets: each a PDF made by a pure function of what the record says."""
