"""The queue's application. Tasks are found in `tasks.py` of each app."""

import os
from pathlib import Path
from typing import Any

from celery import Celery
from celery.signals import worker_ready

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "reviews.settings")

app = Celery("reviews")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_ready.connect
def note_ready(**_: Any) -> None:
    """Tell whoever started this worker that it takes tasks now."""
    if note := os.environ.get("LOADLINE_WORKER_READY"):
        Path(note).touch(mode=0o600)
