"""Keeping each judging, and what a consultant confirms of it."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from reviews import VERSION
from reviews.models import AnalysisRun, Engagement, Finding, FindingChange
from reviews.risk.difference import clear_now
from reviews.risk.snapshot import snapshot, state_of
from telemetry.joining import Part
from telemetry.models import Upload

Machine = dict[str, Any]


class Measured:
    """What was measured, for the question whether a finding that is gone was measured again."""

    def __init__(self, parts: Sequence[Part], answers: dict[str, str], files: dict[int, str]) -> None:
        self.answers = answers
        self._rows = [
            (files[part.upload], {(row.kind, row.subject) for row in part.rows})
            for part in parts
            if part.upload in files
        ]

    def again(self, machine: Machine, known: Collection[str]) -> bool:
        """Whether files that are not among `known` (SHA-256) measured the finding's source and found it clear."""
        fresh: set[tuple[str, str]] = set()
        for sha256, rows in self._rows:
            if sha256 not in known:
                fresh |= rows
        return clear_now(machine, self.answers, fresh)


def files_of(engagement: Engagement) -> dict[int, tuple[str, str]]:
    """Files that were read: id → SHA-256 and name."""
    done = Upload.objects.filter(engagement=engagement, state=Upload.State.DONE).exclude(format="archive")
    return {pk: (sha256, name) for pk, sha256, name in done.values_list("pk", "sha256", "file_name")}


def begin_run(*, engagement: Engagement, at: datetime, trigger: str, method: Machine) -> AnalysisRun:
    """The row of a judging, before its findings are written. The caller holds the engagement's lock."""
    before = engagement.runs.order_by("-number").first()
    files = dict(files_of(engagement).values())
    known = before.files if before else {}
    return AnalysisRun.objects.create(
        engagement=engagement,
        number=(engagement.runs.aggregate(last=Max("number"))["last"] or 0) + 1,
        at=at,
        trigger=trigger,
        files=files,
        new_files=sorted(name for sha256, name in files.items() if sha256 not in known),
        method={"version": VERSION, "rules": {row["id"]: row["threshold"] for row in method.get("rules", [])}},
    )


def end_run(*, run: AnalysisRun, counts: dict[str, int], answers: dict[str, str]) -> None:
    """Keep what the run did in counts, and every finding in short."""
    run.counts = counts
    run.snapshot = snapshot([_state(row) for row in run.engagement.findings.order_by("rank", "key")], answers)
    run.save(update_fields=["counts", "snapshot"])


def _state(row: Finding) -> Machine:
    left_out = row.hidden or row.status == Finding.Status.DISMISSED
    return state_of(row.machine | {"title": row.shown_title}, standing=row.standing, left_out=left_out)


@transaction.atomic
def resolve_findings(*, engagement: Engagement, user: User, codes: Collection[str]) -> int:
    """Say that findings are resolved whose sources were measured again and are clear; returns how many."""
    clear = engagement.findings.select_for_update().filter(standing=Finding.Standing.CLEAR, code__in=codes)
    resolved = list(clear)
    for finding in resolved:
        FindingChange.objects.create(
            finding=finding, by=user, field="standing", old="clear", new="resolved", reason="Measured again and clear."
        )
        finding.standing, finding.present = Finding.Standing.RESOLVED, False
        finding.version += 1
        finding.edited_at, finding.edited_by = timezone.now(), user
        finding.save(update_fields=["standing", "present", "version", "edited_at", "edited_by"])
    return len(resolved)
