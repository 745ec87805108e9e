"""The report of a build: figures from its published tables, put into words and charts on one page."""
