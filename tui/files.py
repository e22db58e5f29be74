"""A file that somebody named, read from the disk: an ordinary one, and no more of it than is asked for."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import BinaryIO

from tui.language import tr


def opened_file(path: Path) -> BinaryIO:
    """An ordinary file, open for reading; raises OSError for any other.

    A pipe would be waited for without end and a device may have none, so neither is taken.
    """
    descriptor = os.open(path.expanduser(), os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    try:
        mode = os.fstat(descriptor).st_mode
        if stat.S_ISDIR(mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
        if not stat.S_ISREG(mode):
            raise OSError(errno.EINVAL, tr("it is a pipe or a device, no file on a disk"), str(path))
        return os.fdopen(descriptor, "rb")
    except BaseException:
        os.close(descriptor)
        raise


def start_of(path: Path, bytes_max: int) -> bytes:
    """All bytes of an ordinary file, or `bytes_max + 1` of one that has more; raises OSError.

    A file that grows while it is read is not followed.
    """
    with opened_file(path) as file:
        return file.read(bytes_max + 1)
