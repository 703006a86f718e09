"""The steps between "the servers run" and "the site may open": check, migrate, collect static files."""

import hashlib
import io
import os
import sys
from pathlib import Path

import django
from django.apps import apps
from django.conf import settings
from django.core.management import call_command

from reviews.serve.home import CHECKOUT
from reviews.serve.redis import eviction_policy


def main() -> int:
    """0 when the site may open. Prints what was done, for the operator."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "reviews.settings")
    django.setup()
    call_command("migrate", interactive=False, verbosity=1, skip_checks=False)
    collect_static()
    policy = eviction_policy(settings.REDIS_URL)
    if policy not in {"", "noeviction"}:
        print(f"Redis drops keys when it is full ({policy}); it holds the queue. Set maxmemory-policy noeviction.")
    return 0


def collect_static() -> None:
    """Collect when a source changed. Names, sizes and times tell; reading 1,000 files on every start would be slow."""
    stamp = Path(settings.STATIC_ROOT) / ".collected"
    digest = static_digest()
    if stamp.exists() and stamp.read_text() == digest:
        return
    said = io.StringIO()
    call_command("collectstatic", interactive=False, clear=True, stdout=said)
    stamp.write_text(digest)
    print(said.getvalue().strip())


def static_digest() -> str:
    """Changes when a static file of ours changes, or the installed packages, or the way of storing."""
    digest = hashlib.sha256(repr((settings.STORAGES["staticfiles"], sorted(apps.app_configs))).encode())
    digest.update((CHECKOUT / "requirements.txt").read_bytes())
    for path in sorted((CHECKOUT / "static").rglob("*")):
        status = path.stat()
        digest.update(f"{path}|{status.st_size}|{status.st_mtime_ns}\n".encode())
    return digest.hexdigest()


if __name__ == "__main__":
    sys.exit(main())
