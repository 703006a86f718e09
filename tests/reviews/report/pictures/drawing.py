"""Reading a picture back: its elements by class, and where they stand."""

import xml.etree.ElementTree as ET

SVG = "{http://www.w3.org/2000/svg}"


def drawn(svg: str) -> ET.Element:
    """The picture as a tree."""
    return ET.fromstring(svg)  # noqa: S314 (our own output)


def of_class(svg: str, kind: str, tag: str = "rect") -> list[ET.Element]:
    """Elements that carry exactly this class, in the order they are drawn."""
    return [element for element in drawn(svg).iter(f"{SVG}{tag}") if element.get("class") == f"ll-{kind}"]


def place(element: ET.Element, *names: str) -> tuple[float, ...]:
    """Numbers of an element's attributes."""
    return tuple(float(element.get(name, "nan")) for name in names)


def texts(svg: str) -> list[str]:
    """What is written in the picture, in order."""
    return [str(element.text) for element in drawn(svg).iter(f"{SVG}text")]


def steps(element: ET.Element) -> list[tuple[float, float]]:
    """The points of a path."""
    bare = element.get("d", "").replace("M", "").replace("Z", "").split("L")
    return [(float(x), float(y)) for x, y in (pair.split() for pair in bare)]
