"""`manage.py review EXPORT...`: the whole review in one process, without a service that has to run first."""

import json
from argparse import ArgumentTypeError
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from reviews.assessment import assess
from reviews.capacity.packs.files import files_of
from reviews.exports import read_exports
from reviews.intake import Intake, IntakeError, parse_intake
from reviews.report.compose import compose_assessment
from reviews.report.summary import summary
from telemetry.answers import Answers
from telemetry.tables.mapping import ColumnMap, MappingError, parse_mappings
from tickets.export import tickets_csv

UNUSABLE, NOTHING_READABLE = 2, 3
STDOUT = "-"
UNNAMED = Intake(client="Client not named", title="Scaling review")

Document = dict[str, Any]
Mappings = tuple[ColumnMap, ...]
Read = TypeVar("Read")


class Command(BaseCommand):
    """Exit status: 0 done, whatever was found; 2 unusable arguments or intake; 3 nothing readable."""

    help = "Review exports (files, folders, archives) and write JSON, PDF and tickets. Needs no running service."
    requires_system_checks: list[str] = []  # checks look at the database, which this command does not need

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("exports", nargs="+", type=Path, metavar="EXPORT", help="file, folder, .gz or .zip")
        parser.add_argument("--intake", type=Path, metavar="FILE", help="what is known about the business, as TOML")
        parser.add_argument("--mapping", type=Path, metavar="FILE", help="what the columns of tables are, as TOML")
        parser.add_argument("--json", metavar="FILE", help="write the review as JSON; - writes to standard output")
        parser.add_argument("--pdf", type=Path, metavar="FILE", help="write the report")
        parser.add_argument("--tickets", type=Path, metavar="FILE", help="write the tickets as CSV")
        parser.add_argument(
            "--packs", type=Path, metavar="DIR", help="write alert rules, dashboard and load test there"
        )
        parser.add_argument("--max-seconds", type=_seconds, metavar="N", help="stop reading when the time is nearly up")
        parser.add_argument("--engagement", metavar="CODE", help="keep exports and findings in this engagement")

    def handle(self, *args: Any, **options: Any) -> None:
        for name in ("intake", "mapping", "pdf", "tickets", "packs"):  # text when called from code
            options[name] = Path(options[name]) if options[name] else None
        _check_paths(options)
        intake, mappings = _intake_of(options["intake"]), _mappings_of(options["mapping"])
        paths: list[Path] = options["exports"]
        if options["engagement"]:
            document = _kept(options["engagement"], paths, intake, mappings)
        else:
            document = self._reviewed(paths, intake or UNNAMED, options["max_seconds"], mappings)
        self._write(document, options)
        if not any(row.get("format") and not row.get("error") for row in document["coverage"]):
            raise CommandError(_nothing(document), returncode=NOTHING_READABLE)

    def _reviewed(self, paths: list[Path], intake: Intake, max_seconds: float | None, mappings: Mappings) -> Document:
        readings = read_exports(
            paths, self.stderr_line, max_seconds, settings.LOADLINE_READERS, Answers(mappings=mappings)
        )
        return compose_assessment(intake, assess(intake, readings))

    def stderr_line(self, text: str) -> None:
        """A line of progress; plain, because it is no error."""
        self.stderr.write(text, style_func=str)

    def _write(self, document: Document, options: dict[str, Any]) -> None:
        if options["json"]:
            text = json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False) + "\n"
            self._write_json(text, options["json"])
        if options["tickets"]:
            _put(options["tickets"], tickets_csv(document["tickets"]).encode())
        if options["pdf"]:
            _put(options["pdf"], self._pdf(document))
        if options["packs"]:
            _put_packs(options["packs"], files_of(document))
        if not any(options[name] for name in ("json", "tickets", "pdf", "packs")):
            self.stdout.write(summary(document))

    def _write_json(self, text: str, target: str) -> None:
        if target == STDOUT:
            self.stdout.write(text, ending="")
        else:
            # A file name with bytes that are no text arrives as a lone surrogate; JSON can escape it, UTF-8 cannot.
            _put(Path(target), text.encode("utf-8", "backslashreplace"))

    def _pdf(self, document: Document) -> bytes:
        # Imported here: the renderer loads native libraries that a review without a report does not need.
        from reviews.report.render import render_pdf

        rendered = render_pdf(document, {"name": "Loadline"})
        for warning in rendered.warnings:
            self.stderr_line(f"report: {warning}")
        return rendered.pdf


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < float("inf"):
        raise ArgumentTypeError("must be a number of seconds above 0")
    return seconds


def _check_paths(options: dict[str, Any]) -> None:
    """Refuse before anything is read what cannot be read or written."""
    for path in options["exports"]:
        if not path.exists():
            raise CommandError(f"There is no file or folder {path}", returncode=UNUSABLE)
    if options["json"] == STDOUT and STDOUT in (str(options["tickets"]), str(options["pdf"])):
        raise CommandError("Only --json can be written to standard output", returncode=UNUSABLE)
    for name in ("json", "pdf", "tickets"):
        target = options[name]
        if target and target != STDOUT and (Path(target).is_dir() or not Path(target).absolute().parent.is_dir()):
            raise CommandError(f"--{name}: {target} cannot be written: no such folder", returncode=UNUSABLE)
    packs = options["packs"]
    if packs and ((packs.exists() and not packs.is_dir()) or not packs.absolute().parent.is_dir()):
        raise CommandError(f"--packs: {packs} cannot be made: it is a file, or no such folder", returncode=UNUSABLE)


def _intake_of(path: Path | None) -> Intake | None:
    return None if path is None else _read(path, "--intake", parse_intake)


def _mappings_of(path: Path | None) -> Mappings:
    return () if path is None else tuple(_read(path, "--mapping", parse_mappings))


def _read(path: Path, option: str, parse: Callable[[str], Read]) -> Read:
    """What stands in a TOML file; every problem with it ends the command."""
    try:
        return parse(path.read_text("utf-8-sig"))
    except OSError as error:
        raise CommandError(f"{option}: {path} cannot be read: {error.strerror}", returncode=UNUSABLE) from error
    except UnicodeDecodeError as error:
        raise CommandError(f"{option}: {path} is not UTF-8 text", returncode=UNUSABLE) from error
    except (IntakeError, MappingError) as error:
        problems = "\n  ".join(error.problems)
        raise CommandError(f"{option}: {path} cannot be used:\n  {problems}", returncode=UNUSABLE) from error


def _kept(code: str, paths: list[Path], intake: Intake | None, mappings: Mappings) -> Document:
    # Imported here: a review that is not kept needs neither a database nor its driver.
    from reviews.services.reviewing import keep_review

    try:
        return keep_review(code=code, paths=paths, intake=intake, mappings=mappings)
    except IntakeError as error:
        problems = "\n  ".join(error.problems)
        raise CommandError(f"--engagement {code}:\n  {problems}", returncode=UNUSABLE) from error


def _put(path: Path, content: bytes) -> None:
    try:
        path.write_bytes(content)
    except OSError as error:
        raise CommandError(f"{path} cannot be written: {error.strerror}", returncode=UNUSABLE) from error


def _put_packs(folder: Path, files: dict[str, str]) -> None:
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise CommandError(f"{folder} cannot be made: {error.strerror}", returncode=UNUSABLE) from error
    for name, text in files.items():
        _put(folder / name, text.encode())


def _nothing(document: Document) -> str:
    rows = [f"{row['file']}: {row.get('error')}" for row in document["coverage"]]
    return "Nothing readable.\n  " + "\n  ".join(rows[:20])
