"""Score the product's reviews of lab runs against the truth.

    python tests/lab/score.py DIR [--shape csv] [--verbose]

Counts, by shape of the export: recall (a true fault is found at Medium or above), top-1 (of a run: what stands first is
a true fault) and top-3 (of each true fault), precision (of what is Medium or above: a true fault or one of its
symptoms), recall-gated precision (where recall is 1, else 0), High on controls, grounding (quotes that stand in their
file at their line), and of what was missed how much the review says it could not tell.
Shares come with 95 % Wilson intervals.
"""

import argparse
import gzip
import json
import math
import os
import sys
from collections import defaultdict
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "reviews.settings")

import django  # noqa: E402

django.setup()

from reviews.assessment import assess  # noqa: E402
from reviews.exports import read_exports  # noqa: E402
from reviews.intake import parse_intake  # noqa: E402
from reviews.report.compose import compose_assessment  # noqa: E402
from telemetry.mechanisms import MECHANISMS  # noqa: E402

SHOWN = ("high", "medium")
Review = dict[str, Any]


def wilson(part: int, whole: int) -> str:
    """A share with its 95 % interval."""
    if not whole:
        return "–"
    z, share = 1.96, part / whole
    middle = share + z * z / (2 * whole)
    spread = z * math.sqrt(share * (1 - share) / whole + z * z / (4 * whole * whole))
    low, high = (middle - spread) / (1 + z * z / whole), (middle + spread) / (1 + z * z / whole)
    return f"{share:.2f} [{low:.2f}, {high:.2f}] of {whole}"


def review(exports: Path, intake: Path) -> Review:
    """What the product says about a folder of exports."""
    known = parse_intake(intake.read_text())
    return compose_assessment(known, assess(known, read_exports([exports], tell=lambda _: None)))


def matches(finding: Review, truth: Review) -> bool:
    """Whether a finding names the true mechanism about the true subject."""
    named = finding["subject"]["name"].lower()
    tables = " ".join(str(value) for value in finding.get("reach", {}).values()).lower()
    right = truth["mechanism"] == finding["mechanism"] or finding["mechanism"] in truth.get("or", [])
    subject = truth["subject"].lower()
    said = f"{named} {tables} {finding['title'].lower()} {finding.get('said', '').lower()}"
    named = not subject or any(one in said for one in subject.split("|"))
    return right and (named or truth["mechanism"] != finding["mechanism"])


def ungrounded(found: Review, exports: Path) -> int:
    """Quotes that do not stand in their file at their line (a part hidden by redaction is passed over)."""
    texts: dict[str, list[str]] = {}
    bad = 0
    for finding in found["findings"]:
        for piece in finding["evidence"]:
            path = exports / piece["file"]
            if piece["file"] not in texts:
                raw = path.read_bytes()
                texts[piece["file"]] = (
                    (gzip.decompress(raw) if path.suffix == ".gz" else raw).decode("utf-8", "replace").split("\n")
                )
            line = texts[piece["file"]][piece["line"] - 1]
            first = piece["quote"].split("[redacted]")[0].split(".x")[0][:60]
            bad += first not in line
    return bad


def judge(run: Path, shape: str) -> Review:
    """One run in one shape: what was found, missed and wrongly said."""
    truth = json.loads((run / "truth.json").read_text())
    found = review(run / shape, run / "intake.toml")
    shown = [finding for finding in found["findings"] if finding["severity"] in SHOWN]
    true = truth["truth"] if truth["felt"] else []
    ranks = [
        next((place for place, finding in enumerate(found["findings"], 1) if matches(finding, one)), 0) for one in true
    ]
    hit = [any(matches(finding, one) for finding in shown) for one in true]
    allowed = set(truth["symptoms"])
    explained = [
        finding
        for finding in shown
        if finding["mechanism"] in allowed or any(matches(finding, one) for one in truth["truth"])
    ]
    wrong = [finding for finding in shown if finding not in explained]
    untold = {row["mechanism"] for row in found["not_assessed"]}
    missed = [one for one, is_hit in zip(true, hit, strict=True) if not is_hit]
    return {
        "run": run.name, "family": truth["family"], "felt": truth["felt"], "true": true, "ranks": ranks, "hit": hit,
        "shown": len(shown), "wrong": list(map(_told, wrong)),
        "high": sum(finding["severity"] == "high" for finding in shown),
        "broken_silence": [finding["mechanism"] for finding in shown if finding["mechanism"] in truth["stay_silent"]],
        "ungrounded": ungrounded(found, run / shape),
        "quotes": sum(len(finding["evidence"]) for finding in found["findings"]),
        "said": list(map(_told, found["findings"])), "missed": len(missed),
        "missed_and_told": sum(not untold.isdisjoint({one["mechanism"], *one.get("or", [])}) for one in missed),
    }  # fmt: skip


