"""The values that the front door takes and gives, and the pure questions that can be asked of them."""

from __future__ import annotations
