#!/usr/bin/env python
"""Django's command line for Loadline."""

import os
import sys


def main() -> None:
    """Run one management command."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "reviews.settings")
    try:
        from django.core.management import execute_from_command_line
    except ImportError as missing:
        raise SystemExit(f"{missing}. Use .venv/bin/python manage.py, or ./run once to make the .venv.") from missing
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
