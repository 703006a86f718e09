"""Files on the disk that no row stands for, and rows whose file is gone: what a crash between the two leaves."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from telemetry.models import Upload

# A file is written before its row: an archive is unpacked for up to an hour before its members have rows.
GRACE = timedelta(hours=24)


@dataclass(frozen=True)
class Orphans:
    """`leftover`: files that belong to nobody, or to a row that says they are deleted. `missing`: rows without file."""

    leftover: list[Path]
    missing: list[Upload]


def find_orphans(grace: timedelta = GRACE) -> Orphans:
    """Compare the disk with the rows. Young files without a row are being received, and are left out."""
    root = Path(settings.MEDIA_ROOT)
    found = {path.relative_to(root).as_posix(): path for path in sorted(root.rglob("*")) if path.is_file()}
    rows = list(Upload.objects.only("file_name", "content", "raw_deleted_at", "engagement"))
    kept = {row.content.name for row in rows if row.raw_deleted_at is None}
    deleted = {row.content.name for row in rows if row.raw_deleted_at is not None}
    leftover = [
        path for name, path in found.items() if name not in kept and (name in deleted or _is_older(path, grace))
    ]
    incoming = Path(settings.FILE_UPLOAD_TEMP_DIR)
    leftover += [path for path in sorted(incoming.glob("*")) if path.is_file() and _is_older(path, grace)]
    return Orphans(leftover, [row for row in rows if row.raw_deleted_at is None and row.content.name not in found])


def _is_older(path: Path, grace: timedelta) -> bool:
    try:
        return timezone.now().timestamp() - path.stat().st_mtime > grace.total_seconds()
    except FileNotFoundError:  # removed meanwhile
        return False


def remove_orphans(grace: timedelta = GRACE) -> int:
    """Remove the leftover files and the folders they leave empty; how many files that were."""
    leftover = find_orphans(grace).leftover
    for path in leftover:
        path.unlink(missing_ok=True)
    for folder in {path.parent for path in leftover if path.parent.suffix == ".d"}:
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()
    return len(leftover)
