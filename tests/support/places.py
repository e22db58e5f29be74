"""Where the checkout and the data of its tests lie."""

from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
VECTORS: Final = ROOT / "tests" / "vectors"
SNAPSHOTS: Final = ROOT / "tests" / "snapshots"
