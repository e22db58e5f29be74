"""What the patient is to be given."""
