"""Requests a second that the servers carry, where a load test showed it: at least so many."""

from dataclasses import replace

from reviews.capacity.figure import plain
from reviews.capacity.resources.base import Found, Scene, draft, one, put

COMPONENT = "application"


def found(scene: Scene) -> Found:
    """Silent where nothing speaks of requests; without a load test nobody knows what the servers carry."""
    inputs, title = scene.inputs, "Requests a second"
    if not scene.has("http"):
        return
    part = draft("http:requests", title, "rate", COMPONENT, scene.driver_of(COMPONENT), critical=True)
    part = replace(part, note="At least so many: the test did not go on until the servers broke.")
    carried = plain(inputs, "http.rps_carried", title)
    yield from put(part, carried, one(plain(inputs, "http.rps_mean")), plain(inputs, "http.rps_peak", title))
