"""Why a logger's file is refused as a whole: with the line and the value that cannot be taken."""

from __future__ import annotations

from schema.errors import InputError

EXPORT_AGAIN = (
    "Export the file from the logger's own program again, and do not edit it. Nothing was recorded."
)
_SHOWN = 40


class BadFile(InputError):
    """A logger's file of which not every reading is certain; a part of it is never taken."""

    default_code = "bad_logger_file"
    default_remedy = EXPORT_AGAIN

    def __init__(
        self, line: int, value: str, why: str, *, remedy: str | None = None, code: str | None = None
    ) -> None:
        super().__init__(f'Line {line}: "{_shown(value)}" {why}', remedy=remedy, code=code)
        self.line = line
        self.value = value


def _shown(value: str) -> str:
    """A value as it may be shown: one line, and not the whole of a free text."""
    clean = "".join(one if one.isprintable() else "?" for one in value.strip())
    return clean if len(clean) <= _SHOWN else f"{clean[: _SHOWN - 3]}..."
