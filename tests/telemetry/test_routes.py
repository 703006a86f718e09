"""Every way of writing a route ends in one template, and a scanner cannot make the table grow."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telemetry.routes import RouteTable, route_of, serving

TEMPLATES = [
    ("/", "/"),
    ("", "/"),
    ("/orders/1017?tab=2", "/orders/[id]"),
    ("/orders/1017/", "/orders/[id]"),
    ("https://shop.example/orders/1017#x", "/orders/[id]"),
    ("/api/v1/users/42", "/api/v1/users/[id]"),
    ("/api/orders/[orderId]", "/api/orders/[id]"),
    ("/users/:id/posts/{post_id}", "/users/[id]/posts/[id]"),
    ("/books/<int:pk>/<slug:slug>", "/books/[id]/[id]"),
    ("/docs/[...path]", "/docs/[...slug]"),
    ("/docs/[[...path]]", "/docs/[...slug]"),
    ("/files/:rest*", "/files/[...slug]"),
    ("/u/123e4567-e89b-12d3-a456-426614174000", "/u/[id]"),
    ("/u/01ARZ3NDEKTSV4RRFFQ69G5FAV", "/u/[id]"),
    ("/u/clh3v5x2d0000qzrmn831i7rn", "/u/[id]"),
    ("/u/5f3b9c8d7e6a", "/u/[id]"),
    ("/products/blue-shirt-123", "/products/[id]"),
    ("/blog/how-to-cook", "/blog/how-to-cook"),
    ("/oauth2/token", "/oauth2/token"),
    ("/api/s3/base64", "/api/s3/base64"),
    ("/img/1234.jpg", "/img/[id].jpg"),
    ("/_next/static/chunks/123-abc.js", "/_next/static/[...slug]"),
    ("/a//b", "/a/b"),
    ("/login;jsessionid=ABC123", "/login"),
    ("/caf%C3%A9", "/café"),
    ("/reports/2024-01-31", "/reports/[id]"),
    ("/a%00b%0A", "/a\ufffdb\ufffd"),
    ("*", "*"),
    ("example.com:443", "example.com:443"),
]


@pytest.mark.parametrize(("path", "expected"), TEMPLATES)
def test_template(path: str, expected: str) -> None:
    assert route_of(path) == expected


@given(st.text(max_size=80))
def test_template_of_a_template_is_itself(path: str) -> None:
    once = route_of("/" + path.replace("%", ""))
    assert once.isprintable()
    assert len(once) <= 300
    assert route_of(once).startswith("/")


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/api/orders/17", "/api/orders/[id]"),
        ("/api/orders/latest", "/api/orders/latest"),
        ("/api/orders/newest", "/api/orders/[id]"),
        ("/docs/a/b/c", "/docs/[...slug]"),
        ("/", "/"),
        ("/api", None),
        ("/api/orders/17/lines", None),
    ],
)
def test_the_literal_route_serves_first(path: str, expected: str | None) -> None:
    templates = ["/docs/[...slug]", "/api/orders/[id]", "/api/orders/latest", "/"]
    assert serving(path, templates) == expected


def test_a_crowded_folder_falls_together() -> None:
    table = RouteTable(limit=50, children=10)
    names = ["".join(chr(97 + int(digit)) for digit in str(number)) for number in range(100)]
    routes = {table.route(f"/blog/{name}") for name in names}
    assert len(routes) == 11
    assert "/blog/[slug]" in routes
    assert table.crowded("/blog/a", 10) == "/blog/[slug]"
    assert table.crowded("/blog/a", 11) is None
    assert table.crowded("/about", 10) is None


def test_the_table_is_bounded_whatever_the_folders() -> None:
    table = RouteTable(limit=50, children=10)
    words = ["".join(chr(97 + int(digit)) for digit in str(number)) for number in range(1000)]
    assert len({table.route(f"/{word}/x/{word}") for word in words}) <= 61
