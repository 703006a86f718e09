"""Functions: how many run at once, by Little's law, against what the platform allows."""

from reviews.capacity.figure import figure, plain
from reviews.capacity.resources.base import Found, Scene, draft, one, product, put

COMPONENT = "functions"


def found(scene: Scene) -> Found:
    """Silent when neither evidence nor stack speaks of functions."""
    if not scene.has(COMPONENT, "vercel", "lambda", "netlify", "cloudflare workers"):
        return
    inputs, title = scene.inputs, "Functions at once"
    part = draft("functions:concurrency", title, "concurrency", COMPONENT, scene.driver_of(COMPONENT), critical=True)
    if inputs.get("functions.concurrency_peak"):
        peak = plain(inputs, "functions.concurrency_peak")
    else:
        words = "running at once × peak factor of the requests"
        keys = ("functions.concurrency_mean", "http.peak_factor")
        peak = figure(inputs, title, "1", words, keys, product)
    mean = one(plain(inputs, "functions.concurrency_mean"))
    yield from put(part, plain(inputs, "functions.limit", title), mean, peak)
