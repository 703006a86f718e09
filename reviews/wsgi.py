"""What the web server calls."""

import gc
import os
from importlib import import_module

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "reviews.settings")

application = get_wsgi_application()

# Views and what they need are read now: else the first request of each process waits 0.2 s for them. What was read
# lives to the end and is not searched for rubbish, which would take 0.1 s in the middle of an answer.
import_module("reviews.urls")
gc.collect()
gc.freeze()
