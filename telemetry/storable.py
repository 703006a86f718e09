"""What a database can hold: files from strangers carry characters and numbers that PostgreSQL refuses."""

import math
from collections.abc import Mapping
from typing import Any

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


def storable_text(text: str) -> str:
    """Text without NUL and without halves of characters, neither of which PostgreSQL stores in text or jsonb."""
    return text.replace("\x00", REPLACEMENT).encode("utf-8", "replace").decode()


def storable(value: Any) -> Any:
    """The same JSON with text that can be stored; NaN and infinity, which are no JSON, become None."""
    if isinstance(value, str):
        return storable_text(value)
    if isinstance(value, Mapping):
        return {storable_text(str(key)): storable(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [storable(entry) for entry in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
