"""PostgreSQL log: ours with one and two processes against pgBadger -j 1 and -j 2 on the same files in the same run.

    python tests/bench/postgres_log.py [--mb 200] [--runs 1] [--generated] [--only stderr|csvlog|jsonlog|families]
                                       [--file postgresql.log --prefix '%m [%p] ']

The log is the captured demo log repeated with shifted time stamps, of which a sixth of all records are plans;
`--generated` takes a log of mostly durations from a fixed seed instead. csvlog and jsonlog hold the same records as the
server writes them there. `families` is a log of 100,000 different statements. Counts are held against grep's of the
plain log, and all that two processes read (evidence, places, notes) against what one reads. pgBadger comes from the
distribution (`apt install pgbadger`); without it only ours is measured.

Both programs start as installed ones (with their bytecode); the last lines hold the figures against the bars.

29 November 2026, 200 MB of the demo log, alone on a machine on which pgBadger -j 2 takes 22 s, start-up included, one
process and two: plain lines 79.6 and 134.8 MB/s (15.1 times pgBadger -j 2), csvlog 89.6 and 148.6 (best of 3), jsonlog
114.2 and 178.7; 48 to 50 MB each. Counts equal grep's, two processes equal one. 100,000 families: 112 MB, pgBadger
812 to 933. A machine on which pgBadger takes 70 s reads at six tenths of that speed. Two runs of one day differ by
a tenth.
How near that is to what a columnar library does, and why it stays so: docs/decisions/0007.
"""

import argparse
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "tests/samples/harbor-books/exports/postgresql.log"
PREFIX = "%m [%p] %q%u@%d app=%a "
_STAMP = re.compile(rb"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", re.M)
FAMILIES_MB = 24  # what pgBadger needs 922 MB for
_OURS = """
import json, sys
from dataclasses import asdict
from pathlib import Path
from telemetry.opening import open_file
from telemetry.parsers.postgres_log import PARSER
from telemetry.reading import read_opened
reading = read_opened(open_file(Path(sys.argv[1]), "log"), parsers=[PARSER], readers=int(sys.argv[3]))
with open(sys.argv[2], "w") as out:
    json.dump(asdict(reading.result), out, default=str)
"""
# What a person would type to check the totals.
_DURATION = r"LOG:  duration: [0-9.]+ ms  "
_GREP = {
    "queries": rf"{_DURATION}(statement: |execute )",
    "parses": rf"{_DURATION}parse ",
    "binds": rf"{_DURATION}bind ",
    "plans": rf"{_DURATION}plan:",
    "errors": r"ERROR:  ",
    "fatals": r"FATAL:  ",
    "deadlocks": r"ERROR:  deadlock detected",
    "lock_waits": r"LOG:  process [0-9]+ still waiting",
    "locks_acquired": r"LOG:  process [0-9]+ acquired",
    "temp_files": r"LOG:  temporary file: ",
    "checkpoints": r"LOG:  checkpoint complete",
    "autovacuums": r"LOG:  automatic (aggressive )?vacuum ",
    "autoanalyzes": r"LOG:  automatic analyze",
    "connections_authorized": r"LOG:  connection authorized",
    "disconnections": r"LOG:  disconnection",
}


@dataclass
class Run:
    """One run of a program: wall and CPU seconds, peak memory in MB."""

    wall: float
    cpu: float
    rss_mb: float


def shifted(sample: bytes) -> Iterator[bytes]:
    """The sample again and again, each time later than the last."""
    seconds = {found[0] for found in _STAMP.finditer(sample)}
    times = {second: datetime.fromisoformat(second.decode()) for second in seconds}
    span = max(times.values()) - min(times.values()) + timedelta(seconds=1)
    copy = 0
    while True:
        later = {second: str(moment + copy * span).encode() for second, moment in times.items()}
        yield _STAMP.sub(lambda found, later=later: later[found[0]], sample)
        copy += 1


_TEMPLATES = (
    "SELECT id, name, price FROM products WHERE category_id = {a} AND active = true AND created_at > '2020-01-{b:02d}' "
    "ORDER BY created_at DESC LIMIT 20",
    'SELECT "public"."Order"."id", "public"."Order"."status" FROM "public"."Order" WHERE ("public"."Order"."customerId"'
    ' = {a} AND "public"."Order"."status" IN (\'new\',\'paid\')) LIMIT {b} OFFSET 0',
    "UPDATE inventory SET quantity = quantity - {b} WHERE sku = 'SKU-{a}' RETURNING quantity",
    "INSERT INTO events (user_id, kind, payload) VALUES ({a}, 'click', '{{\"page\": \"/p/{b}\"}}')",
    "SELECT u.id,\n\tu.email, count(o.id)\n\tFROM users u JOIN orders o ON o.user_id = u.id\n\tWHERE u.id = {a}\n\t"
    "GROUP BY u.id, u.email",
)


