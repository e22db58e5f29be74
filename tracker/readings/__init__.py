"""The files of data loggers: read without guessing, and held against what the cells bear."""
