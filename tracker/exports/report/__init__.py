"""Trails as a report for people who read on paper."""
