"""Bundles: one file with the entries, their proofs, and the program that checks both."""
