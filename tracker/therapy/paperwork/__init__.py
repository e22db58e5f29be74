"""Downtime forms and scanned paper."""
