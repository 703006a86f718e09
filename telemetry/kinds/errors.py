"""Kinds of evidence from error trackers and logs of applications."""

Units = dict[str, str]

KINDS: dict[str, Units] = {
    # One issue. subject: its short id. attrs: title, level, project, status, route, first_seen, last_seen
    "error.issue": {
        "events": "1",  # in the period the export was made for
        "users": "1",  # affected
        "unhandled": "1",  # 1 when nothing caught it
        "window_s": "s",  # from the first to the last time it was seen
    },
    # subject: project; "all" is one row a file. Users are not added up: one may be hit by several issues
    "error.project": {"issues": "1", "events": "1", "unresolved": "1", "unhandled": "1", "share": "share"},
    # Errors whose words say what is wrong. subject: cause (`telemetry.known_errors`). attrs: routes [text]
    "error.cause": {
        "events": "1",
        "users": "1",  # affected by the issue that most users met
        "window_s": "s",
    },
    # Lines of a log search. subject: service. attrs: hosts (count)
    "log.service": {
        "records": "1",
        "errors": "1",
        "warnings": "1",
        "error_share": "share",
        "per_min_peak": "1/min",
        "window_s": "s",
    },
}
