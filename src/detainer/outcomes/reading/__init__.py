"""Released files become typed tables with provenance: `reader.read` is the step, the rest is what it is made of."""
