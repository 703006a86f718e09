"""The reviews app."""

from django.apps import AppConfig


class ReviewsConfig(AppConfig):
    name = "reviews"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Bind tasks to our queue in every process, and register the system checks."""
        from reviews import celery, checks  # noqa: F401
