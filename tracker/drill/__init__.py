"""The drill: every known attack on a copy of a store, and what catches it."""
