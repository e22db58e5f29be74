"""Therapies that began before cartrail: taken over from paper, their units found where they lie."""
