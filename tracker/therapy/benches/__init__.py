"""One therapy at a bench, and clearing it."""
