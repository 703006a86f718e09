"""The demo engagement: real exports through the real pipeline, as a consultant would send them."""

import json
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from reviews.models import Deliverable, Engagement
from reviews.pipeline import engagements_due
from reviews.services.demo import PEOPLE, decide_demo, make_people, open_demo, report_demo
from reviews.tasks import read_upload, render_report
from telemetry.models import Upload
from telemetry.services import receive_path

SAMPLE = Path(settings.BASE_DIR) / "tests" / "samples" / "harbor-books"
WAIT_S = 150


class Command(BaseCommand):
    help = "Create the demo accounts and the fictional Harbor Books engagement. Needs a running worker."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--passwords-file", type=Path, required=True, help=f"JSON: {', '.join(PEOPLE)} → password")

    def handle(self, *args: Any, **options: Any) -> None:
        people = make_people(passwords=json.loads(options["passwords_file"].read_text()))
        engagement = open_demo(intake_text=(SAMPLE / "intake.toml").read_text(), people=people)
        self._read(engagement)
        decide_demo(engagement=engagement, user=people["ann"])
        deliverable = report_demo(engagement=engagement, user=people["ann"])
        render_report.delay(deliverable.pk)
        self._wait("the report", lambda: self._report_state(deliverable.pk))
        self.stdout.write("The demo engagement is ready.")

    def _read(self, engagement: Engagement) -> None:
        for path in sorted((SAMPLE / "exports").iterdir()):
            upload, new = receive_path(engagement_id=engagement.pk, path=path)
            if new:
                read_upload.delay(upload.pk)
        started = timezone.now()
        self._wait("the exports", lambda: self._read_state(engagement.pk, started))

    def _wait(self, what: str, state: Any) -> None:
        deadline = time.monotonic() + WAIT_S
        shown = ""
        while (now := state()) is not None:
            if now != shown:
                self.stdout.write(f"  {what}: {now}")
                shown = now
            if time.monotonic() > deadline:
                raise CommandError(f"Waited {WAIT_S} s for {what}, still {now}. Is the worker running? See its log.")
            time.sleep(0.3)

    @staticmethod
    def _read_state(engagement_id: int, started: Any) -> str | None:
        uploads = Upload.objects.filter(engagement_id=engagement_id)
        done = uploads.filter(finished_at__isnull=False).count()
        judged = engagement_id not in engagements_due()  # all of them: a first file may be judged before the last came
        return None if done == uploads.count() and judged else f"{done} of {uploads.count()} files read"

    @staticmethod
    def _report_state(deliverable_id: int) -> str | None:
        deliverable = Deliverable.objects.defer("pdf", "context").get(pk=deliverable_id)
        if deliverable.state == Deliverable.State.FAILED:
            raise CommandError(f"The demo report could not be rendered: {deliverable.error}")
        return None if deliverable.state == Deliverable.State.ISSUED else "being rendered"
