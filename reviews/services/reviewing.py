"""A review from the command line that is kept: the workspace's own path, without a worker."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from reviews.intake import Intake, IntakeError
from reviews.models import Engagement
from reviews.pipeline import analyse
from reviews.report.context import build
from reviews.services.engagements import apply_intake, open_engagement
from telemetry.evidence import ParseError
from telemetry.mappings import asking_for, save_mapping
from telemetry.opened import Opened
from telemetry.opening import folder_files
from telemetry.services import parse_upload, receive_path, reset_upload
from telemetry.tables.mapping import ColumnMap


def keep_review(
    *, code: str, paths: list[Path], intake: Intake | None, mappings: tuple[ColumnMap, ...] = ()
) -> dict[str, Any]:
    """Read exports into an engagement, judge, and return its document.

    Mappings with a signature are kept for the client as if a consultant had confirmed them; those for a pattern of file
    names hold for this reading only.

    An engagement that does not exist is opened from the intake; IntakeError when there is none to open it from, when
    the intake is another client's, and when the engagement is closed.
    """
    engagement = _engagement(code, intake)
    for mapping in mappings:
        if mapping.signature:
            save_mapping(client_id=engagement.client_id, mapping=mapping, user_id=None)
            _read_what_waited(engagement, mapping)
    with TemporaryDirectory(prefix="loadline-") as scratch:
        for path, name in _files(paths, Path(scratch)):
            upload, _ = receive_path(engagement_id=engagement.pk, path=path, name=name)
            for member_id in parse_upload(upload.pk, mappings) or []:
                parse_upload(member_id, mappings)
    analyse(engagement, trigger="command")
    engagement.refresh_from_db()
    return build(engagement)


def _read_what_waited(engagement: Engagement, mapping: ColumnMap) -> None:
    """Files that came before and asked what this mapping says."""
    for upload in asking_for(engagement_id=engagement.pk, signature=mapping.signature):
        reset_upload(upload=upload)
        parse_upload(upload.pk)


def _engagement(code: str, intake: Intake | None) -> Engagement:
    engagement = Engagement.objects.filter(code=code).first()
    if engagement is not None and engagement.stage == Engagement.Stage.CLOSED:
        raise IntakeError([f"{code} is closed; an admin can reopen it"])
    if engagement is not None:
        return engagement if intake is None else apply_intake(engagement=engagement, intake=intake)
    if intake is None:
        raise IntakeError([f"There is no engagement {code}: give --intake to open it, or check the code"])
    return open_engagement(code=code, intake=intake)


def _files(paths: list[Path], scratch: Path) -> Iterator[tuple[Path, str]]:
    """Every file to read with its name inside what was given, as when opening a folder.

    A repository's source is one stream, which is written to a file in `scratch` first.
    """
    for path in paths:
        if not path.is_dir():
            yield path, path.name
            continue
        for inner, opened in _of_folder(path):
            if inner is None:
                inner = scratch / f"{len(list(scratch.iterdir()))}"
                with opened.open() as stream, inner.open("wb") as written:
                    shutil.copyfileobj(stream, written)
            yield inner, opened.name


def _of_folder(folder: Path) -> list[tuple[Path | None, Opened]]:
    """The files of a folder, none when it is empty; IntakeError when it cannot be opened."""
    try:
        return folder_files(folder) if any(folder.iterdir()) else []
    except ParseError as problem:
        raise IntakeError([problem.message]) from problem
