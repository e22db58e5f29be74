"""The store: entries, openings and read tables behind transactions, on SQLite or PostgreSQL."""
