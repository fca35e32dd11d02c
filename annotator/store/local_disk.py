"""Whether a folder lies on a network share, where SQLite's locks do not hold.

Linux by the mount table, Windows by the kind of drive; on other systems the answer is always no. 9p is not
refused, since containers have their root on it.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path, PurePosixPath

MOUNTS = Path("/proc/mounts")

_SHARES = re.compile(
    r"(nfs\d?|cifs|smb\d?|smbfs|afs|ncpfs|ceph|lustre|(fuse\.)?(sshfs|glusterfs|davfs2?|rclone|s3fs|gvfsd-fuse))"
)


def on_network_share(folder: Path, mounts: Path = MOUNTS) -> bool:
    """folder: an existing folder, links in it followed. mounts: the mount table of a Linux machine."""
    folder = folder.resolve()
    if sys.platform == "win32":
        import ctypes

        remote = 4  # DRIVE_REMOTE
        return (
            folder.drive.startswith("\\\\") or ctypes.windll.kernel32.GetDriveTypeW(folder.anchor) == remote
        )
    try:
        table = mounts.read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return False
    return _SHARES.fullmatch(_file_system(PurePosixPath(folder), table)) is not None


def _file_system(folder: PurePosixPath, table: str) -> str:
    """The file system type of the deepest mount that holds the folder; the later of two at one place."""
    best, found = -1, ""
    for line in table.splitlines():
        fields = line.split(" ")
        if len(fields) < 3:
            continue
        point = PurePosixPath(re.sub(r"\\([0-7]{3})", lambda octal: chr(int(octal[1], 8)), fields[1]))
        if folder.is_relative_to(point) and len(point.parts) >= best:
            best, found = len(point.parts), fields[2]
    return found
