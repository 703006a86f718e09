from celery import Celery

app = Celery("harbor")
app.config_from_object("django.conf:settings", namespace="CELERY")
