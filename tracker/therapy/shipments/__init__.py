"""Shipments from their booking on: what was promised, what is heard of it, and another box on the way."""
