"""What the whole network rests on: its founding, keys and one-time codes, protocols, exports."""
