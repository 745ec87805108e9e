"""What is counted of the rows: the measures, how soon things followed, and what is wrong with the data."""
