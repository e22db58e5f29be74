"""Passwords, keys and sessions of people, and the key of the log: what only its owner can use."""
