"""Papers with pages of their own: the handoff slip and the downtime form."""
