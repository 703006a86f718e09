"""Seconds, peak memory and pages of a report with 25 findings (bar: 6 s and 250 MB), and of smaller and larger ones.

python -m tests.bench.report_pdf [FINDINGS ...]
"""

from __future__ import annotations

import os
import sys

from reviews.report.render import render_pdf
from tests.reviews.report.document import make_brand, make_document

BAR_S, BAR_MB, BAR_FINDINGS = 6.0, 250.0, 25


def main() -> int:
    """Exit 1 when the report of 25 findings misses the bar."""
    counts = [int(word) for word in sys.argv[1:]] or [8, BAR_FINDINGS, 100]
    missed = False
    print("findings  pages  seconds  cpu s  peak MB   kB")
    for count in counts:
        before = os.times()
        made = render_pdf(make_document(count), make_brand())
        after = os.times()
        cpu = after.children_user + after.children_system - before.children_user - before.children_system
        size = len(made.pdf) / 1000
        print(f"{count:8}  {made.pages:5}  {made.seconds:7.2f}  {cpu:5.2f}  {made.peak_mb:7.0f}  {size:4.0f}")
        missed |= count == BAR_FINDINGS and (made.seconds > BAR_S or made.peak_mb > BAR_MB)
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
