"""Read thousands of damaged and forged files: no crash, no hang over 5 s, no more than 300 MB, every result sound.

    python tests/bench/fuzz.py [--inputs 20000] [--seed 1] [--only postgres_log] [--keep DIR]

Every case of every parser is mutated (see tests/telemetry/mutations.py), the same for the same seed, and read as a
worker reads it. Of ten inputs one is a repository (two to six files of tests/samples/repos, mutated, as a zip) and one
a table that is read with a mapping; --only repositories and --only tables make all of them so. Two processes read; one
that is silent for 10 s is killed and its input counts as a hang. What fails is written to --keep as FOUND-<seed>, to
become a case of its parser. Exit status 1 when anything failed.
"""

import argparse
import collections
import resource
import select
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from telemetry.answers import NO_ANSWERS, Answers  # noqa: E402
from telemetry.evidence import ParseError, ParseResult  # noqa: E402
from telemetry.opening import open_file, open_path  # noqa: E402
from telemetry.parsers.readers import Row  # noqa: E402
from telemetry.reading import Reading, read_opened  # noqa: E402
from telemetry.source import Source  # noqa: E402
from telemetry.tables.rows import open_rows  # noqa: E402
from telemetry.tables.shape import find_table  # noqa: E402
from telemetry.tables.suggest import suggest_for  # noqa: E402
from telemetry.tables.targets import TARGETS  # noqa: E402
from tests.telemetry.cases import all_cases  # noqa: E402
from tests.telemetry.mutations import forged_repository, mutated  # noqa: E402
from tests.telemetry.soundness import faults_of  # noqa: E402
from tests.telemetry.tables.test_targets import EXPORTS  # noqa: E402

REPOS = ROOT / "tests" / "samples" / "repos"
REPOSITORIES, TABLES = "repositories", "tables"
HANG_S = 10.0
SLOW_S = 5.0
MEMORY_MB = 300.0
PROCESSES = 2


class Inputs:
    """Everything that is mutated; large cases are left out: a mutation of a part says as much."""

    def __init__(self, only: str | None) -> None:
        found = [case.path.read_bytes() for case in all_cases() if only in (None, case.module)]
        self._cases = [data for data in found if len(data) < 300_000]
        self._tables = [text.encode() for text in EXPORTS.values()]
        paths = sorted(path for path in REPOS.rglob("*") if path.is_file())
        self._sources = [(path.relative_to(REPOS).as_posix(), path.read_bytes()) for path in paths]
        self._only = only

    def kind(self, seed: int) -> str:
        """What the input of a seed is."""
        if self._only in (REPOSITORIES, TABLES):
            return self._only
        return {0: REPOSITORIES, 5: TABLES}.get(seed % 10, "") if self._only is None else ""

    def of(self, seed: int) -> bytes:
        """The input."""
        if self.kind(seed) == REPOSITORIES:
            return forged_repository(seed, self._sources)
        return mutated(seed, self._tables if self.kind(seed) == TABLES else self._cases)


def read(kind: str, data: bytes, folder: Path) -> str:
    """How the reading of one input ended: the format, "-" for a message, or what was wrong after a "!"."""
    path = folder / "export"
    path.write_bytes(data)
    start = time.monotonic()
    try:
        readings = list(_readings(kind, path))
        faults = [f"{reading.format}: {fault}" for reading in readings for fault in faults_of(reading)]
    except ParseError as refused:  # an archive as a whole
        readings, faults = [], [] if len(refused.message) > 20 else ["no message"]
    except Exception as error:
        where = traceback.extract_tb(error.__traceback__)[-1]
        return f"!{type(error).__name__} in {Path(where.filename).name}:{where.lineno}"
    formats = sorted({reading.format for reading in readings if reading.result and reading.format})
    if time.monotonic() - start > SLOW_S:
        faults.append(f"took {time.monotonic() - start:.1f} s as {' and '.join(formats)}")
    known = (
        f"a {kind} with source-code" if kind == REPOSITORIES and "source-code" in formats else kind or "".join(formats)
    )
    return f"!{faults[0]}" if faults else known if formats else "-"


