"""What leaves the store for readers: trails as rows, as lines of JSON and as CSV, in files that are whole."""
