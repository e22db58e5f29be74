"""Copies of labels: applied, superseded, voided, destroyed, counted."""
