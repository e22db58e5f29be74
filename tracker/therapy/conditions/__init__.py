"""What data loggers recorded beside cells: read, held against what the cells bear, assessed by quality."""
