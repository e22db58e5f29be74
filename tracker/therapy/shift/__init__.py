"""A change of hands at a terminal."""
