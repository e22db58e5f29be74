"""Sites, departments, locations and stations."""