def generated(seed: int) -> Iterator[bytes]:
    """An endless log of sixteen sessions: literal SQL, prepared statements with binds, now and then an error."""
    rng = random.Random(seed)
    moment = datetime(2026, 1, 5)
    while True:
        moment += timedelta(milliseconds=rng.randrange(4))
        pid = 1000 + rng.randrange(16)
        head = f"{moment.isoformat(' ', 'milliseconds')} UTC [{pid}] app@shop app=web "
        spent = f"LOG:  duration: {rng.expovariate(0.2) + 0.02:.3f} ms  "
        draw = rng.random()
        if draw < 0.8:
            sql = rng.choice(_TEMPLATES).format(a=rng.randrange(1, 99_999), b=rng.randrange(1, 28))
            yield f"{head}{spent}statement: {sql}\n".encode()
        elif draw < 0.999:
            sql = "SELECT * FROM accounts WHERE id = $1 AND tenant = $2"
            bound = f"{head}DETAIL:  parameters: $1 = '{rng.randrange(99_999)}', $2 = 'x'\n"
            yield f"{head}{spent}bind S_1: {sql}\n{bound}{head}{spent}execute S_1: {sql}\n{bound}".encode()
        else:
            text = 'duplicate key value violates unique constraint "users_email_key"'
            yield f"{head}ERROR:  {text}\n{head}STATEMENT:  INSERT INTO users (email) VALUES ('x')\n".encode()


def many_families(seed: int, families: int) -> Iterator[bytes]:
    """An endless log of statements that differ in more than literals."""
    rng = random.Random(seed)
    moment = datetime(2026, 1, 5)
    while True:
        moment += timedelta(milliseconds=rng.randrange(4))
        head = f"{moment.isoformat(' ', 'milliseconds')} UTC [{1000 + rng.randrange(16)}] app@shop app=web "
        sql = f"SELECT a{rng.randrange(families)}, b FROM t WHERE c = {rng.randrange(9999)}"
        yield f"{head}LOG:  duration: {rng.expovariate(0.2) + 0.02:.3f} ms  statement: {sql}\n".encode()


_PLAIN = re.compile(r"(\S+ \S+) (\w+) \[(\d+)\] (?:(\S*?)@(\S*) app=(.*?) )?([A-Z]+):  (.*)", re.S)
_FOLLOW = 1000  # the details of a record follow within as many records
_LABELS = {"DETAIL": "detail", "HINT": "hint", "CONTEXT": "context", "STATEMENT": "statement"}


def records(plain: Path) -> Iterator[str]:
    """Records with their continuation lines; never the whole file, for a child's peak begins with its parent's."""
    text = ""
    with plain.open() as lines:
        for line in lines:
            if text and line[:4].isdigit():
                yield text.rstrip("\n")
                text = ""
            text += line
    yield text.rstrip("\n")


def convert(plain: Path, carried: Path, carrier: str) -> None:
    """Write the records of a plain log with PREFIX as csvlog or jsonlog."""
    write = as_csv if carrier == "csvlog" else as_json
    waiting: dict[str, dict[str, str]] = {}  # the last record of each process, whose details may follow
    order: deque[dict[str, str]] = deque()  # as the server writes them
    with carried.open("w") as out:
        for number, text in enumerate(records(plain)):
            found = _PLAIN.match(text)
            if found is None:
                continue
            time, zone, pid, user, database, app, severity, message = found.groups(default="")
            message = message.replace("\n\t", "\n")
            if severity in _LABELS and pid in waiting:
                waiting[pid][_LABELS[severity]] = message
                continue
            waiting[pid] = {"time": time, "zone": zone, "pid": pid, "user": user, "database": database, "app": app}
            waiting[pid] |= {"severity": severity, "message": message, "number": str(number)}
            order.append(waiting[pid])
            if len(order) > _FOLLOW:
                out.write(write(order.popleft()))
        out.writelines(map(write, order))


def as_csv(record: dict[str, str]) -> str:
    """A record in the 26 columns of PostgreSQL 14 and later."""
    cell = {name: '"' + text.replace('"', '""') + '"' for name, text in record.items() if text}
    part = [cell.get(name, "") for name in ("user", "database", "message", "detail", "hint", "context", "statement")]
    start = f'{record["time"]} {record["zone"]},{part[0]},{part[1]},{record["pid"]},"[local]",6b0042cc.69ec'
    middle = f'{record["number"]},"SELECT",{record["time"][:19]} {record["zone"]},3/{record["number"]},0'
    details = f"{part[2]},{part[3]},{part[4]},,,{part[5]},{part[6]},,"
    return (
        f'{start},{middle},{record["severity"]},00000,{details},{cell.get("app") or chr(34) * 2},"client backend",,0\n'
    )


