"""The bounds that a JSON Schema sets, so that they can be compared with what was written out."""

from collections.abc import Iterator
from typing import Any, Final

BOUNDS: Final = ("minLength", "maxLength", "minItems", "maxItems", "minimum", "maximum", "pattern")


def bounds(shape: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every bound in a JSON Schema, under the path at which it stands."""
    if isinstance(shape, dict):
        for name, value in shape.items():
            if name in BOUNDS and not isinstance(value, dict):
                yield f"{path}/{name}", value
            else:
                yield from bounds(value, f"{path}/{name}")
    elif isinstance(shape, list):
        for number, value in enumerate(shape):
            yield from bounds(value, f"{path}/{number}")
