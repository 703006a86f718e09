"""Quotas of third parties: calls an hour against what they allow."""

from reviews.capacity.figure import figure, plain
from reviews.capacity.resources.base import Found, Scene, draft, one, product, put

ASKED = 3


def found(scene: Scene) -> Found:
    """By name; of those without a limit only the few that are called most are asked for."""
    names = sorted(scene.names("quota"), key=lambda name: (-_calls(scene, name), name))
    limited = [name for name in names if scene.inputs.get(f"quota.{name}.limit_per_hour")]
    for name in dict.fromkeys([*limited, *names[:ASKED]]):
        yield from _quota(scene, name)


def _calls(scene: Scene, name: str) -> float:
    entry = scene.inputs.get(f"quota.{name}.calls_per_hour")
    return entry.value if entry else 0.0


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
