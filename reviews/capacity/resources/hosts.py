"""Machines, containers and disks. Memory is taken as growing with load throughout: the earliest it can be full."""

from dataclasses import replace

from reviews.capacity.figure import figure, plain
from reviews.capacity.resources.base import ALL, Found, Scene, draft, one, put

PROPORTIONAL = "Taken as growing with load throughout, so this is the earliest; what does not grow can be stated."


def found(scene: Scene) -> Found:
    """By name; silent about machines that nobody measured."""
    for name in scene.names("host"):
        yield from _processor(scene, name)
        yield from _memory(scene, name)
    for name in scene.names("container"):
        yield from _container(scene, name)
    for name in scene.names("disk"):
        yield from _disk(scene, name)


def _processor(scene: Scene, name: str) -> Found:
    inputs, component = scene.inputs, f"host {name}"
    peak = plain(inputs, f"host.{name}.cpu_busy_max", f"Processor of {name}")
    part = draft(
        f"host:{name}:cpu", f"Processor of {name}", "cpu", component, scene.driver_of(component), critical=True
    )
    mean = one(plain(inputs, f"host.{name}.cpu_busy_mean"))
    yield from put(part, ALL, mean, peak)


def _memory(scene: Scene, name: str) -> Found:
    inputs, path, component = scene.inputs, f"host.{name}", f"host {name}"
    title = f"Memory of {name}"
    part = draft(f"host:{name}:memory", title, "memory", component, scene.driver_of(component), critical=True)
    fixed = one(plain(inputs, f"{path}.memory_fixed"))
    if fixed is None:
        used = plain(inputs, f"{path}.memory_used_max", title)
        part = replace(part, note=PROPORTIONAL)
    else:
        keys = (f"{path}.memory_used_max", f"{path}.memory_fixed")
        used = figure(inputs, title, "bytes", "most in use − what does not grow", keys, _moving)
        part = replace(part, fixed=fixed.value)
    yield from put(part, plain(inputs, f"{path}.memory_bytes", title), used, used)


def _moving(used: float, fixed: float) -> float:
    return max(0.0, used - fixed)


def _container(scene: Scene, name: str) -> Found:
    inputs, path, component = scene.inputs, f"container.{name}", f"container {name}"
    title = f"Memory of {name}"
    part = draft(f"container:{name}:memory", title, "memory", component, scene.driver_of(component), critical=True)
    used = plain(inputs, f"{path}.memory_max", title)
    yield from put(replace(part, note=PROPORTIONAL), plain(inputs, f"{path}.memory_limit", title), used, used)


def _disk(scene: Scene, name: str) -> Found:
    inputs, path, component = scene.inputs, f"disk.{name}", f"disk {name}"
    part = draft(f"disk:{name}", f"Disk {name}", "disk", component, scene.driver_of(component), critical=True)
    used = plain(inputs, f"{path}.used_bytes", part.title)
    yield from scene.piles(part, plain(inputs, f"{path}.bytes"), used, f"{path}.bytes_per_day")
