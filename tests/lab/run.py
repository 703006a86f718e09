"""Run scenarios of the lab: real servers, open-loop load, a fault, and what a client would export.

    python tests/lab/run.py --out DIR [--seed 1] [--seconds 60] [--scenario missing_index]... [--pack]

Each scenario runs beside its control (the same seed without the turned knobs; one control serves a seed). In DIR stand
`<seed>-<scenario>/<shape>/` with the exports, `felt.json` with what users felt, and `truth.json`: a fault counts only
when users felt it. Needs Debian's postgresql and postgresql-contrib; takes --seconds plus about 15 s for each.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

import exports  # noqa: E402
from names import Names, draw  # noqa: E402
from servers import forget_start, running  # noqa: E402
from world import World, knobs_of  # noqa: E402

CONTROL = "healthy"


@dataclass(frozen=True, slots=True)
class Scenario:
    """One file of `scenarios/`: which knobs are turned and what is then true.

    `truth`: mechanism, subject (a format string over names), and `or`, other mechanisms that say the same.
    `felt`: role of a route and how many times slower (`slower`), or which share fails (`failed`), to count as felt.
    `symptoms`: mechanisms that follow from the fault and are no false alarm.
    """

    name: str
    family: str  # fault | compound | decoy | healthy
    knobs: dict[str, Any] = field(default_factory=dict)
    truth: list[dict[str, Any]] = field(default_factory=list)
    felt: dict[str, Any] = field(default_factory=dict)
    symptoms: list[str] = field(default_factory=list)
    stay_silent: list[str] = field(default_factory=list)  # mechanisms that a decoy must not raise


def scenarios() -> dict[str, Scenario]:
    """All of them by name."""
    found = {}
    for path in sorted((HERE / "scenarios").glob("*.toml")):
        found[path.stem] = Scenario(path.stem, **tomllib.loads(path.read_text()))
    return found


def rendered(text: str, names: Names) -> str:
    """A subject with the names of a seed: {child} is a table, {parent_id} a column, {list} a route."""
    words = {
        role: names.table(role) for role in ("parent", "child", "line", "item", "small", "counter", "pay", "event")
    }
    words |= {f"{role}_id": names.key(role) for role in ("parent", "child", "item")}
    words |= {f"route_{role}": route for role, route in names.routes().items()}
    words |= {role: getattr(names, role) for role in ("mail", "hook", "cache", "session", "report", "feed", "partner")}
    return text.format(**words)


def capture(seed: int, knobs: dict[str, Any], out: Path, seconds: float) -> dict[str, Any]:
    """Run one world and write its exports; returns what users felt."""
    with tempfile.TemporaryDirectory(prefix="lab-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o777)
        world = World(seed, draw(seed), knobs_of(knobs), folder, seconds)
        with running(world) as (world, database):
            forget_start(world, database)
            middle = threading.Timer(seconds * 0.6, exports.take_activity, (database, Path(folder)))
            middle.start()
            subprocess.run([sys.executable, str(HERE / "load.py"), f"{folder}/world.json"], check=True)
            middle.join()
            if out.exists():
                shutil.rmtree(out)
            exports.write_all(world, database, out)
        felt: dict[str, Any] = json.loads((Path(folder) / "felt.json").read_text())
    (out / "felt.json").write_text(json.dumps(felt, indent=1))
    return felt


def was_felt(wanted: dict[str, Any], felt: dict[str, Any], control: dict[str, Any]) -> bool:
    """Whether users noticed: the named route is so many times slower, or fails so often, against the control."""
    role = wanted.get("role", "")
    if role not in felt:
        return bool(wanted.get("always"))
    slower = felt[role]["p95"] / max(control.get(role, {}).get("p95", 1e-3), 1e-3)
    return bool(
        ("slower" in wanted and slower >= wanted["slower"])
        or ("failed" in wanted and felt[role]["failed"] >= wanted["failed"])
        or wanted.get("always")
    )


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--out", type=Path, required=True)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--seconds", type=float, default=60)
    options.add_argument("--scenario", action="append", help="by name; all when none is given")
    options.add_argument("--pack", action="store_true", help="compress large exports")
    chosen = options.parse_args()
    known = scenarios()
    wanted = [known[name] for name in chosen.scenario] if chosen.scenario else list(known.values())
    names = draw(chosen.seed)
    control_out = chosen.out / f"{chosen.seed}-{CONTROL}"
    if (control_out / "felt.json").exists():
        control = json.loads((control_out / "felt.json").read_text())
    else:
        control = capture(chosen.seed, {}, control_out, chosen.seconds)
        _write_truth(control_out, known[CONTROL], names, chosen.seed, True)
        print(f"{CONTROL}: {sum(row['requests'] for row in control.values()):.0f} requests", flush=True)
    for scenario in wanted:
        if scenario.name == CONTROL:
            continue
        out, began = chosen.out / f"{chosen.seed}-{scenario.name}", time.monotonic()
        try:
            felt = capture(chosen.seed, scenario.knobs, out, chosen.seconds)
        except (RuntimeError, subprocess.CalledProcessError) as problem:
            print(f"{scenario.name}: NOT RUN: {problem}", flush=True)
            continue
        noticed = was_felt(scenario.felt, felt, control) if scenario.truth else True
        _write_truth(out, scenario, names, chosen.seed, noticed)
        role = scenario.felt.get("role", "buy")
        told = f"{role} p95 {felt.get(role, {}).get('p95', 0)} s against {control.get(role, {}).get('p95', 0)} s"
        print(
            f"{scenario.name}: {'felt' if noticed else 'NOT FELT'}, {told}, {time.monotonic() - began:.0f} s",
            flush=True,
        )
        if chosen.pack:
            exports.pack(out)
    return 0


def _write_truth(out: Path, scenario: Scenario, names: Names, seed: int, felt: bool) -> None:
    truth = [row | {"subject": rendered(row["subject"], names)} for row in scenario.truth]
    (out / "truth.json").write_text(
        json.dumps(
            {"scenario": scenario.name, "family": scenario.family, "seed": seed, "felt": felt, "truth": truth,
             "symptoms": scenario.symptoms, "stay_silent": scenario.stay_silent},
            indent=1,
        )
    )  # fmt: skip
    flows = "".join(
        f'\n[[flow]]\nname = "{name}"\nrevenue_share = {revenue}\nuser_share = {users}\n'
        f"routes = {json.dumps([names.routes()[role] for role in roles])}\n"
        f"tables = {json.dumps([names.table(table) for table in tables])}\nqueues = {json.dumps(queues)}\n"
        for name, revenue, users, roles, tables, queues in (
            (
                "buying",
                0.6,
                0.3,
                ("buy", "detail", "hook", "cancel", "partner"),
                ("child", "pay", "counter"),
                [names.mail, names.hook],
            ),
            ("looking", 0.3, 0.9, ("item", "items", "list", "feed", "small"), ("item", "child", "small"), []),
            ("back office", 0.1, 0.02, ("pages", "report"), ("line",), []),
        )
    )
    (out / "intake.toml").write_text(
        '[engagement]\nclient = "Lab"\ntitle = "Lab run"\nstack = ["postgres", "redis", "vercel"]\n'
        f"current_mau = 50000\ntarget_mau = 200000\nengineers = 3\n{flows}"
    )


if __name__ == "__main__":
    sys.exit(main())
