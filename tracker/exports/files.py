"""Files and folders that are whole or not there: written beside their name, then renamed."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from schema.errors import NO_ROOM, CartrailError, InputError, StoreError


def _not_written(path: Path, error: OSError, remedy: str) -> CartrailError:
    message = f"{path} cannot be written: {error.strerror or error}."
    if error.errno in NO_ROOM:
        return StoreError(message, remedy="Make room, or name a place on another disk.", code="no_room")
    return InputError(message, remedy=remedy, code="not_written")


@contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """A file that takes its name when the block ends well; raises InputError when it cannot be written.

    A full or read-only disk is a StoreError.
    """
    if path.is_dir():
        raise InputError(f"{path} is a folder.", remedy="Name a file in it.", code="not_written")
    if path.is_symlink() or (path.exists() and not path.is_file()):
        # Renaming would put a file in its place, also in that of a device.
        raise InputError(f"{path} is not a file.", remedy="Name a file of its own.", code="not_written")
    temporary: Path | None = None
    try:
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:40]}.", suffix=".part")
        temporary = Path(name)
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        remedy = "Name a file in a folder that exists and that you may write to."
        raise _not_written(path, error, remedy) from error
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


@contextmanager
def whole_folder(path: Path) -> Iterator[Path]:
    """A folder that takes its name when the block ends well; raises InputError where the name is taken."""
    if path.exists():
        raise InputError(f"{path} is there already.", remedy="Name a folder that is not.", code="not_written")
    try:
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=f".{path.name[:40]}.") as place:
            folder = Path(place) / path.name
            folder.mkdir()
            yield folder
            folder.rename(path)
    except OSError as error:
        remedy = "Name a folder in one that exists and that you may write to."
        raise _not_written(path, error, remedy) from error
