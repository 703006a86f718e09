"""Run one program and read what it prints."""

import os
import subprocess
from pathlib import Path


def run_in(folder: Path, *command: str, **settings: str) -> str:
    """Run `command` in `folder` with extra environment `settings`; return its output or raise CalledProcessError."""
    done = subprocess.run(command, cwd=folder, env=os.environ | settings, check=True, stdout=subprocess.PIPE, text=True)
    return done.stdout.strip()
