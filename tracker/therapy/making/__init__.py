"""Collection, manufacture, tests, release, thaw, infusion and the end of a unit."""
