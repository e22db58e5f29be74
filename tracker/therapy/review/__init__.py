"""Reviews of a trail."""
