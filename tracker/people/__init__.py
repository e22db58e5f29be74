"""Passwords, keys and sessions of people, which only their owner can use, and the making of a store."""
