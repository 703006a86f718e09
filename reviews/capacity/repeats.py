"""What trying again adds to each queue: tries for a job now and in an outage, and jobs lost all the same.

Tries for each job = 1 + p + p^2 ... + p^r, where the share of tries that fail (p) and the tries allowed (r + 1) are
known.
"""

from typing import Any

from reviews.capacity.formulas import retries
from reviews.capacity.inputs import Input, Inputs, worst

Machine = dict[str, Any]
TRIED = ("tries_failed_share", "tries")
MOST = 1e6  # tries that make sense: without an end each one more adds nothing long before


def tried_keys(inputs: Inputs, name: str) -> tuple[str, ...]:
    """Keys of what tells how often a job of this queue is tried; none unless both are known and make sense."""
    keys = tuple(f"queue.{name}.{part}" for part in TRIED)
    failing, allowed = (inputs.get(key) for key in keys)
    if failing is None or allowed is None:
        return ()
    return keys if failing.low >= 0 and failing.high <= 1 and allowed.low >= 1 and allowed.high <= MOST else ()


def tries_of(*tried: float) -> float:
    """Tries of each job on average: from the values of `tried_keys`; 1 where there are none, at the least."""
    if not tried:
        return 1.0
    failing, allowed = tried
    return retries.attempts(failing, round(allowed) - 1)


def repeats_of(inputs: Inputs) -> list[Machine]:
    """A row for each queue of which both are known, the most tries first.

    `tries` for each job on average, `in_outage` when every try fails, `per_s` tries a second (None: arrivals are not
    known), `lost` the share of jobs that fail every time.
    """
    names = dict.fromkeys(entry.key.removeprefix("queue.").rpartition(".")[0] for entry in inputs.below("queue"))
    rows = [row for name in names if (row := _row(inputs, name)) is not None]
    return sorted(rows, key=lambda row: (-row["tries"], row["queue"]))


def _row(inputs: Inputs, name: str) -> Machine | None:
    failing, allowed, arrives = (
        inputs.get(f"queue.{name}.{key}") for key in ("tries_failed_share", "tries", "in_per_s")
    )
    if failing is None or allowed is None or allowed.value < 1 or not 0 < failing.value <= 1:
        return None
    share, again = failing.value, round(allowed.value) - 1
    used: list[Input] = [entry for entry in (failing, allowed, arrives) if entry is not None]
    return {
        "queue": name,
        "failing": share,
        "allowed": again + 1,
        "tries": retries.attempts(share, again),
        "in_outage": retries.attempts(1.0, again),
        "per_s": retries.attempts_per_second(arrives.value, share, again) if arrives else None,
        "lost": retries.gives_up(share, again),
        "grade": worst(entry.grade for entry in used).word,
        "formula": "1 + p + p² … + p^r, tries that fail independently of each other",
        "uses": [entry.key for entry in used],
    }
