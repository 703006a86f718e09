"""Kinds of evidence about routes, code and schema."""

Units = dict[str, str]

KINDS: dict[str, Units] = {
    # Route inventory. subject: route. attrs: type ("api" | "page"), webhook (bool), auth (bool)
    "route": {"listed": "1"},
}
