"""The accounts of the demo: passwords made once, shown once, kept as hashes and in one private file."""

import json
import os
import secrets
from pathlib import Path

from reviews.environment import envbool
from reviews.serve.home import Home

PEOPLE = {"admin": "administrator", "ann": "consultant", "cleo": "client, portal only"}
WORDS = 16  # random bytes: 128 bits


def passwords_file(home: Home) -> Path:
    """Where the first passwords are, mode 600, until the operator removes the file."""
    return home.secrets / "first-logins.txt"


def make_passwords(home: Home) -> Path:
    """Write the file unless an interrupted first start has left it."""
    path = passwords_file(home)
    if not path.exists():
        passwords = {name: secrets.token_urlsafe(WORDS) for name in PEOPLE}
        fresh = path.with_suffix(".new")
        fresh.unlink(missing_ok=True)
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as stream:
            stream.write(json.dumps(passwords, indent=1) + "\n")
        fresh.replace(path)
    return path


def demo_is_due(home: Home, production: bool) -> bool:
    """The demo is made once, and never in production."""
    return envbool("LOADLINE_DEMO", True) and not production and not (home.run / "demo-is-made").exists()


def demo_is_made(home: Home) -> None:
    """Do not make it again."""
    (home.run / "demo-is-made").touch(mode=0o600)


def logins(path: Path) -> list[str]:
    """One line per account, for the operator's terminal."""
    passwords = json.loads(path.read_text())
    return [f"{name:<8} {passwords[name]}   {role}" for name, role in PEOPLE.items()]
