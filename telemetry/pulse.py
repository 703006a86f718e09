"""The sign of life of a reading: it renews its claim, shows how far it is, and learns that it was cancelled."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from telemetry.evidence import ParseError
from telemetry.models import Upload
from telemetry.pace import Pace

RENEW_S = 1.0
TOO_LONG = "Unpacking took longer than the time limit. Send the files one by one, or a shorter period."


class ClaimLost(Exception):
    """The reading was cancelled, or another one owns the file now: it stops and stores nothing."""


def claim_time() -> timedelta:
    """How long a file belongs to a reading that gives no sign of life."""
    return timedelta(seconds=settings.LOADLINE_CLAIM_SECONDS)


@contextmanager
def kept_alive(upload: Upload) -> Iterator[None]:
    """Renew the claim also while a reading computes in silence, such as over one large document.

    Ends with the process, and at the time limit at the latest: a claim that runs out means a reader that is gone.
    """
    over = threading.Event()
    beats = threading.Thread(target=_renew_until, args=(upload, over), daemon=True)
    beats.start()
    try:
        yield
    finally:
        over.set()
        beats.join()


def _renew_until(upload: Upload, over: threading.Event) -> None:
    limit = time.monotonic() + settings.LOADLINE_PARSE_SECONDS
    try:
        while not over.wait(claim_time().total_seconds() / 3) and time.monotonic() < limit:
            with transaction.atomic():
                # A row that is locked is being stored or cancelled: waiting for it could last for ever.
                owned = Upload.objects.filter(pk=upload.pk, claim=upload.claim)
                if owned.select_for_update(skip_locked=True).values_list("pk").first():
                    owned.update(claimed_until=timezone.now() + claim_time())
    finally:
        connection.close()


class Pulse:
    """What a reading calls as it goes on; once a second the row hears of it.

    Every method raises ClaimLost when the file was cancelled or belongs to another reading by now: that is how a
    reading is stopped, at its next block.
    """

    def __init__(self, upload: Upload, step: Upload.Step) -> None:
        self.deadline = time.monotonic() + settings.LOADLINE_PARSE_SECONDS
        self._upload = upload
        self._position, self._records, self._packed = 0, 0, False
        self._pace = Pace(time.monotonic())
        self.enter(step)

    def enter(self, step: Upload.Step) -> None:
        """What is being done from now on."""
        self._step = step
        self._beat()

    def taken(self, position: int) -> None:
        """The reading of a packed file or an archive is at this byte of it."""
        self._packed, self._position = True, max(position, self._position)
        self._beat_each_second()

    def read(self, bytes_read: int, records: int) -> None:
        """So many bytes of text were read, with so many records; the Progress of a Source."""
        self._records = records
        if not self._packed:
            self._position = bytes_read
        self._beat_each_second()

    def unpacked(self, files: int) -> None:
        """So many members of an archive are on the disk; ParseError when it takes too long."""
        self._records = files
        if time.monotonic() > self.deadline:
            raise ParseError(TOO_LONG)

    def _beat_each_second(self) -> None:
        if time.monotonic() - self._last >= RENEW_S:
            self._beat()

    def _beat(self) -> None:
        self._last = time.monotonic()
        alive = Upload.objects.filter(pk=self._upload.pk, claim=self._upload.claim).update(
            step=self._step,
            bytes_read=self._position,
            bytes_per_second=self._pace.mark(self._last, self._position),
            records_read=self._records,
            claimed_until=timezone.now() + claim_time(),
        )
        if not alive:
            raise ClaimLost
