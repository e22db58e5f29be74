"""The checks that the engine makes at every step, whatever its subject."""
