"""Where the checkout and the data of its tests lie."""

from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
PACKAGES: Final = ("schema", "labels", "tracker", "tui")
"""What is shipped, from the one that knows nothing of the others to the one that knows all."""

VECTORS: Final = ROOT / "tests" / "vectors"
SNAPSHOTS: Final = ROOT / "tests" / "snapshots"
