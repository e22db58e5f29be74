"""Corrections of recorded values."""
