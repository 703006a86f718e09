"""Access log: ours against GoAccess on the same file in the same run, on every mix, counts against grep and awk.

    python -m tests.bench.access_log [--mb 300] [--runs 3] [--readers 2] [--mix MIX] [--file FILE]

GoAccess comes from the distribution (`apt install goaccess`); without it only ours is measured. Logs are made from a
fixed seed: combined lines, 60,000 clients that come in no order, bots, errors, bad requests. `many` has about a quarter
of a million distinct addresses, `few` some hundreds, `timed` is `many` with a request time behind each line, `json` is
`timed` as nginx writes JSON, `caddy`, `logpush` (Cloudflare) and `alb` (load balancer) as these write it.

Measured 2026-11-29 on two cores that eight other jobs shared, so CPU counts and wall does not. `many`, 300 MiB: one
reader 7.0 s and 97 MB, two readers 7.5 s and 100 MB each, GoAccess 1.7 53.9 s and 144 MB, 7.7 times ours; counts equal
to awk's. Alone on the machine, `many`, 300 MiB: one reader 4.8 s (62 MiB/s), two 2.95 s of wall (102 MiB/s), 101 MB
each, GoAccess 37 s: 7.7 and 12.6 times.
On the idle machine, 100 MiB, one reader and GoAccess: `many` 1.30 and 8.2 s, `timed` 1.57 and 7.8 s. A file
of 1,000 MiB (`timed`, ten days) takes 102 MB. JSON, 60 MiB, CPU in the same minute on a machine in use: line by line
10.0 s, typed 3.5 s, while `many` of the same size took 3.1 s.
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
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
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
_MANY = re.compile(r"(\"GET )/(?:books|blog|search|_next|api/orders)[^ ]* HTTP")
_PARTS = re.compile(r'(\S+) - - \[([^\]]+)\] "([^"]*)" (\d+) (\S+) "([^"]*)" "([^"]*)" (\S+)')
_PRESETS = {"caddy": "CADDY", "alb": "AWSALB"}
_FORMATS = {
    "timed": '%h %^[%d:%t %^] "%r" %s %b "%R" "%u" %T',
    "json": '{"time_local":"%d:%t %^","remote_addr":"%h","request_method":"%m","request_uri":"%U","status":"%s",'
    '"body_bytes_sent":"%b","request_time":"%T","http_referer":"%R","http_user_agent":"%u"}',
}
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


def write_log(path: Path, size: int, mix: str = "many", seed: int = 20) -> None:
    """Write a log of about `size` bytes."""
    written = 0
    rng = random.Random(seed)
    with path.open("w", encoding="ascii") as out:
        for line in log_lines(seed):
            written += out.write(line_of(mix, line, rng))
            if written >= size:
                return


def line_of(mix: str, line: str, rng: random.Random) -> str:
    """A combined line as its mix has it."""
    if mix == "few":
        page = min(int(rng.paretovariate(0.6)), 400)
        return _MANY.sub(
            lambda found: f"{found[1]}/page/{'abcdefghij'[page % 10]}{page // 10}" + " HTTP", line, count=1
        )
    if mix == "many":
        return line
    line = f"{line[:-1]} {rng.paretovariate(1.1) / 100:.3f}\n"
    return line if mix == "timed" else _FORMS[mix](*_PARTS.match(line).groups())  # type: ignore[union-attr]


def _json_line(
    client: str, clock: str, request: str, status: str, size: str, referer: str, agent: str, seconds: str
) -> str:
    method, _, path = request.partition(" ")
    content = {"time_local": clock, "remote_addr": client, "request_method": method, "request_uri": path.split(" ")[0]}
    content |= {"status": int(status), "body_bytes_sent": int(size.replace("-", "0")), "request_time": float(seconds)}
    content |= {"http_referer": referer, "http_user_agent": agent}
    return json.dumps(content, separators=(",", ":")) + "\n"


def _caddy_line(
    client: str, clock: str, request: str, status: str, size: str, referer: str, agent: str, seconds: str
) -> str:
    method, path, _ = _words(request)
    headers = {"User-Agent": [agent], "Referer": [referer], "Accept": ["*/*"], "Cookie": ["REDACTED"]}
    asked: dict[str, object] = {"remote_ip": client, "remote_port": "40320", "client_ip": client, "proto": "HTTP/2.0"}
    asked |= {"method": method, "host": "www.harborbooks.example", "uri": path, "headers": headers}
    content: dict[str, object] = {"level": "info", "ts": _moment(clock).timestamp() + float(seconds) % 1}
    content |= {"logger": "http.log.access.log0", "msg": "handled request", "request": asked, "bytes_read": 0}
    content |= {"user_id": "", "duration": float(seconds) + 1e-7, "size": _size(size), "status": int(status)}
    return json.dumps(content | {"resp_headers": {"Server": ["Caddy"]}}, separators=(",", ":")) + "\n"


def _logpush_line(
    client: str, clock: str, request: str, status: str, size: str, referer: str, agent: str, seconds: str
) -> str:
    method, path, _ = _words(request)
    at = f"{_moment(clock):%Y-%m-%dT%H:%M:%SZ}"
    content: dict[str, object] = {"ClientIP": client, "ClientRequestHost": "www.harborbooks.example"}
    content |= {"ClientRequestMethod": method, "ClientRequestURI": path, "ClientRequestUserAgent": agent}
    content |= {"ClientRequestReferer": referer, "EdgeStartTimestamp": at, "EdgeEndTimestamp": at}
    content |= {"EdgeResponseBytes": _size(size), "EdgeResponseStatus": int(status), "CacheCacheStatus": "miss"}
    content |= {"OriginResponseDurationMs": round(float(seconds) * 1000), "RayID": "3a6050bcbe121a87"}
    return json.dumps(content, separators=(",", ":")) + "\n"


def _alb_line(
    client: str, clock: str, request: str, status: str, size: str, referer: str, agent: str, seconds: str
) -> str:
    method, path, form = _words(request)
    at = f"{_moment(clock):%Y-%m-%dT%H:%M:%S}.018364Z"
    target = f'"{method} https://www.harborbooks.example:443{path} {form}" "{agent}"'
    return (
        f"https {at} app/shop/50dc6c495c0c9188 {client}:40320 10.0.0.1:80 0.000 {seconds} 0.000 {status} {status} 34 "
        f"{_size(size)} {target} ECDHE-RSA-AES128-GCM-SHA256 TLSv1.2 arn:aws:elasticloadbalancing:eu-central-1:"
        f'1234:targetgroup/shop/73e2d6bc24d8a067 "Root=1-58337262-36d228ad5d99923122bbe354" '
        f'"www.harborbooks.example" "arn:aws:acm:eu-central-1:1234:certificate/1" 0 {at} "forward" "-" "-" '
        f'"10.0.0.1:80" "{status}" "-" "-"\n'
    )


def _words(request: str) -> list[str]:
    """Method, path and form; what is no HTTP never comes behind a proxy, so a path is asked for instead."""
    words = request.split(" ")
    return words if len(words) == 3 else ["GET", "/favicon.ico", "HTTP/1.1"]


def _size(size: str) -> int:
    return 0 if size == "-" else int(size)


@cache
def _moment(clock: str) -> datetime:
    return datetime.strptime(clock, "%d/%b/%Y:%H:%M:%S %z")


_FORMS = {"json": _json_line, "caddy": _caddy_line, "logpush": _logpush_line, "alb": _alb_line}
_MIXES = ["many", "few", "timed", *_FORMS]
# In JSON the keys behind which the status and the size stand.
_KEYS = {
    "json": ('"status":', '"body_bytes_sent":'),
    "caddy": ('"status":', '"size":'),
    "logpush": ('"EdgeResponseStatus":', '"EdgeResponseBytes":'),
}


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


def truth(path: Path, mix: str) -> dict[str, int]:
    """What awk counts: lines, statuses by class, bytes; the fields behind the quoted request, or the keys of JSON."""
    program = '{ n++; split($3, f, " "); s[substr(f[1], 1, 1)]++; if (f[2] != "-") b += f[2] } END { '
    if mix in _KEYS:
        status, size = _KEYS[mix]
        program = (
            f"{{ n++; match($0, /{status}[0-9]/); s[substr($0, RSTART + {len(status)}, 1)]++; "
            f"match($0, /{size}[0-9]+/); b += substr($0, RSTART + {len(size)}, RLENGTH - {len(size)}) }} END {{ "
        )
    elif mix == "alb":
        program = '{ n++; split($1, f, " "); s[substr(f[9], 1, 1)]++; b += f[12] } END { '
    program += 'printf "%d %d %d %d %d %d %.0f\\n", n, s[1], s[2], s[3], s[4], s[5], b }'
    counted = subprocess.run(["awk", '-F"', program, str(path)], capture_output=True, text=True, check=True)
    numbers = [int(field) for field in counted.stdout.split()]
    names = ["requests", *(f"status_{digit}xx" for digit in "12345"), "bytes"]
    return dict(zip(names, numbers, strict=True))


def report(name: str, runs: list[Run], size: int) -> Run:
    """Print the best wall, CPU and memory of a program (others share the machine) and return them.

    CPU counts all its processes; memory is the largest of them, so two readers may take twice as much.
    """
    best = Run(min(run.wall for run in runs), min(run.cpu for run in runs), max(run.rss_mb for run in runs))
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
    """Build (or take) the logs, run both in turn, print figures and counts."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--mb", type=int, default=300)
    arguments.add_argument("--runs", type=int, default=3)
    arguments.add_argument("--readers", type=int, default=2)
    arguments.add_argument("--mix", choices=[*_MIXES, "all"], default="all")
    arguments.add_argument("--file", type=Path)
    given = arguments.parse_args()
    mixes = _MIXES if given.mix == "all" and not given.file else [given.mix]
    wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        for mix in mixes:
            path = given.file or Path(folder) / f"{mix}.log"
            if not given.file:
                write_log(path, given.mb * MIB, mix)
            wrong += _race(path, Path(folder), given.runs, given.readers, mix)
            if not given.file:
                path.unlink()
    return int(wrong > 0)


