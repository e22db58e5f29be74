"""`cartrail record`: requests as JSON lines, taken in and answered in batches."""
