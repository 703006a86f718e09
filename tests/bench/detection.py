"""Recognising a file, and reading a small one: every case of every parser, and heads of 64 KB.

    python -m tests.bench.detection [--runs 5] [--slowest 12]

The bars: any file is recognised in under 5 ms by all parsers together, any small artefact is recognised and read in
under 50 ms. CPU time, best of the runs. A head of 64 KB is a sample repeated until it fills one, which is the most that
a sniffer is given; a damaged one has its first line cut in two, so that nobody recognises it at once.

Measured 29 November 2026, 2,181 heads. Alone on the machine, before these sniffers: mean 2.05, p90 3.41, p99 4.82 and
worst 5.57 ms, 13 over 5. Those and these by turns in the same minute on two shared cores, best of two, heads of 64
KB: mean 2.91 and 2.12, p90 3.60 and 2.63, p99 5.27 and 3.30, worst 6.00 and 4.13. Alone
again, 2,202 heads: mean 1.50, p90 2.48, p99 3.28, worst 3.94 ms, none over 5.
"""

import argparse
import sys
import time
from collections import Counter
from collections.abc import Callable

from telemetry.evidence import ParseError
from telemetry.parsers import PARSERS
from telemetry.reading import read_opened
from telemetry.source import HEAD_BYTES, Head
from tests.telemetry.cases import Case, all_cases

DETECTION_MS, READING_MS = 5.0, 50.0


def best_ms(run: Callable[[], object], runs: int) -> float:
    """CPU milliseconds of the fastest run."""
    found: list[float] = []
    for _ in range(runs):
        start = time.process_time()
        run()
        found.append(time.process_time() - start)
    return min(found) * 1000


def heads_of(case: Case) -> dict[str, Head]:
    """The head of a case as it is, repeated to 64 KB, and that damaged."""
    try:
        text = case.opened().head().text
    except ParseError:
        return {}
    if not text:
        return {}
    full = (text * (HEAD_BYTES // max(1, len(text)) + 1))[:HEAD_BYTES]
    texts = {"": text, " x64KB": full, " damaged": full[len(full.split("\n", 1)[0]) // 2 :]}
    return {str(case) + kind: Head("f", text, complete=kind == "") for kind, text in texts.items()}


def sniffed(head: Head, by_parser: Counter[str], worst: dict[str, tuple[float, str]], name: str) -> float:
    """Milliseconds of all sniffers on one head that none of them saw before; each parser's own is kept."""
    fresh = Head(head.name, head.text, head.complete)
    total = 0.0
    for parser in PARSERS:
        start = time.process_time()
        parser.sniff(fresh)
        spent = (time.process_time() - start) * 1000
        total += spent
        by_parser[parser.id] += spent  # type: ignore[assignment]
        if spent > worst.get(parser.id, (0.0, ""))[0]:
            worst[parser.id] = spent, name
    return total


def main() -> int:
    """Print the slowest heads, sniffers and readings."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--runs", type=int, default=5)
    arguments.add_argument("--slowest", type=int, default=12)
    given = arguments.parse_args()
    cases = list(all_cases())
    heads = {name: head for case in cases for name, head in heads_of(case).items()}
    by_parser: Counter[str] = Counter()
    worst: dict[str, tuple[float, str]] = {}
    detection: dict[str, float] = {}
    for name, head in heads.items():
        runs: list[tuple[float, dict[str, tuple[float, str]]]] = []
        for _ in range(given.runs):
            own: dict[str, tuple[float, str]] = {}
            runs.append((sniffed(head, by_parser, own, name), own))
        detection[name], own = min(runs, key=lambda run: run[0])
        for parser, spent in own.items():
            worst[parser] = max(worst.get(parser, spent), spent)
    small = {str(case): case for case in cases if case.path.stat().st_size < HEAD_BYTES}
    reading = {name: best_ms(lambda case=case: read_opened(case.opened()), given.runs) for name, case in small.items()}
    _print(f"Detection by {len(PARSERS)} parsers of {len(heads)} heads", detection, given.slowest, DETECTION_MS)
    print("\nSlowest head of each parser")
    for parser, (spent, name) in sorted(worst.items(), key=lambda pair: -pair[1][0])[: given.slowest]:
        print(f"{spent:8.2f} ms  {parser:<24} {name}")
    _print(f"Recognising and reading {len(small)} small artefacts", reading, given.slowest, READING_MS)
    return 0 if max(detection.values()) < DETECTION_MS and max(reading.values()) < READING_MS else 1


def _print(title: str, spent: dict[str, float], slowest: int, bar: float) -> None:
    over = sum(value >= bar for value in spent.values())
    print(f"\n{title}: {sum(spent.values()) / len(spent):.2f} ms on average, {over} over {bar:.0f} ms")
    ranked = sorted(spent.values())
    shares = ", ".join(f"p{share} {ranked[len(ranked) * share // 100]:.2f}" for share in (50, 90, 99))
    print(f"{shares}, worst {ranked[-1]:.2f} ms")
    for name, value in sorted(spent.items(), key=lambda pair: -pair[1])[:slowest]:
        print(f"{value:8.2f} ms  {name}")


if __name__ == "__main__":
    sys.exit(main())
