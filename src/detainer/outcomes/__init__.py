"""What became of every detainer: readers of published data, linkage, outcomes, measures, charts."""
