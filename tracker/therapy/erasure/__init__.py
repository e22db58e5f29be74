"""Erasing what identifies a patient."""
