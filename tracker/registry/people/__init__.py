"""People, their roles and their badges."""
