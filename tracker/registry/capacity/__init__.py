"""What can be booked at the sites, and the ways of carriers between them: requests, decisions, state."""
