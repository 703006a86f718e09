"""Access log: ours against GoAccess on the same file in the same run, counts against grep and awk.

    python -m tests.bench.access_log [--mb 300] [--runs 3] [--file access.log]

GoAccess comes from the distribution (`apt install goaccess`); without it only ours is measured. The log is made from a
fixed seed: combined lines, 60,000 clients, about a quarter of a million distinct addresses, bots, errors, bad requests.
"""

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

MIB = 1024 * 1024
ROOT = Path(__file__).resolve().parents[2]
_AGENTS = [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.1",
    "Mozilla/5.0 (X11; Linux x86_64; rv:121.0) Gecko/20100101 Firefox/121.0",
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "curl/8.4.0",
]
_WORDS = ["amber", "birch", "cedar", "delta", "ember", "fjord", "grove", "heath", "inlet", "junco", "knoll", "larch"]
OURS = """
import json, sys
from pathlib import Path
from telemetry.opening import open_path
from telemetry.reading import read_opened
reading = read_opened(next(open_path(Path(sys.argv[1]))), readers=int(sys.argv[3]))
result = reading.result
json.dump({"lines": result.lines, "records": result.records, "rejected": result.rejected, "blank": result.blank,
           "totals": result.totals}, open(sys.argv[2], "w"))
"""


@dataclass
class Run:
    """One run of a program: wall and CPU seconds, peak memory in MB."""

    wall: float
    cpu: float
    rss_mb: float


def log_lines(seed: int) -> Iterator[str]:
    """An endless combined log: 240 requests a minute at night, up to 2,400 by day."""
    rng = random.Random(seed)
    clients = [".".join(str(rng.randrange(1, 255)) for _ in range(4)) for _ in range(60_000)]
    second = 0
    while True:
        second += 1
        clock = time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime(1_762_900_000 + second))
        for _ in range(rng.randrange(4, 40)):
            yield _line(rng, rng.choice(clients), clock)


def _line(rng: random.Random, client: str, clock: str) -> str:
    request, status = _request(rng)
    size = "-" if status == 304 else str(int(rng.paretovariate(1.2) * 900) % 5_000_000)
    referer = "-" if rng.random() < 0.4 else "https://www.harborbooks.example/"
    agent = rng.choices(_AGENTS, weights=[50, 25, 15, 7, 3])[0]
    return f'{client} - - [{clock}] "{request}" {status} {size} "{referer}" "{agent}"\n'


def _request(rng: random.Random) -> tuple[str, int]:
    draw = rng.random()
    status = rng.choices([200, 304, 301, 404, 500, 502, 429, 401], weights=[820, 80, 20, 40, 8, 4, 8, 20])[0]
    if draw < 0.35:
        return f"GET /books/{int(rng.paretovariate(0.35)) % 200_000} HTTP/1.1", status
    if draw < 0.5:
        return f"GET /search?q={rng.choice(_WORDS)}+{rng.choice(_WORDS)}&page={rng.randrange(1, 40)} HTTP/1.1", status
    if draw < 0.7:
        return f"GET /_next/static/chunks/{rng.randrange(300) * 7919:06x}.js HTTP/2.0", status
    if draw < 0.8:
        return f"GET /api/orders/{rng.randrange(400_000)}/lines HTTP/1.1", status
    if draw < 0.9:
        return f"POST /api/{rng.choice(_WORDS)}/{rng.choice(['add', 'list', 'remove'])} HTTP/1.1", status
    if draw < 0.93:
        return "POST /api/login HTTP/1.1", status
    if draw < 0.94:
        return rng.choice(["GET /wp-login.php HTTP/1.1", "GET /.env HTTP/1.1", "\\x16\\x03\\x01\\x00"]), 404
    return f"GET /blog/{'-'.join(rng.choices(_WORDS, k=3))} HTTP/1.1", status


def write_log(path: Path, size: int, seed: int = 20) -> None:
    """Write a log of about `size` bytes."""
    written = 0
    with path.open("w", encoding="ascii") as out:
        for line in log_lines(seed):
            written += out.write(line)
            if written >= size:
                return


