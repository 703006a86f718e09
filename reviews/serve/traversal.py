"""Letting one other user walk through folders that are closed to everybody, and nothing more.

PostgreSQL refuses to run as root. Started by root it runs as an ordinary user, who must reach its programs and its data
even when the checkout lies in root's own home (mode 700). Opening that home to the world would be too much; an access
control entry "this user may pass through" is enough.
"""

import errno
import os
import stat
import struct
import sys
from pathlib import Path

ACCESS = "system.posix_acl_access"
# linux/posix_acl_xattr.h: a version, then entries of (tag, permissions, id)
VERSION, USER_OBJ, USER, GROUP_OBJ, GROUP, MASK, OTHER, NO_ID = 2, 0x01, 0x02, 0x04, 0x08, 0x10, 0x20, 0xFFFFFFFF
EXECUTE = 1

Entry = tuple[int, int, int]


def let_pass(folder: Path, uid: int, gid: int) -> list[Path]:
    """Let user `uid` pass through `folder` and every folder above it; returns the folders that were changed."""
    changed = []
    for place in (folder, *folder.parents):
        if not _may_pass(place, uid, gid):
            _grant(place, uid)
            changed.append(place)
    return changed


def _entries(folder: Path) -> list[Entry]:
    try:
        packed = os.getxattr(folder, ACCESS)
    except OSError as none:
        if none.errno not in {errno.ENODATA, errno.ENOTSUP}:
            raise
        mode = folder.stat().st_mode
        return [(USER_OBJ, mode >> 6 & 7, NO_ID), (GROUP_OBJ, mode >> 3 & 7, NO_ID), (OTHER, mode & 7, NO_ID)]
    return list(struct.iter_unpack("<HHI", packed[4:]))


def _may_pass(folder: Path, uid: int, gid: int) -> bool:
    status = folder.stat()
    if status.st_uid == uid:
        return bool(status.st_mode & stat.S_IXUSR)
    if sys.platform != "linux":
        return bool(status.st_mode & (stat.S_IXGRP if status.st_gid == gid else stat.S_IXOTH))
    entries = _entries(folder)
    mask = next((perm for tag, perm, _ in entries if tag == MASK), 7)
    for tag, perm, owner in entries:
        if tag == USER and owner == uid:
            return bool(perm & mask & EXECUTE)
    group = [
        perm
        for tag, perm, owner in entries
        if (tag == GROUP and owner == gid) or (tag == GROUP_OBJ and status.st_gid == gid)
    ]
    if group:
        return any(perm & mask & EXECUTE for perm in group)
    return any(tag == OTHER and perm & EXECUTE for tag, perm, _ in entries)


def _grant(folder: Path, uid: int) -> None:
    """Add the entry (user, execute). The mask is what named users and groups may have at most."""
    refusal = f"User {uid} cannot enter {folder}. Run `chmod o+x {folder}`, or set LOADLINE_HOME to another place."
    if sys.platform != "linux":
        raise PermissionError(refusal)
    before = _entries(folder)
    mask = next((perm for tag, perm, _ in before if tag == MASK), None)
    if mask is None:
        mask = next(perm for tag, perm, _ in before if tag == GROUP_OBJ)
    kept = [entry for entry in before if entry[0] != MASK and not (entry[0] == USER and entry[2] == uid)]
    entries = sorted(
        [*kept, (USER, EXECUTE, uid), (MASK, mask | EXECUTE, NO_ID)], key=lambda entry: (entry[0], entry[2])
    )
    packed = struct.pack("<I", VERSION) + b"".join(struct.pack("<HHI", *entry) for entry in entries)
    try:
        os.setxattr(folder, ACCESS, packed)
    except OSError as refused:
        raise PermissionError(f"{refusal} ({refused.strerror})") from refused
