"""Machines, containers and disks.

Memory that was seen at one load does not tell which part of it load moves. Unless somebody states what does not grow,
all of it is taken to: the earliest it can be full, as an assumption.
"""

from dataclasses import replace

from reviews.capacity.figure import figure, plain
from reviews.capacity.resources.base import ALL, Found, Scene, draft, moving, one, put
from reviews.risk.matrix import Grade

PROPORTIONAL = "All of it is assumed to grow with load, so this is the earliest; state what does not grow."


def found(scene: Scene) -> Found:
    """By name; silent about machines that nobody measured."""
    for name in scene.names("host"):
        yield from _processor(scene, name)
        yield from _memory(scene, f"host.{name}", "memory_used_max", "memory_bytes")
    for name in scene.names("container"):
        yield from _memory(scene, f"container.{name}", "memory_max", "memory_limit")
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


def _memory(scene: Scene, path: str, used_most: str, limit: str) -> Found:
    """Of a machine or a container; `path` is its key, "host.web"."""
    inputs = scene.inputs
    of, _, name = path.partition(".")
    title, component = f"Memory of {name}", f"{of} {name}"
    part = draft(f"{of}:{name}:memory", title, "memory", component, scene.driver_of(component), critical=True)
    fixed = one(plain(inputs, f"{path}.memory_fixed"))
    if fixed is None:
        used = plain(inputs, f"{path}.{used_most}", title)
        part = replace(part, note=PROPORTIONAL, follows=Grade.ASSUMED)
    else:
        keys = (f"{path}.{used_most}", f"{path}.memory_fixed")
        used = figure(inputs, title, "bytes", "most in use − what does not grow", keys, moving)
        part = replace(part, fixed=fixed.value)
    yield from put(part, plain(inputs, f"{path}.{limit}", title), used, used)


def _disk(scene: Scene, name: str) -> Found:
    inputs, path, component = scene.inputs, f"disk.{name}", f"disk {name}"
    part = draft(f"disk:{name}", f"Disk {name}", "disk", component, scene.driver_of(component), critical=True)
    used = plain(inputs, f"{path}.used_bytes", part.title)
    yield from scene.piles(part, plain(inputs, f"{path}.bytes"), used, f"{path}.bytes_per_day")
