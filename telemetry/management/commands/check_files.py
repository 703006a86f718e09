"""`manage.py check_files`: does the disk hold what the database says, and nothing else?"""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from telemetry.orphans import find_orphans, remove_orphans


class Command(BaseCommand):
    help = "Find files that no upload stands for and uploads whose file is gone. Exit 1 when there are any."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--delete", action="store_true", help="Delete the files that no upload stands for.")

    def handle(self, *args: Any, **options: Any) -> None:
        orphans = find_orphans()
        for path in orphans.leftover:
            self.stdout.write(f"no upload: {path} ({path.stat().st_size:,} bytes)")
        for upload in orphans.missing:
            self.stdout.write(f"no file: upload {upload.pk}, {upload.file_name}: send it again, or remove it")
        if options["delete"]:
            self.stdout.write(f"{remove_orphans()} files deleted")
        left = len(orphans.missing) + (0 if options["delete"] else len(orphans.leftover))
        if left:
            raise SystemExit(1)
        self.stdout.write("The disk holds what the database says.")