def measured(command: list[str], environment: dict[str, str]) -> Run:
    """Run a command to its end and take its own figures from the kernel."""
    start = time.monotonic()
    child = subprocess.Popen(command, env=environment, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    wall = time.monotonic() - start
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise SystemExit(f"{command[0]} ended with {child.returncode}")
    return Run(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def truth(path: Path) -> dict[str, int]:
    """What grep and awk count: lines, statuses by class, bytes. The fields after the quoted request."""
    program = (
        '{ n++; split($3, f, " "); s[substr(f[1], 1, 1)]++; if (f[2] != "-") b += f[2] } END { '
        'printf "%d %d %d %d %d %d %.0f\\n", n, s[1], s[2], s[3], s[4], s[5], b }'
    )
    counted = subprocess.run(["awk", '-F"', program, str(path)], capture_output=True, text=True, check=True)
    numbers = [int(field) for field in counted.stdout.split()]
    names = ["requests", *(f"status_{digit}xx" for digit in "12345"), "bytes"]
    return dict(zip(names, numbers, strict=True))


def report(name: str, runs: list[Run], size: int) -> Run:
    """Print the best run of a program (others share the machine) and return it."""
    best = min(runs, key=lambda run: run.cpu)
    rate = size / MIB / best.wall
    print(f"{name:<10} wall {best.wall:7.2f} s  CPU {best.cpu:7.2f} s  {rate:7.1f} MiB/s  peak {best.rss_mb:6.0f} MB")
    return best


def compare(ours: dict[str, object], goaccess: dict[str, object] | None, expected: dict[str, int]) -> bool:
    """Print our totals beside the truth; True when every one is equal."""
    totals = ours["totals"]
    assert isinstance(totals, dict)
    print(f"\n{'count':<12}{'truth':>16}{'ours':>16}")
    for name, value in expected.items():
        print(f"{name:<12}{value:>16,}{totals[name]:>16,}{'' if totals[name] == value else '   DIFFERENT'}")
    if goaccess:
        general = goaccess["general"]
        assert isinstance(general, dict)
        print(f"GoAccess: {general['total_requests']:,} requests, {general['failed_requests']:,} failed lines")
    return all(totals[name] == value for name, value in expected.items())


def main() -> int:
    """Build (or take) the log, run both in turn, print figures and counts."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--mb", type=int, default=300)
    arguments.add_argument("--runs", type=int, default=3)
    arguments.add_argument("--file", type=Path)
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = given.file or Path(folder) / "access.log"
        if not given.file:
            write_log(path, given.mb * MIB)
        return _race(path, Path(folder), given.runs)


def _race(path: Path, folder: Path, runs: int) -> int:
    size = path.stat().st_size
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "LC_ALL": "C.UTF-8"}
    ours = [sys.executable, "-c", OURS, str(path), str(folder / "ours.json")]
    theirs = ["goaccess", str(path), "--log-format=COMBINED", "-o", str(folder / "goaccess.json")]
    theirs += ["--no-global-config", "--no-progress"]
    with_goaccess = shutil.which("goaccess") is not None
    our_runs: list[Run] = []
    their_runs: list[Run] = []
    for _ in range(runs):
        our_runs.append(measured(ours, environment))
        if with_goaccess:
            their_runs.append(measured(theirs, environment))
    print(f"{path.name}: {size / MIB:.0f} MiB, best of {runs}")
    best = report("ours", our_runs, size)
    if with_goaccess:
        other = report("GoAccess", their_runs, size)
        ratios = other.wall / best.wall, other.cpu / best.cpu, other.rss_mb / best.rss_mb
        print("ratio      wall {:.1f}  CPU {:.1f}  memory {:.1f}".format(*ratios))
    else:
        print("GoAccess is not installed (apt install goaccess); only ours was measured.")
    found = json.loads((folder / "ours.json").read_text())
    their_file = folder / "goaccess.json"
    equal = compare(found, json.loads(their_file.read_text()) if their_file.exists() else None, truth(path))
    parts = [found[name] for name in ("records", "rejected", "blank")]
    print("lines {:,} = records {:,} + rejected {:,} + blank {:,}".format(found["lines"], *parts))
    return 0 if equal and sum(parts) == found["lines"] else 1


if __name__ == "__main__":
    sys.exit(main())
