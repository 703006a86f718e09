"""Durations as the server writes them, in whole microseconds."""

_KNOWN = 50_000


class Micros(dict[bytes, int]):
    """Microseconds by what stands in front of ` ms`: digits with three decimals. Those met first are kept, as most are
    short and come again."""

    def __missing__(self, text: bytes) -> int:
        us = int(text.replace(b".", b""))
        if len(self) < _KNOWN:
            self[text] = us
        return us
