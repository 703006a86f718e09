"""The closing rules carry the client's own figures, and none where nobody measured."""

import html
import re
from typing import Any

from reviews.capacity.phases import phases_of
from reviews.capacity.policy import policy_of
from reviews.capacity.right_sizing import right_sizing_of
from reviews.report import child, sections
from reviews.report.bottom_line import bottom_line
from tests.reviews.capacity.given import inputs
from tests.reviews.report.document import make_brand, make_document
from tests.reviews.report.model import POINTS

POLICY = policy_of("growth")


def model(**known: float) -> dict[str, Any]:
    given = inputs(driver__users=900, people__team=1, **known)
    return {
        "inputs": [{"grade": "measured"}, {"grade": "stated"}, {"grade": "measured"}],
        "right_sizing": right_sizing_of(POLICY, given, breaking_points=POINTS if known else []),
        "phases": phases_of(POLICY, given),
    }


def test_each_rule_says_where_the_client_stands() -> None:
    capacity = model(redis__hit_share=0.6)
    rows = dict(bottom_line(capacity).rows)
    sizing = capacity["right_sizing"]
    waiting = [row for row in sizing["rows"] if row["verdict"] in ("skip", "not yet", "not known")]
    assert rows["Measure before you change anything"] == "Of 3 numbers behind this report 2 measured and 1 stated."
    assert rows["The simple things first"] == sizing["ladder"]["said"]
    assert rows["Up before out"].startswith("First to break: Postgres connections, at 1.42 ×")
    assert rows["Every part has to be run by somebody"].startswith(
        f"{len(waiting)} of {len(sizing['rows'])} technologies wait"
    )
    assert rows["Keep what is asked for again"] == (
        "Look-ups that find their key. Reached: 60 % (measured); the limit is less than 70 %."
    )
    page = html.unescape(child.write(sections.build(make_document(1) | {"capacity": capacity}, make_brand())))
    assert [said for said in rows.values() if said not in page] == []


def test_what_nobody_measured_is_no_number() -> None:
    rows = dict(bottom_line(model() | {"inputs": []}).rows)
    assert rows["Measure before you change anything"] == "Not measured: needs exports that hold limits and load."
    assert rows["Keep what is asked for again"].endswith("Not measured: needs INFO stats of Redis.")
    assert not re.search(r"[0-9]", rows.get("Up before out", ""))
    assert bottom_line({}).rows == (
        ("Measure before you change anything", "Not measured: needs exports that hold limits and load."),
    )
