"""Kinds of evidence about what visitors saw: how fast pages were for them, and which pages they opened."""

Units = dict[str, str]

KINDS: dict[str, Units] = {
    # Web Vitals as browsers measured them. subject: route; "all" is one row a file. p75 as Google rates them
    "web.vitals": {
        "samples": "1",
        "lcp_p75_ms": "ms",
        "inp_p75_ms": "ms",
        "ttfb_p75_ms": "ms",
        "fcp_p75_ms": "ms",
        "fid_p75_ms": "ms",
        "cls_p75": "1",
        "lcp_samples": "1",
        "inp_samples": "1",
        "ttfb_samples": "1",
        "fcp_samples": "1",
        "fid_samples": "1",
        "cls_samples": "1",
        "window_s": "s",
    },
    # Page views and events. subject: route; "all" is one row a file. attrs: events {name: count}
    "web.traffic": {
        "pageviews": "1",
        "events": "1",  # of the application's own
        "share": "share",  # of page views
        "sessions": "1",
        "devices": "1",
        "per_min_peak": "1/min",  # page views
        "window_s": "s",
    },
}
