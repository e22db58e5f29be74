"""People, grants, badges, one-time codes, keys and lock-outs."""
