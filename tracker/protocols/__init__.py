"""Therapies' workflows as data: their shape, their checks and the ones that ship with cartrail."""
