"""Read thousands of damaged and forged files: no crash, no hang over 5 s, no more than 300 MB, every result sound.

    python tests/bench/fuzz.py [--inputs 20000] [--seed 1] [--only postgres_log] [--keep DIR]

Every case of every parser is mutated (see tests/telemetry/mutations.py), the same for the same seed, and read as a
worker reads it. Two processes read; one that is silent for 10 s is killed and its input counts as a hang. What fails is
written to --keep as FOUND-<seed>, to become a case of its parser. Exit status 1 when anything failed.
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
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from telemetry.opening import open_file  # noqa: E402
from telemetry.reading import read_opened  # noqa: E402
from tests.telemetry.cases import all_cases  # noqa: E402
from tests.telemetry.mutations import mutated  # noqa: E402
from tests.telemetry.soundness import faults_of  # noqa: E402

HANG_S = 10.0
SLOW_S = 5.0
MEMORY_MB = 300.0
PROCESSES = 2


def samples(only: str | None) -> list[bytes]:
    """Every case's bytes, large ones left out: a mutation of a part says as much."""
    found = [case.path.read_bytes() for case in all_cases() if only in (None, case.module)]
    return [data for data in found if len(data) < 300_000]


def read(seed: int, data: bytes, folder: Path) -> str:
    """How the reading of one input ended: the format, "-" for a message, or what was wrong after a "!"."""
    path = folder / "export"
    path.write_bytes(data)
    start = time.monotonic()
    try:
        reading = read_opened(open_file(path, "export"))
        faults = faults_of(reading)
    except Exception as error:
        where = traceback.extract_tb(error.__traceback__)[-1]
        return f"!{type(error).__name__} in {Path(where.filename).name}:{where.lineno}"
    if time.monotonic() - start > SLOW_S:
        faults.append(f"took {time.monotonic() - start:.1f} s as {reading.format}")
    return f"!{reading.format}: {faults[0]}" if faults else reading.format if reading.result and reading.format else "-"


def work(first: int, step: int, count: int, only: str | None) -> None:
    """One process: a line for every input before and after it was read."""
    known = samples(only)
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(first, first + step * count, step):
            print(f"{seed}", flush=True)
            print(f"{seed} {read(seed, mutated(seed, known), Path(folder))}".replace("\n", " "), flush=True)
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
    while jobs or running:
        while jobs and len(running) < PROCESSES:
            start, left = jobs.pop()
            command = [sys.executable, __file__, "--work", f"{start},{left}", *(["--only", only] if only else [])]
            child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
            assert child.stdout is not None
            running[child.stdout.fileno()] = (child, start, left)
        ready, _, _ = select.select(list(running), [], [], HANG_S)
        for handle in ready or list(running):
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
    options.add_argument("--only", help="a parser's module")
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
    known = samples(chosen.only)
    for how, seed in sorted(failed.items()):
        (chosen.keep / f"FOUND-{seed}").write_bytes(mutated(seed, known))
        print(f"  {ends[how]:>5} x {how[1:]} (seed {seed})")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