def _told(finding: Review) -> tuple[str, str, str]:
    return finding["severity"], finding["mechanism"], finding["subject"]["name"]


def report(shape: str, rows: list[Review], verbose: bool) -> None:
    faults = [row for row in rows if row["true"]]
    controls = [row for row in rows if row["family"] in ("healthy", "decoy")]
    hits = [hit for row in faults for hit in row["hit"]]
    ranks = [rank for row in faults for rank in row["ranks"]]
    shown = sum(row["shown"] for row in rows)
    wrong = sum(len(row["wrong"]) for row in rows)
    whole = [row for row in faults if all(row["hit"])]
    print(f"\n{shape}: {len(faults)} runs with a fault that was felt, {len(controls)} controls")
    print(f"  recall               {wilson(sum(hits), len(hits))}")
    print(f"  top-1                {wilson(sum(1 in row['ranks'] for row in faults), len(faults))}")
    print(f"  top-3                {wilson(sum(0 < rank <= 3 for rank in ranks), len(ranks))}")
    print(f"  precision            {wilson(shown - wrong, shown)}")
    gated = sum(1 - len(row["wrong"]) / max(row["shown"], 1) for row in whole) / max(len(faults), 1)
    print(f"  recall-gated         {gated:.2f}")
    missed = sum(row["missed"] for row in faults)
    print(f"  missed, and said so  {sum(row['missed_and_told'] for row in faults)} of {missed}")
    print(f"  controls with High   {sum(row['high'] > 0 for row in controls)} of {len(controls)}")
    print(f"  broken silence       {sum(bool(row['broken_silence']) for row in controls)} of {len(controls)}")
    quotes = sum(row["quotes"] for row in rows)
    print(
        f"  grounding            {1 - sum(row['ungrounded'] for row in rows) / max(quotes, 1):.4f} of {quotes} quotes"
    )
    for row in rows if verbose else []:
        if not all(row["hit"]) or row["wrong"] or any(rank > 3 for rank in row["ranks"]) or row["broken_silence"]:
            print(f"  {row['run']}: hit {row['hit']} ranks {row['ranks']} felt {row['felt']} wrong {row['wrong']}")
            if not all(row["hit"]):
                print(f"      true {row['true']}\n      said {row['said']}")
    by_area: dict[str, list[bool]] = defaultdict(list)
    for row in faults:
        for one, hit in zip(row["true"], row["hit"], strict=True):
            by_area[MECHANISMS[one["mechanism"]].area].append(hit)
    print(
        "  recall by area       " + ", ".join(f"{area} {sum(hit)}/{len(hit)}" for area, hit in sorted(by_area.items()))
    )
    by_mechanism: dict[str, list[bool]] = defaultdict(list)
    for row in faults:
        for one, hit in zip(row["true"], row["hit"], strict=True):
            by_mechanism[one["mechanism"]].append(hit)
    missed = [f"{name} {sum(found)}/{len(found)}" for name, found in sorted(by_mechanism.items()) if not all(found)]
    print(f"  missed: {', '.join(missed) or 'nothing'}")


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("runs", type=Path)
    options.add_argument(
        "--shape", action="append", help="csv, psql, poor-logs, poor-views, poor-edge; csv when none is given"
    )
    options.add_argument("--only", help="part of a run's name")
    options.add_argument("--verbose", action="store_true")
    chosen = options.parse_args()
    runs = sorted(path.parent for path in chosen.runs.glob("*/truth.json") if (chosen.only or "") in path.parent.name)
    with ProcessPoolExecutor(2) as judges:
        for shape in chosen.shape or ["csv"]:
            rows = list(judges.map(partial(judge, shape=shape), [run for run in runs if (run / shape).is_dir()]))
            report(shape, rows, chosen.verbose)
    return 0


if __name__ == "__main__":
    sys.exit(main())
