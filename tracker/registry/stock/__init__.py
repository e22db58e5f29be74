"""Blank labels in counted sets."""
