"""What the model knows of queues and lists beyond their pictures, a sentence each: weight, tries, deep pages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from reviews.report import words
from reviews.report.cells import one
from reviews.report.figures import digits, percent
from reviews.report.pictures.wait import seconds

Row = Mapping[str, Any]
MOST = 8
TRIED_OFTEN = 1.01  # below that nobody feels it


def said_of(capacity: Row) -> list[str]:
    """At most eight sentences; none where nothing is known."""
    found = [*_backlogs(capacity), *_repeats(capacity), *_pages(capacity)]
    return found[:MOST]


def _backlogs(capacity: Row) -> Iterator[str]:
    for row in words.rows(capacity.get("backlogs")):
        name, slots = words.text(row.get("queue"), 60), words.number(row.get("slots_for_a_day"))
        if words.number(row.get("grows_per_s")) and slots:
            yield f"{name}: {digits(round(slots))} jobs side by side would work off what waits within a day."
        hourly, full = (words.mapping(row.get(key)) for key in ("bytes_per_hour", "full_in_s"))
        if hourly:
            until = f" and fills Redis in {_between(full, seconds)}" if full else ""
            yield f"{name}: what waits grows by {_between(hourly, _bytes)} an hour{until}."


def _repeats(capacity: Row) -> Iterator[str]:
    for row in words.rows(capacity.get("repeats")):
        tries, failing, outage = (words.number(row.get(key)) for key in ("tries", "failing", "in_outage"))
        if tries and failing and outage and tries >= TRIED_OFTEN:
            yield (
                f"{words.text(row.get('queue'), 60)}: each job is tried {_three(tries)} times on average, since "
                f"{percent(failing)} of tries fail; in an outage {digits(round(outage))} times."
            )


def _pages(capacity: Row) -> Iterator[str]:
    for row in words.rows(capacity.get("paging")):
        known = {key: words.number(row.get(key)) for key in ("page", "page_rows", "rows_for_it", "rows_up_to_it")}
        page, size, alone, whole = known.values()
        by_key = words.number(row.get("rows_by_key"))
        if page and size and alone and whole and by_key:
            name, which = words.text(row.get("table"), 60), words.text(row.get("which"), 60)
            yield (
                f"{name}: to show page {digits(round(page))}, {which}, OFFSET reads {_three(alone)} rows; all pages up "
                f"to it one after the other {_three(whole)}, by key {_three(by_key)}."
            )


def _between(ends: Row, said: Any) -> str:
    texts = [said(value) for key in ("low", "high") if (value := words.number(ends.get(key))) is not None]
    return " to ".join(dict.fromkeys(texts))


def _bytes(value: float) -> str:
    return str(one(value, "bytes"))


def _three(value: float) -> str:
    return digits(float(f"{value:.3g}"))
