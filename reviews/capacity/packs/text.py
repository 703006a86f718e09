"""What a client called something, made safe for the language it is written into. Names are data in every file."""

import json
from typing import Any

LONGEST = 200


def one_line(text: object, length: int = LONGEST) -> str:
    """Printable text on one line: what breaks a line, steers a terminal or cannot be written as UTF-8 is a space."""
    cleaned = "".join(char if char.isprintable() else " " for char in str(text))
    return " ".join(cleaned.split())[:length]


def promql(value: object) -> str:
    """A string of PromQL, in its quotes. `$` and `[` are escaped too: Grafana would read variables in them.

    PromQL takes Go's escapes (https://prometheus.io/docs/prometheus/latest/querying/basics/#string-literals), of which
    JSON's are a part as long as nothing is written as a surrogate pair.
    """
    quoted = json.dumps(one_line(value), ensure_ascii=False)
    return quoted.replace("$", r"\x24").replace("[", r"\x5b")


def annotation(text: object) -> str:
    """Text for an annotation, which Prometheus expands as a template of Go: braces stay braces."""
    return one_line(text, 1_000).replace("{{", '{{"{{"}}')


def label(text: object) -> str:
    """A title in Grafana, which would replace `$name` and `[[name]]` by a variable."""
    return one_line(text).replace("$", "＄").replace("[[", "[ [")


def script_data(value: Any) -> str:
    """Data inside a script: JSON in ASCII, which JavaScript reads as the same value.

    Lists and fixed names only: a name of the client is never a key, as `__proto__` would be none.
    """
    return json.dumps(value, ensure_ascii=True, allow_nan=False, indent=2)
