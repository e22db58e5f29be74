"""The terminal's words in the language of its people: gettext's catalogs, found by the environment.

A sentence stands in the code in English inside `tr(...)`, with names for its values.
`python -m tui.extraction` writes all of them into `locale/cartrail.pot`, the one place for translators. A
compiled catalog, such as `locale/de/LC_MESSAGES/cartrail.mo`, is taken up by `LANGUAGE`, `LC_ALL` or `LANG`
when the program starts.
"""

from __future__ import annotations

import gettext
import os
from functools import cache
from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).resolve().parent / "locale"
FOLDER_VARIABLE: Final = "CARTRAIL_LOCALE"
"""A folder for catalogs of one's own, so that the installed program stays as it was delivered."""


@cache
def _catalog() -> gettext.NullTranslations:
    return gettext.translation("cartrail", os.environ.get(FOLDER_VARIABLE) or FOLDER, fallback=True)


def tr(text: str, /, **values: object) -> str:
    """A sentence in the person's language, with its values put in; English where no catalog has it.

    A translation that names a value which the sentence does not have must not stop a terminal: then English
    is said.
    """
    said = _catalog().gettext(text) if text else text
    if not values:
        return said
    try:
        return said.format(**values)
    except (KeyError, IndexError, ValueError, AttributeError):
        return text.format(**values)


def named(word: str) -> str:
    """A code of the record as a word inside a sentence, such as `in_process` as "in process"."""
    return tr(word.replace("_", " "))
