"""Workers of each queue: what arrives times how long it takes, against the slots; where that is unknown, the rates.

A job whose try fails takes a worker again: where the share of tries that fail and the tries allowed are known, the work
counts them all, at the share of today. Arrivals count each job once (`gather.queues`).
A queue that grows while it is worked on is over its capacity, and what it gets done is that capacity.
"""

from collections.abc import Sequence
from dataclasses import replace

from reviews.capacity.figure import figure, missing, plain
from reviews.capacity.formulas.little import in_flight
from reviews.capacity.inputs import Figure, Inputs, Missing
from reviews.capacity.repeats import tried_keys, tries_of
from reviews.capacity.resources.base import Cell, Found, Scene, draft, one, put


def found(scene: Scene) -> Found:
    """One for each queue that the counts or the intake speak of."""
    for name in scene.names("queue"):
        yield from _queue(scene, name)


def _queue(scene: Scene, name: str) -> Found:
    inputs, path = scene.inputs, f"queue.{name}"
    component = f"queue {name}"
    part = draft(
        f"queue:{name}", f"Workers of {name}", "workers", component, scene.driver_of(component), critical=False
    )
    saturated = inputs.get(f"{path}.waiting_per_s")
    if inputs.get(f"{path}.run_s") is None and saturated is not None and saturated.value > 0:
        yield from _by_rates(scene, name)
        return
    rates = all(inputs.get(f"{path}.{name}") for name in ("in_per_s", "out_per_s"))
    if rates and saturated is None and inputs.get(f"{path}.run_s") is None:
        yield missing(part.title, (f"{path}.waiting_per_s", f"{path}.run_s"))  # either would do
        return
    tried = tried_keys(inputs, name)
    keys = (f"{path}.in_per_s", f"{path}.run_s", *tried)
    words = "jobs a second × tries of a job × time of one try" if tried else "jobs a second × time of one"
    mean = figure(inputs, part.title, "1", f"{words} (Little's law)", keys, _work)
    part = replace(part, hold=one(plain(inputs, f"{path}.run_s")), tries=_tries(inputs, tried))
    yield from put(part, plain(inputs, f"{path}.slots", part.title), mean, _peak(scene, name, words, tried))


def _tries(inputs: Inputs, tried: Sequence[str]) -> float:
    return tries_of(*(entry.value for key in tried if (entry := inputs.get(key))))


def _work(rate: float, hold: float, *tried: float) -> float:
    return in_flight(rate * tries_of(*tried), hold)


def _peak(scene: Scene, name: str, words: str, tried: Sequence[str]) -> Cell:
    """At the busiest minutes of the queue itself, else of the requests that fill it."""
    path = f"queue.{name}"
    factor = f"{path}.peak_factor" if scene.inputs.get(f"{path}.peak_factor") else "http.peak_factor"
    keys = (f"{path}.in_per_s", factor, f"{path}.run_s", *tried)
    words = f"{words} (Little's law) × peak factor"
    return figure(scene.inputs, f"Workers of {name}", "1", words, keys, _at_peak)


def _at_peak(rate: float, factor: float, hold: float, *tried: float) -> float:
    return _work(rate * factor, hold, *tried)


def _by_rates(scene: Scene, name: str) -> Found:
    """Jobs that arrive against jobs that get done, of a queue that grows."""
    inputs, path, component = scene.inputs, f"queue.{name}", f"queue {name}"
    part = draft(f"queue:{name}", f"Workers of {name}", "rate", component, scene.driver_of(component), critical=False)
    part = replace(part, note="What waits grows: the workers do all they can, and that is their capacity.")
    done = plain(inputs, f"{path}.out_per_s", part.title)
    arrives: Figure | Missing = plain(inputs, f"{path}.in_per_s", part.title)
    if isinstance(done, Figure):
        done = replace(done, uses=(*done.uses, f"{path}.waiting_per_s"))
    yield from put(part, done, arrives, arrives)
