"""The panel "Try a burst" of the capacity page: what may be tried, prefilled from evidence, and what came out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django import forms

from reviews.capacity.burst import (
    BURST,
    CALLS,
    EXPONENTIAL,
    HEAVY,
    HERD,
    MOST_SLOTS,
    RUNS,
    SAME,
    STEADY,
    Burst,
    Shown,
    growing,
    slots_without_wait,
    tried,
)
from reviews.capacity.formulas.sane import OutOfRange
from reviews.capacity.stations import Known, lacking, stations_of
from reviews.report.figures import digits, plural
from reviews.report.pictures.shapes import Table
from reviews.report.pictures.wait import seconds

SHAPES = (
    (STEADY, "Steady, at this rate"),
    (HERD, "All at once (cron job)"),
    (BURST, "A burst within seconds"),
)
SPREADS = (
    (EXPONENTIAL, "Short, sometimes long"),
    (SAME, "Always the same"),
    (HEAVY, "A few take very long"),
)


class BurstForm(forms.Form):
    """What is tried; shares as per cent, times in seconds."""

    station = forms.CharField(max_length=300, widget=forms.HiddenInput)
    shape = forms.ChoiceField(choices=SHAPES, label="Shape")
    spread = forms.ChoiceField(choices=SPREADS, label="How long each takes", required=False)
    rate = forms.FloatField(label="Calls a second", min_value=0, max_value=1e6, help_text="Beside a burst they go on.")
    count = forms.IntegerField(
        label="Calls at once", min_value=1, max_value=100_000, required=False, help_text="Of a herd or a burst."
    )
    within = forms.FloatField(
        label="Within, seconds", min_value=0, max_value=86_400, required=False, help_text="Of a burst."
    )
    patience = forms.FloatField(
        label="Gives up after, seconds", min_value=0, max_value=86_400, required=False, help_text="Empty: never."
    )
    room = forms.IntegerField(
        label="Refused when so many wait", min_value=0, max_value=100_000, required=False, help_text="Empty: never."
    )
    again = forms.IntegerField(
        label="Tried again, times", min_value=0, max_value=20, help_text="After 1 s, then 2 s, 4 s …"
    )
    failing = forms.FloatField(label="Tries that fail, %", min_value=0, max_value=100)
    first = forms.FloatField(
        label="Served first, %", min_value=0, max_value=100, help_text="Share of calls with priority."
    )

    def clean(self) -> dict[str, Any]:
        """Also puts `burst` among the values."""
        values = super().clean() or {}
        if not self.errors:
            try:
                values["burst"] = _burst(values)
            except OutOfRange as problem:
                self.add_error(None, f"{str(problem)[:1].upper()}{str(problem)[1:]}.")
        return values


def _burst(values: Mapping[str, Any]) -> Burst:
    return Burst(
        values["shape"],
        values["rate"],
        values["count"] or 0,
        values["within"] or 0.0,
        values["patience"],
        values["again"],
        failing=values["failing"] / 100,
        first=values["first"] / 100,
        room=values["room"],
        spread=values["spread"] or EXPONENTIAL,
    )


@dataclass(frozen=True, slots=True)
class Panel:
    """What the template shows; without a station only `needs`."""

    stations: Sequence[Known]
    needs: Sequence[str]
    chosen: Known | None = None
    about: str = ""
    form: BurstForm | None = None
    table: Table | None = None
    notes: Sequence[str] = field(default_factory=list)


def panel_of(capacity: Mapping[str, Any], given: Mapping[str, Any]) -> Panel:
    """The panel for what was typed (`given`, a GET); it simulates only when numbers were sent with the station."""
    stations = [station for station in stations_of(capacity) if station.servers <= MOST_SLOTS]
    needs = lacking(capacity)
    if not stations:
        return Panel(stations, needs)
    chosen = next((station for station in stations if station.id == given.get("station")), stations[0])
    if "shape" not in given:
        return Panel(stations, needs, chosen, _about(chosen), BurstForm(initial=_prefilled(chosen)))
    form = BurstForm(given)
    if not form.is_valid():
        return Panel(stations, needs, chosen, _about(chosen), form)
    try:
        rows = tried(chosen.servers, chosen.hold, form.cleaned_data["burst"])
    except OutOfRange as refused:
        form.add_error(None, str(refused))
        return Panel(stations, needs, chosen, _about(chosen), form)
    return Panel(
        stations, needs, chosen, _about(chosen), form, _table(rows), _notes(chosen, form.cleaned_data["burst"])
    )


def _prefilled(station: Known) -> dict[str, Any]:
    """From evidence where it knows, else nothing that changes the result."""
    rate = station.mean if station.at_once else station.peak or station.mean
    return {
        "station": station.id,
        "shape": HERD if station.at_once else STEADY,
        "rate": None if rate is None else float(f"{rate:.4g}"),
        "count": round(station.at_once) if station.at_once else None,
        "again": station.tries - 1 if station.tries else 0,
        "failing": float(f"{station.failing * 100:.3g}") if station.failing is not None else 0,
        "first": 0,
    }


def _about(station: Known) -> str:
    """Slots and hold time in words, and how much fits into a cycle."""
    words = f"{plural(station.servers, 'slot')}, each held for {seconds(station.hold)} ({station.grade})."
    if station.fits is not None and station.cycle is not None:
        words += f" A cycle of {seconds(station.cycle)} holds {_three(station.fits)} jobs at most."
    return words


def _table(rows: Sequence[Shown]) -> Table:
    lines = [
        (
            row.title,
            _said(row.found.value, row.unit),
            f"{_said(row.found.low, row.unit)} to {_said(row.found.high, row.unit)}",
            "" if row.closed_value is None else f"{_said(row.closed_value, row.unit)} ({row.closed})",
        )
        for row in rows
    ]
    heads = ("", "Simulated", "95 % interval", "Closed form")
    kept = len(heads) if any(line[-1] for line in lines) else len(heads) - 1
    return Table(heads[:kept], tuple(line[:kept] for line in lines), frozenset({1, 2}))


def _notes(station: Known, burst: Burst) -> list[str]:
    """What the numbers mean, and how they came about."""
    notes = []
    grows = growing(station.servers, station.hold, burst)
    if grows is not None:
        notes.append(
            f"More comes than the slots can do: as long as it goes on, the queue grows by {_three(grows)} a second, "
            "and waits grow with it."
        )
    if (slots := slots_without_wait(station.hold, burst)) is not None:
        notes.append(f"With {plural(slots, 'slot')} at most one in twenty would wait at all (Erlang C).")
    counted = f"{CALLS:,} calls at random" if burst.shape == STEADY else "those of the burst"
    notes.append(
        f"Mean of {RUNS} runs with fixed seeds; counted are {counted}. A closed form stands where it holds: nobody "
        "gives up, nobody is refused and nothing comes back."
    )
    return notes


def _said(value: float, unit: str) -> str:
    if unit == "s":
        return seconds(value)
    return f"{_three(value * 100)} %" if unit == "share" else _three(value)


def _three(value: float) -> str:
    return digits(float(f"{value:.3g}"))
