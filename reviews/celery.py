"""The queue's application. Tasks are found in `tasks.py` of each app."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "reviews.settings")

app = Celery("reviews")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
