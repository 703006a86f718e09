"""The ordinary user that PostgreSQL runs as when Loadline is started by root."""

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass

NAME = "loadline"
FALLBACK = "nobody"


@dataclass(frozen=True)
class Account:
    """A system user, by its numbers."""

    name: str
    uid: int
    gid: int


def postgres_account() -> Account | None:
    """None when we are an ordinary user already; else the user to become, made on first use."""
    if os.geteuid() != 0:
        return None
    found = _find(NAME)
    if found is None and (useradd := shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin")):
        command = [useradd, "--system", "--no-create-home", "--home-dir", "/nonexistent", "--shell", "/bin/false", NAME]
        # 9: another start has made it in the meantime
        made = subprocess.run(command, check=False, capture_output=True, text=True)
        if made.returncode not in {0, 9}:
            raise PermissionError(f"The user {NAME} cannot be made: {made.stderr.strip()}")
        found = _find(NAME)
    account = found or _find(FALLBACK)
    if account is None:
        raise PermissionError(f"Started by root, PostgreSQL needs an ordinary user. Make one: useradd --system {NAME}")
    return account


def _find(name: str) -> Account | None:
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        return None
    return Account(name, entry.pw_uid, entry.pw_gid)
