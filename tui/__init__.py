"""What people touch in a terminal: the `cartrail` command and the Textual application."""

import os

# Textual reads this once, at its first import. Under the kitty keyboard protocol the separators inside a
# scanned code arrive as keys without a character and every Shift as a key of its own.
os.environ["TEXTUAL_DISABLE_KITTY_KEY"] = "1"