def _readings(kind: str, path: Path) -> Iterator[Reading]:
    if kind == REPOSITORIES:
        yield from map(read_opened, open_path(path))
        return
    opened = open_file(path, "export")
    answers = NO_ANSWERS
    if kind == TABLES and (table := find_table(opened.head())):
        with opened.open() as stream:
            rows = [row for row in open_rows(Source("export", stream), table, ParseResult()) if isinstance(row, Row)]
        found = [suggest_for(target, table, [row.fields for row in rows[:10]]) for target in TARGETS]
        likeliest = max(found, key=lambda suggestion: suggestion.score).mapping()
        answers = Answers(mappings=(replace(likeliest, signature=table.signature),))
    yield read_opened(opened, answers=answers)


def work(first: int, step: int, count: int, only: str | None) -> None:
    """One process: a line for every input before and after it was read."""
    inputs = Inputs(only)
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(first, first + step * count, step):
            print(f"{seed}", flush=True)
            print(f"{seed} {read(inputs.kind(seed), inputs.of(seed), Path(folder))}".replace("\n", " "), flush=True)
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            if peak > MEMORY_MB:
                print(f"{seed} !memory {peak:.0f} MB", flush=True)
                return  # the peak never falls again


def run(first: int, count: int, only: str | None) -> tuple[collections.Counter[str], dict[str, int]]:
    """Ends of all inputs and, for each way of failing, a seed that shows it."""
    ends: collections.Counter[str] = collections.Counter()
    failed: dict[str, int] = {}
    jobs = [(first + number, count // PROCESSES) for number in range(PROCESSES)]
    running: dict[int, tuple[subprocess.Popen[str], int, int]] = {}
    heard: dict[int, float] = {}
    while jobs or running:
        while jobs and len(running) < PROCESSES:
            start, left = jobs.pop()
            command = [sys.executable, __file__, "--work", f"{start},{left}", *(["--only", only] if only else [])]
            child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
            assert child.stdout is not None
            running[child.stdout.fileno()] = (child, start, left)
            heard[child.stdout.fileno()] = time.monotonic() + HANG_S  # it has to start first
        found, _, _ = select.select(list(running), [], [], 1.0)
        heard |= dict.fromkeys(found, time.monotonic())
        silent = [handle for handle in running if time.monotonic() - heard[handle] > HANG_S]
        for handle in [*found, *silent]:
            ready = handle in found
            child, seed, left = running.pop(handle)
            assert child.stdout is not None
            line = child.stdout.readline() if ready else ""
            if line:
                seed, how = _note(line, ends, failed)
                done = how is not None
                if not (how or "").startswith("!memory"):
                    running[handle] = (child, seed + PROCESSES * done, left - done)
                    continue
                left -= 1
                seed += PROCESSES
                child.wait()
            elif ready and child.wait() == 0:
                continue
            else:
                child.kill()
                child.wait()
                how = "!died" if ready else f"!silent for {HANG_S:.0f} s"
                ends[how] += 1
                failed.setdefault(how, seed)
                seed, left = seed + PROCESSES, left - 1
            if left > 0:
                jobs.append((seed, left))
    return ends, failed


def _note(line: str, ends: collections.Counter[str], failed: dict[str, int]) -> tuple[int, str | None]:
    seed, _, how = line.strip().partition(" ")
    if how:
        ends[how] += 1
        if how.startswith("!"):
            failed.setdefault(how, int(seed))
    return int(seed), how or None


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--inputs", type=int, default=20_000)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--only", help="a parser's module, repositories or tables")
    options.add_argument("--keep", type=Path, default=Path(tempfile.gettempdir()))
    options.add_argument("--work", help=argparse.SUPPRESS)
    chosen = options.parse_args()
    if chosen.work:
        start, count = map(int, chosen.work.split(","))
        work(start, PROCESSES, count, chosen.only)
        return 0
    began = time.monotonic()
    ends, failed = run(chosen.seed, chosen.inputs, chosen.only)
    read_as = {how: count for how, count in ends.items() if not how.startswith(("!", "-"))}
    print(f"{ends.total():,} inputs in {time.monotonic() - began:.0f} s: {sum(read_as.values()):,} read as "
          f"{len(read_as)} formats, {ends['-']:,} refused with a message, "
          f"{sum(count for how, count in ends.items() if how.startswith('!')):,} failed")  # fmt: skip
    inputs = Inputs(chosen.only)
    chosen.keep.mkdir(parents=True, exist_ok=True)
    for how, seed in sorted(failed.items()):
        (chosen.keep / f"FOUND-{seed}").write_bytes(inputs.of(seed))
        print(f"  {ends[how]:>5} x {how[1:]} (seed {seed})")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
