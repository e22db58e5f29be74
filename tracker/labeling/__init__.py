"""Labels, cards and handoff slips from the store."""
