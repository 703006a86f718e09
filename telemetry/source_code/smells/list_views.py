"""Lists that Django's generic views and those of Django REST framework make themselves, with or without pages."""

from collections.abc import Iterator

from telemetry.source_code.model import Class
from telemetry.source_code.smells.base import CLEAR, HIT, UNKNOWN, Judged, Verdict
from telemetry.source_code.survey import Survey

_DJANGO = frozenset({"ListView"})
_REST = frozenset({"ModelViewSet", "ReadOnlyModelViewSet", "ListAPIView", "ListCreateAPIView"})
_NARROWS = frozenset({"get_queryset", "filter_queryset", "list", "get"})
_PAGES = frozenset({"paginate_by", "pagination_class", "get_paginate_by", "paginate_queryset"})


def lists_of_views(survey: Survey) -> Iterator[Judged]:
    """Every class of a route that is a list by its base; its pages are its own, or those of all by the settings."""
    by_settings = _settings(survey)
    seen: set[Class] = set()
    for route in survey.routes:
        cls = next((one for one in route.file.classes.values() if one.line == route.line), None)
        if route.framework != "django" or cls is None or cls in seen:
            continue
        seen.add(cls)
        verdict = _verdict(cls, by_settings)
        if verdict is not None:
            attrs = {"routes": [route.name], "run_by": ["route"], "table": _table(cls), "orm": "django", "filter": []}
            yield Judged(verdict, cls.file, cls.line, route.name, attrs)


def _verdict(cls: Class, by_settings: Verdict) -> Verdict | None:
    bases = [name.rpartition(".")[2] for name in cls.bases]
    known = [name for name in bases if name in _DJANGO | _REST]
    if not known:
        return None
    own = {*cls.values, *(one.name for one in cls.file.functions if one.cls == cls.name)}
    if _PAGES & own:
        return HIT if "pagination_class" in cls.values and cls.values["pagination_class"] is None else CLEAR
    if known[0] in _REST and by_settings is not HIT:
        return by_settings
    # What else it inherits may bring the pages; what it asks for may be a few.
    return UNKNOWN if len(bases) > 1 or _NARROWS & own else HIT


def _settings(survey: Survey) -> Verdict:
    """Whether REST framework makes pages of every list: DEFAULT_PAGINATION_CLASS. UNKNOWN without its settings."""
    tables = [file.values["REST_FRAMEWORK"] for file in survey.repository if "REST_FRAMEWORK" in file.values]
    tables = [table for table in tables if isinstance(table, dict)]
    if not tables:
        return UNKNOWN
    return CLEAR if any(table.get("DEFAULT_PAGINATION_CLASS") for table in tables) else HIT


def _table(cls: Class) -> str:
    """The model of a view, "" when it does not say."""
    value = cls.values.get("model", cls.values.get("queryset"))
    return str(getattr(value, "text", "")).partition(".")[0][:60]
