"""A realistic network with invented people and patients, built through the front door like any other."""
