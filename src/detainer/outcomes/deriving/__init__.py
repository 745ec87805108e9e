"""One row per detainer: its place, the law there, what the same person id shows, its outcome, and the evidence for it."""
