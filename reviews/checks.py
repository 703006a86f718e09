"""What is wrong with an installation, said before it matters, with what to do about it."""

import os
import stat
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register

from reviews.serve.native import missing_libraries


@register(Tags.files)
def check_home(**_: Any) -> list[CheckMessage]:
    """The home can be written to, and its secrets are for the owner only."""
    home = Path(settings.LOADLINE_HOME)
    if not os.access(home, os.W_OK | os.X_OK):
        hint = "Give it to the user that runs Loadline, or set LOADLINE_HOME to a folder of that user."
        return [Error(f"{home} cannot be written to.", hint=hint, id="reviews.E001")]
    found = [path for path in sorted((home / "secrets").glob("*")) if stat.S_IMODE(path.stat().st_mode) & 0o077]
    return [Error(f"{path} can be read by other users.", hint=f"chmod 600 {path}", id="reviews.E002") for path in found]


@register(Tags.files)
def check_uploads_are_not_served(**_: Any) -> list[CheckMessage]:
    """The folder of uploads is outside every folder that a URL serves."""
    uploads, static = Path(settings.MEDIA_ROOT).resolve(), Path(settings.STATIC_ROOT).resolve()
    if not uploads.is_relative_to(static):
        return []
    hint = "Uploads are confidential and go through views; move STATIC_ROOT."
    return [Error(f"Uploads ({uploads}) lie inside the static files.", hint=hint, id="reviews.E003")]


@register("queue")
def check_queue(**_: Any) -> list[CheckMessage]:
    """A task that still runs is not delivered a second time."""
    visible = settings.CELERY_BROKER_TRANSPORT_OPTIONS["visibility_timeout"]
    if visible > settings.CELERY_TASK_TIME_LIMIT:
        return []
    text = f"The queue delivers a task again after {visible} s; a task may take {settings.CELERY_TASK_TIME_LIMIT} s."
    return [Error(text, hint="Lower LOADLINE_PARSE_SECONDS below 3400.", id="reviews.E004")]


@register("report")
def check_native_libraries(**_: Any) -> list[CheckMessage]:
    """The libraries that set the PDF's type are installed."""
    missing = missing_libraries()
    hint = "Run ./run once: it installs them or prints the command."
    return [Error(f"Missing for PDFs: {', '.join(missing)}.", hint=hint, id="reviews.E005")] if missing else []
