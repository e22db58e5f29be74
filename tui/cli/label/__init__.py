"""`cartrail label`: labels, badges, cards, slips and forms on paper, and the state of each copy."""
