"""Enrollment, identification of the patient, units and cassettes."""
