"""The `cartrail` command: each module reads options, asks the Tracker and prints; no rule lives here."""