def _race(path: Path, folder: Path, runs: int, readers: int, mix: str) -> int:
    size = path.stat().st_size
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "LC_ALL": "C.UTF-8"}
    result = folder / "ours.json"
    commands = {
        f"ours, {n}": [sys.executable, "-c", OURS, str(path), str(result), str(n)] for n in sorted({1, readers})
    }
    their_file = folder / "goaccess.json"
    theirs = ["goaccess", str(path), "-o", str(their_file), "--no-global-config", "--no-progress"]
    theirs += [f"--log-format={_PRESETS.get(mix, 'COMBINED')}"]
    if mix in _FORMATS:
        theirs[-1:] = [f"--log-format={_FORMATS[mix]}", "--date-format=%d/%b/%Y", "--time-format=%T"]
    if shutil.which("goaccess") and mix != "logpush":  # it has no preset for it
        commands["GoAccess"] = theirs
    found: dict[str, list[Run]] = {name: [] for name in commands}
    for _ in range(runs):
        for name, command in commands.items():
            found[name].append(measured(command, environment))
    print(f"\n{path.name}: {size / MIB:.0f} MiB, best of {runs}")
    best = {name: report(name, some, size) for name, some in found.items()}
    if "GoAccess" not in best:
        print("GoAccess is not installed (apt install goaccess) or does not know the form; only ours was measured.")
    for name, mine in best.items():
        if "GoAccess" in best and name != "GoAccess":
            other = best["GoAccess"]
            print(f"ratio {name:<8} wall {other.wall / mine.wall:5.1f}  CPU {other.cpu / mine.cpu:5.1f}")
    ours = json.loads(result.read_text())
    equal = compare(ours, json.loads(their_file.read_text()) if their_file.exists() else None, truth(path, mix))
    their_file.unlink(missing_ok=True)
    parts = [ours[name] for name in ("records", "rejected", "blank")]
    print("lines {:,} = records {:,} + rejected {:,} + blank {:,}".format(ours["lines"], *parts))
    return 0 if equal and sum(parts) == ours["lines"] else 1


if __name__ == "__main__":
    sys.exit(main())
