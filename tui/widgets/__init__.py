"""The parts that every screen of the terminal has."""
