"""The shared language of cartrail: words, identifiers, events, canonical bytes, errors and tables."""
