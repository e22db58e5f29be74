"""Therapies that began before cartrail."""
