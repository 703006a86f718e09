"""The settings of the product, in a home of their own that lives as long as the test run."""

import atexit
import os
import shutil
import tempfile

# Chosen here because Django reads its settings before any fixture runs. The servers' addresses follow from the home.
os.environ["LOADLINE_ENV"] = "test"
os.environ["LOADLINE_HOME"] = tempfile.mkdtemp(prefix="loadline-test-")
for name in ("DATABASE_URL", "REDIS_URL"):
    os.environ.pop(name, None)
atexit.register(shutil.rmtree, os.environ["LOADLINE_HOME"], ignore_errors=True)

from reviews.settings import *  # noqa: E402, F403
