"""`cartrail label`: labels, badges, cards, slips and forms on paper, and what became of each copy."""
