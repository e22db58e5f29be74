"""Lots of goods: received, released, restricted, rejected, used up."""
