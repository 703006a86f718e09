"""Quotas of third parties: calls an hour against what they allow."""

from reviews.capacity.figure import figure, plain
from reviews.capacity.resources.base import Found, Scene, draft, one, product, put


def found(scene: Scene) -> Found:
    """By name, where a limit is known; calls alone break nothing that anybody knows of."""
    for name in scene.names("quota"):
        if scene.inputs.get(f"quota.{name}.limit_per_hour"):
            yield from _quota(scene, name)


def _quota(scene: Scene, name: str) -> Found:
    inputs, path, component = scene.inputs, f"quota.{name}", f"third party {name}"
    part = draft(
        f"quota:{name}", f"Calls of {name} an hour", "quota", component, scene.driver_of(component), critical=False
    )
    mean = plain(inputs, f"{path}.calls_per_hour", part.title)
    if inputs.get(f"{path}.calls_per_hour_peak"):
        peak = plain(inputs, f"{path}.calls_per_hour_peak")
    else:
        keys = (f"{path}.calls_per_hour", "http.peak_factor")
        peak = figure(inputs, part.title, "1", "calls an hour × peak factor of the requests", keys, product)
    yield from put(part, plain(inputs, f"{path}.limit_per_hour"), one(mean), peak)
