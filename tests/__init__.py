"""The tests; a package, so that no folder in it is ever taken for one of the packages under test."""
