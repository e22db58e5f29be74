"""What the registry keeps of each export."""
