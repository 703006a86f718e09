"""Kinds of evidence about routes, code and schema."""

Units = dict[str, str]

KINDS: dict[str, Units] = {
    # Route inventory. subject: route. attrs: type ("api" | "page"), webhook (bool), auth (bool), methods [text],
    # rendered ("static" | "ssg" | "dynamic" | "partial" | "edge"), frozen (bool: an API route made static)
    "route": {"listed": "1", "max_duration_s": "s", "first_load_bytes": "bytes", "operations": "1"},
}
