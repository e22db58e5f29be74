"""After the infusion: how the patient bears the cells, and what was given for it."""
