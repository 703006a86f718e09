"""The options that a BullMQ job ends up with: those of its queue, overridden by its own. Used by two smells."""

from dataclasses import dataclass

from telemetry.source_code.model import Table
from telemetry.source_code.services import Job


@dataclass(frozen=True, slots=True)
class JobOptions:
    """Names of the options that are set; `known` is False when only running would tell all."""

    names: frozenset[str]
    known: bool
    attempts: object = None


def options_of(job: Job) -> JobOptions:
    """What is set for a job, by its queue or by itself."""
    names: set[str] = set()
    known = not job.call.open
    attempts: object = None
    made = job.made
    if made is not None:
        settings = made.table(1)
        known = known and (settings is not None or len(made.args) < 2) and not (settings and settings.open)
        default = made.file.settled(settings.get("defaultJobOptions")) if settings else None
        known = known and (default is None or (isinstance(default, Table) and not default.open))
        if isinstance(default, Table):
            names |= set(default)
            attempts = default.get("attempts")
    own = job.call.table(2)
    if own is not None:
        names |= set(own)
        attempts = own.get("attempts", attempts)
        known = known and not own.open
    elif len(job.call.args) > 2:
        known = False
    return JobOptions(frozenset(names), known and job.call.last == "add", attempts)
