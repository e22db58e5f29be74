"""Enrollment, identification, units and the end of a therapy."""
