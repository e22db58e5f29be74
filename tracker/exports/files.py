"""Files and folders that are whole or not there: written beside their name, then renamed."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from schema.errors import InputError


@contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """A file that takes its name when the block ends well; raises InputError when it cannot be written."""
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
        raise InputError(
            f"{path} cannot be written: {error.strerror or error}.",
            remedy="Name a file in a folder that exists, that you may write to and that has room.",
            code="not_written",
        ) from error
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
        raise InputError(
            f"{path} cannot be written: {error.strerror or error}.",
            remedy="Name a folder in one that exists, that you may write to and that has room.",
            code="not_written",
        ) from error
