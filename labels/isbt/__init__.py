"""ISBT 128 data structures: what a scanner sends, taken apart, and what a label carries, put together."""
