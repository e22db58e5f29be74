"""Verification of a store: numbered steps from the stored bytes, never writing."""
