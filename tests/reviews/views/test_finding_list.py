"""The board: filters as chips with counts, and a page whose price does not grow with the list."""

from collections.abc import Callable

import pytest
from django.test import Client as Browser

from tests.cast import Cast, make_finding

URL = "/engagements/HB-1/findings/"
MOST = 18


@pytest.fixture
def findings(cast: Cast) -> None:
    make_finding(cast.engagement, "f1", rank=1)
    make_finding(cast.engagement, "f2", rank=2, severity="low")
    make_finding(cast.engagement, "f3", rank=3, severity="low", area="redis", status="published")
    gone = make_finding(cast.engagement, "f4", rank=4)
    type(gone).objects.filter(pk=gone.pk).update(present=False)


def rows(browser: Browser, query: str = "") -> list[str]:
    """The codes of the rows, in order."""
    answer = browser.get(URL + query)
    return [finding.code for finding in answer.context["findings"]]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["f1", "f2", "f3"]),
        ("?severity=low", ["f2", "f3"]),
        ("?severity=low&area=redis", ["f3"]),
        ("?status=published", ["f3"]),
        ("?severity=high&area=redis", []),
        ("?severity=nonsense", ["f1", "f2", "f3"]),
        ("?gone=1", ["f4"]),
    ],
)
def test_filters(query: str, expected: list[str], findings: None, browser: Browser) -> None:
    assert rows(browser, query) == expected


def test_a_chip_counts_under_the_other_filters(findings: None, browser: Browser) -> None:
    chips = browser.get(f"{URL}?area=redis").context["filter"].chips()
    assert {(chip["label"], chip["count"]) for chip in chips} == {
        ("Low", 1), ("Published", 1), ("Postgres", 2), ("Redis", 1),
    }  # fmt: skip
    assert [chip["query"] for chip in chips if chip["on"]] == [""]


def test_htmx_gets_the_list_alone(findings: None, browser: Browser) -> None:
    answer = browser.get(URL, headers={"HX-Request": "true"})
    assert answer.content.decode().lstrip().startswith('<section id="findings"')
    assert "HX-Request" in answer["Vary"]


def test_nothing_yet_says_how_to_get_it(browser: Browser, cast: Cast) -> None:
    assert "Findings stand here once evidence has been read" in browser.get(URL).content.decode()


def test_nothing_matches_offers_the_way_back(findings: None, browser: Browser) -> None:
    assert "No finding matches." in browser.get(f"{URL}?severity=high&area=redis").content.decode()


def test_causes_and_symptoms_stand_by_title(cast: Cast, browser: Browser) -> None:
    make_finding(cast.engagement, "f1", title="The cause", symptoms=["f2", "unknown"])
    make_finding(cast.engagement, "f2", title="The symptom", causes=["f1"], because=["the route waits for it"])
    page = browser.get(f"{URL}f1/").content.decode()
    assert "Fixing this also helps" in page
    assert page.count("The symptom") == 2
    assert "because the route waits for it" in browser.get(f"{URL}f2/").content.decode()


def test_one_line_is_quoted_once_with_all_its_values(cast: Cast, browser: Browser) -> None:
    place = {"file": "a.csv", "line": 2, "quote": "the line"}
    evidence = [place | {"metric": name, "value": 0.5, "unit": "share"} for name in ("hit_share", "used_share")]
    make_finding(cast.engagement, "f1", evidence=evidence)
    page = browser.get(f"{URL}f1/").content.decode()
    assert page.count("the line") == 1
    assert page.count("<strong>50 ") == 2


def test_queries_do_not_grow_with_the_list(
    findings: None, cast: Cast, browser: Browser, price: Callable[[Browser, str], int]
) -> None:
    before = price(browser, URL)
    for number in range(20):
        make_finding(cast.engagement, f"g{number}", rank=10 + number)
    assert price(browser, URL) == before <= MOST


def test_findings_of_one_title_are_told_apart_by_what_they_are_about(cast: Cast, browser: Browser) -> None:
    for code in ("f1", "f2"):
        make_finding(
            cast.engagement, code, title="Keys never expire", subject={"kind": "server", "name": f"redis {code}"}
        )
    make_finding(cast.engagement, "f3", title="Another", subject={"kind": "server", "name": "redis f3"})
    page = browser.get(URL).content.decode()
    listed = page.split('id="finding"')[0]
    assert [f"redis {code}" in listed for code in ("f1", "f2", "f3")] == [True, True, False]


def test_a_closed_engagement_says_so_before_anything_is_tried(cast: Cast, browser: Browser) -> None:
    assert "it can be read, not changed" not in browser.get(URL).content.decode()
    type(cast.engagement).objects.update(stage="closed")
    assert "it can be read, not changed" in browser.get(URL).content.decode()
