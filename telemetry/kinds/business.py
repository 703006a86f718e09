"""Kinds of evidence about the business, from tables that a consultant mapped."""

Units = dict[str, str]

_USE: Units = {"revenue": "money", "usage": "1", "requests": "1", "users": "1", "bytes": "bytes"}

KINDS: dict[str, Units] = {
    # A customer of the client. subject: "tenant 1", numbered from the largest; names are not kept. attrs: currency
    "business.tenant": _USE | {f"{name}_share": "share" for name in _USE},
    # subject "all": one row a file. attrs: currency
    "business.tenants": {
        "tenants": "1",
        **_USE,
        **{f"largest_{name}_share": "share" for name in _USE},
        **{f"top5_{name}_share": "share" for name in _USE},
    },
    # subject: month ("2026-10"). attrs: currency
    "business.month": {"users": "1", "active_users": "1", "orders": "1", "requests": "1", "revenue": "money"},
    # subject: what grows ("users"). attrs: first_month, last_month, currency
    "business.growth": {
        "first": "1",
        "last": "1",
        "highest": "1",
        "months": "1",
        "growth_per_month": "share",  # compound, from the first month to the last
    },
}