def as_json(record: dict[str, str]) -> str:
    """A record as jsonlog; what is empty is absent."""
    found: dict[str, object] = {"timestamp": f"{record['time']} {record['zone']}"}
    found |= {"user": record["user"], "dbname": record["database"]} if record["user"] else {}
    found |= {"pid": int(record["pid"]), "remote_host": "[local]", "session_id": "6b0042cc.69ec", "ps": "SELECT"}
    found |= {"line_num": int(record["number"]), "session_start": record["time"][:19], "vxid": "3/7", "txid": 0}
    found |= {"error_severity": record["severity"], "message": record["message"]}
    found |= {name: record[name] for name in _LABELS.values() if name in record}
    found |= {"application_name": record["app"], "backend_type": "client backend", "query_id": 0}
    return json.dumps(found, ensure_ascii=False, separators=(",", ":")) + "\n"


def write_log(path: Path, size: int, from_seed: bool, families: int = 0) -> None:
    """Write a log of at least `size` bytes."""
    parts = generated(20) if from_seed or not SAMPLE.exists() else shifted(SAMPLE.read_bytes())
    parts = many_families(20, families) if families else parts
    written = 0
    with path.open("wb") as out:
        while written < size:
            written += out.write(next(parts))


def measured(command: list[str], folder: Path) -> Run:
    """Run a command to its end and take its own figures from the kernel. `folder` keeps the program's bytecode, which
    an installed program has."""
    environment = os.environ | {
        "PYTHONPATH": str(ROOT),
        "LC_ALL": "C.UTF-8",
        "PYTHONPYCACHEPREFIX": str(folder / "pyc"),
    }
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    start = time.monotonic()
    child = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    wall = time.monotonic() - start
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise SystemExit(f"{command[0]} ended with {child.returncode}")
    return Run(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def truth(path: Path) -> dict[str, float]:
    """What grep counts and awk sums."""
    counts: dict[str, float] = {}
    environment = os.environ | {"LC_ALL": "C"}
    for name, pattern in _GREP.items():
        command = ["grep", "-cE", rf"^[0-9].*{pattern}", str(path)]
        counts[name] = int(subprocess.run(command, capture_output=True, env=environment).stdout)
    program = f'/{_GREP["queries"]}/ {{ sub(/.*LOG:  duration: /, ""); t += $1 * 1000 }} END {{ printf "%.0f", t }}'
    summed = subprocess.run(["awk", program, str(path)], capture_output=True, env=environment, check=True)
    counts["query_ms"] = int(summed.stdout) / 1000
    return counts


def report(name: str, runs: list[Run], size: int) -> Run:
    """Print the best run of a program (others share the machine) and return it."""
    best = min(runs, key=lambda run: run.cpu)
    rates = f"{size / 1e6 / best.wall:6.1f} MB/s wall  {size / 1e6 / best.cpu:6.1f} MB/s CPU"
    print(f"{name:<13} wall {best.wall:7.2f} s  CPU {best.cpu:7.2f} s  {rates}  peak {best.rss_mb:5.0f} MB", flush=True)
    return best


def compare(ours: dict[str, float], expected: dict[str, float], theirs: dict[str, float]) -> bool:
    """Print our totals beside the truth and pgBadger's; True when every one of ours is equal."""
    print(f"\n{'count':<24}{'grep':>18}{'ours':>18}{'pgBadger':>18}")
    for name, value in expected.items():
        mark = "" if ours[name] == value else "   DIFFERENT"
        print(f"{name:<24}{value:>18,}{ours[name]:>18,}{theirs.get(name, ''):>18}{mark}")
    return all(ours[name] == value for name, value in expected.items())


def of_pgbadger(report_file: Path) -> dict[str, float]:
    """The counts of pgBadger's JSON report that have a counterpart."""
    overall = json.loads(report_file.read_text())["overall_stat"]
    by_database = [part for part in overall.values() if isinstance(part, dict)]
    durations = [part.get("queries_duration", {}).get("execute", 0) for part in by_database]
    counts = {name: overall.get(f"{name}_number", 0) for name in ("queries", "errors")}
    return counts | {"query_ms": round(sum(durations), 3)}


def main() -> int:
    """Build (or take) the logs, run all in turn, print figures and counts; 1 when a count of ours is wrong."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--mb", type=int, default=200)
    arguments.add_argument("--runs", type=int, default=1)
    arguments.add_argument("--generated", action="store_true")
    arguments.add_argument("--only", choices=("stderr", "csvlog", "jsonlog", "families"))
    arguments.add_argument("--file", type=Path)
    arguments.add_argument("--prefix", default=PREFIX)
    given = arguments.parse_args()
    right, bars = True, Bars()
    with tempfile.TemporaryDirectory() as folder:
        plain = given.file or Path(folder) / "postgresql.log"
        if not given.file and given.only != "families":
            write_log(plain, given.mb * 1_000_000, given.generated)
        for carrier in [given.only] if given.only else ["stderr", "csvlog", "jsonlog", "families"]:
            right &= _race(plain, Path(folder), given.runs, given.prefix, carrier, bars)
    bars.show()
    return 0 if right else 1


@dataclass
class Bars:
    """What is asked and what was measured; the bars are those of a log of 200 MB or more."""

    rows: list[tuple[str, float, float, bool]] = field(default_factory=list)  # name, measured, asked, is a maximum

    def see(self, carrier: str, best: dict[str, Run], size: int) -> None:
        """Take the figures of one carrier."""
        speed = {name: size / 1e6 / run.wall for name, run in best.items()}
        if carrier == "stderr":
            self.rows.append(("stderr, one process, MB/s", speed["ours 1"], 40.0, False))
            self.rows.append(("stderr, two processes, MB/s", speed["ours 2"], 80.0, False))
            if "pgBadger -j 2" in speed:
                times = speed["ours 2"] / speed["pgBadger -j 2"]
                self.rows.append(("stderr, two processes, times pgBadger -j 2", times, 15.0, False))
        elif carrier != "families":
            self.rows.append((f"{carrier}, one process, MB/s", speed["ours 1"], 150.0, False))
            self.rows.append((f"{carrier}, two processes, MB/s", speed["ours 2"], 150.0, False))
        memory = max(best[name].rss_mb for name in ("ours 1", "ours 2"))
        self.rows.append((f"{carrier}, memory of the largest process, MB", memory, 150.0, True))

    def show(self) -> None:
        """Print a line for each."""
        print("\nBars (start-up included)")
        for name, value, asked, most in self.rows:
            met = "met" if (value <= asked if most else value >= asked) else "MISSED"
            print(f"{name:<48}{value:>8.1f}  {'at most' if most else 'at least'} {asked:5.0f}  {met}")


def _race(plain: Path, folder: Path, runs: int, prefix: str, carrier: str, bars: Bars) -> bool:
    path = plain
    if carrier == "families":
        path = plain = folder / "families.log"
        write_log(path, FAMILIES_MB * 1_000_000, True, 100_000)
    elif carrier != "stderr":
        path = folder / f"postgresql.{carrier}"
        convert(plain, path, carrier)
    form = {"csvlog": ["csv"], "jsonlog": ["jsonlog"]}.get(carrier, ["stderr", "-p", prefix])
    answer, theirs = folder / "ours.json", folder / "theirs.json"
    commands = {f"ours {count}": [sys.executable, "-c", _OURS, str(path), str(answer), str(count)] for count in (1, 2)}
    if shutil.which("pgbadger"):
        peer = ["pgbadger", "-q", "-f", *form, "-x", "json", "-o", str(theirs)]
        commands |= {f"pgBadger -j {count}": [*peer, "-j", str(count), str(path)] for count in (1, 2)}
    else:
        print("pgBadger is not installed (apt install pgbadger); only ours is measured.")
    found: dict[str, list[Run]] = {name: [] for name in commands}
    if not (folder / "pyc").exists():  # the first start writes the bytecode
        measured([sys.executable, "-c", _OURS.partition("reading = ")[0]], folder)
    answers = []
    for name, command in [pair for pair in commands.items() for _ in range(runs)]:
        found[name].append(measured(command, folder))
        answers += [answer.read_text()] if name.startswith("ours") else []
    size = path.stat().st_size
    print(f"\n{carrier}: {size / 1e6:.0f} MB, best of {runs}")
    best = {name: report(name, made, size) for name, made in found.items()}
    bars.see(carrier, best, size)
    for count in (1, 2):
        if other := best.get(f"pgBadger -j {count}"):
            ours = best[f"ours {count}"]
            ratios = other.wall / ours.wall, other.cpu / ours.cpu, other.rss_mb / ours.rss_mb
            print(f"ratio {count:<7} wall {ratios[0]:.1f}  CPU {ratios[1]:.1f}  memory {ratios[2]:.2f}")
    last = json.loads(answers[-1])
    equal = compare(last["totals"], truth(plain), of_pgbadger(theirs) if theirs.exists() else {})
    parts = [last[name] for name in ("records_lines", "rejected", "blank")]
    print("lines {:,} = records {:,} + rejected {:,} + blank {:,}".format(last["lines"], *parts))
    same = len(set(answers)) == 1
    print("one process and two: " + ("the same" if same else "DIFFERENT"))
    return equal and same and sum(parts) == last["lines"]


if __name__ == "__main__":
    sys.exit(main())
