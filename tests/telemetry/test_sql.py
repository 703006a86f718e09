"""Families, shapes, index proposals and redaction of SQL."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from telemetry.sql import (
    comment_tags,
    fingerprint,
    literal_key,
    normalize,
    propose_index,
    redact,
    shape,
    shape_attrs,
    without_comments,
)

SAME = [
    ("SELECT a FROM t WHERE b = 1", "SELECT a FROM t WHERE b = $1"),
    ("SELECT a FROM t WHERE b = 'it''s'", "select a\n\tfrom t where b = 'x'"),
    ("SELECT a FROM t WHERE b IN (1)", "SELECT a FROM t WHERE b IN (1, 2, 3, 4)"),
    ("SELECT a FROM t WHERE b IN ($1, $2)", "SELECT a FROM t WHERE b IN ('x')"),
    ("INSERT INTO t (a, b) VALUES (1, 'x')", "INSERT INTO t (a, b) VALUES (1, 'x'), (2, 'y'), (3, 'z')"),
    ("SELECT 1 /* route=/a */", "SELECT 2 -- other\n"),
    ("SELECT a FROM t WHERE b = ?", "SELECT a FROM t WHERE b = $1"),
    ("SELECT a FROM t WHERE b = E'a\\'b'", "SELECT a FROM t WHERE b = 'c'"),
    ("SELECT a FROM t WHERE b = -5.5e3", "SELECT a FROM t WHERE b = 7"),
]
DIFFERENT = [
    ("SELECT a FROM t", "SELECT b FROM t"),
    ('SELECT a FROM "Order"', "SELECT a FROM orders"),
    ("SELECT col_1 FROM t", "SELECT col_2 FROM t"),
    ("SELECT a FROM t WHERE b = 1", "SELECT a FROM t WHERE b > 1"),
    ("SELECT coalesce(a, 1, 2) FROM t", "SELECT coalesce(a, 1) + 2 FROM t"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_one_family(one: str, other: str) -> None:
    assert fingerprint(one) == fingerprint(other)


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_two_families(one: str, other: str) -> None:
    assert fingerprint(one) != fingerprint(other)
    assert literal_key(one.encode()) != literal_key(other.encode())


def test_lists_of_any_length_have_one_key() -> None:
    keys = {literal_key(f"SELECT a FROM t WHERE b IN ({', '.join('7' * n)})".encode()) for n in range(2, 50)}
    assert keys == {b"SELECT a FROM t WHERE b IN (?)"}
    rows = {literal_key(f"INSERT INTO t VALUES {', '.join(['(1, $2)'] * n)}".encode()) for n in range(1, 50)}
    assert rows == {b"INSERT INTO t VALUES (?, ?)"}


def test_a_long_list_still_reaches_the_grammar() -> None:
    numbers = ", ".join(map(str, range(9000)))
    assert fingerprint(f"SELECT a FROM t WHERE b IN ({numbers})") == fingerprint("SELECT a FROM t WHERE b IN (1)")


def test_what_the_grammar_cannot_read_is_its_own_text() -> None:
    cut = "SELECT a FROM t WHERE b = 'unterm"
    assert fingerprint(cut) == fingerprint("SELECT a FROM t WHERE b = 'oth")
    assert shape(cut).verb == "SELECT"
    assert shape("~~~").verb == "~~~"
    assert fingerprint("SELEC a FROM").isalnum()


def test_deep_statements_do_not_reach_the_c_stack() -> None:
    assert len(fingerprint("SELECT " + "1+" * 200_000 + "1")) == 16
    assert normalize("SELECT " + "a+" * 200_000 + "a").startswith("SELECT a+a")
    assert shape("SELECT " + "a+" * 3000 + "a FROM t").verb == "SELECT"


@given(st.text(max_size=30), st.integers(0, 10**9), st.lists(st.integers(0, 10**6), min_size=1, max_size=9))
@settings(max_examples=150, deadline=None)
def test_literals_do_not_change_the_family(text: str, number: int, members: list[int]) -> None:
    # The mark tells the literal from the words of the statement.
    literal = "zq" + text.replace("'", "''").replace("\\", "").replace("\0", "").encode("utf-8", "ignore").decode()
    listed = ", ".join(map(str, members))
    sql = f"SELECT a FROM t WHERE b = '{literal}' AND c > {number} AND d IN ({listed})"
    assert fingerprint(sql) == fingerprint("SELECT a FROM t WHERE b = 'x' AND c > 1 AND d IN (2)")
    assert "zq" not in normalize(sql)


@given(st.text(max_size=200))
@settings(max_examples=200, deadline=None)
def test_any_text_ends_well(text: str) -> None:
    assert len(fingerprint(text)) == 16
    json.dumps(shape_attrs(text))
    propose_index(shape(text))
    redacted, count = redact(text)
    assert count or redacted == text


def test_normalize_is_one_bounded_line_without_literals() -> None:
    assert (
        normalize("SELECT a\n  FROM t\n WHERE b = 'x' /* c=1 */ AND c = 5") == "SELECT a FROM t WHERE b = $1 AND c = $2"
    )
    assert "hunter2" not in normalize("ALTER ROLE app PASSWORD 'hunter2'")
    assert "hunter2" not in normalize("broken (( 'hunter2'")
    assert len(normalize("SELECT " + ", ".join(f"column_{i}" for i in range(2000)))) == 2000


def test_shape_of_a_join() -> None:
    found = shape(
        "SELECT o.id FROM users u JOIN orders o ON o.user_id = u.id WHERE u.email = $1 AND o.total > 5 "
        "AND o.deleted_at IS NULL AND (o.a = 1 OR o.b = 2) ORDER BY o.created_at DESC LIMIT 10 OFFSET 20"
    )
    assert found.tables == ("users", "orders")
    assert found.equality == ("users.email",)
    assert found.ranges == ("orders.total",)
    assert found.joins == ("orders.user_id", "users.id")
    assert found.sort == ("orders.created_at DESC",)
    assert found.predicates == ("orders.deleted_at IS NULL",)
    assert (found.limit, found.offset, found.aggregate, found.for_update) == (True, True, False, False)


def test_shape_of_other_verbs() -> None:
    update = shape(
        "WITH due AS (SELECT id FROM jobs WHERE state = 'new' FOR UPDATE SKIP LOCKED) "
        "UPDATE jobs j SET state = 'taken' FROM due WHERE j.id = due.id AND j.kind = ANY($1)"
    )
    assert (update.verb, update.tables, update.equality) == ("UPDATE", ("jobs",), ("jobs.state", "jobs.kind"))
    assert shape("DELETE FROM audit.log WHERE at < now()").ranges == ("audit.log.at",)
    assert shape("INSERT INTO t SELECT * FROM s WHERE x = 1").tables == ("t", "s")
    grouped = shape("SELECT kind, count(*) AS n FROM t GROUP BY kind ORDER BY n DESC")
    assert (grouped.group, grouped.sort, grouped.aggregate) == (("t.kind",), (), True)
    assert shape("SELECT 1 FROM t WHERE id = 1 FOR UPDATE").for_update
    assert shape("VACUUM orders").verb == "VACUUM"


def test_a_constant_is_a_predicate_only_beside_parameters() -> None:
    assert shape("SELECT 1 FROM t WHERE s = 'pending' AND a = $1").predicates == ("t.s = 'pending'",)
    assert shape("SELECT 1 FROM t WHERE s = 'smith' AND a = 7").predicates == ()


@pytest.mark.parametrize(
    ("sql", "create"),
    [
        (
            "SELECT * FROM orders WHERE total > 5 AND customer_id = $1 ORDER BY created_at DESC LIMIT 20",
            "CREATE INDEX CONCURRENTLY orders_customer_id_created_at_total_idx ON orders "
            "(customer_id, created_at DESC, total);",
        ),
        (
            'SELECT * FROM "Order" WHERE "customerId" = $1',
            'CREATE INDEX CONCURRENTLY "Order_customerId_idx" ON "Order" ("customerId");',
        ),
        (
            "SELECT * FROM users u JOIN orders o ON o.user_id = u.id WHERE u.id = $1",
            "CREATE INDEX CONCURRENTLY orders_user_id_idx ON orders (user_id);",
        ),
        ("DELETE FROM sales.log WHERE day < $1", "CREATE INDEX CONCURRENTLY log_day_idx ON sales.log (day);"),
        ('SELECT * FROM t ORDER BY "user" LIMIT 5', 'CREATE INDEX CONCURRENTLY t_user_idx ON t ("user");'),
    ],
)
def test_an_index_is_proposed(sql: str, create: str) -> None:
    index = propose_index(shape(sql))
    assert index is not None
    assert index.create_statement() == create


@pytest.mark.parametrize("sql", ["SELECT * FROM t WHERE id = 1", "SELECT 1", "INSERT INTO t VALUES (1)", "COMMIT", ""])
def test_no_index_is_proposed(sql: str) -> None:
    assert propose_index(shape(sql)) is None


def test_comments_are_kept_apart() -> None:
    sql = "/*application:Shop*/ SELECT '/* no */' -- x\n/*route='%2Fapi%2Forders',traceparent='00-1',controller='o'*/"
    assert comment_tags(sql) == {"application": "Shop", "route": "/api/orders", "controller": "o"}
    assert without_comments(sql) == "SELECT '/* no */'"
    assert comment_tags("SELECT 1 /* controller=orders route=/api/orders */")["route"] == "/api/orders"


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("WHERE email = 'ann@example.com'", "ann@example.com"),
        ("parameters: $1 = 'Ann Lee', $2 = '7'", "Ann Lee"),
        ("parameters: $1 = 'cut off Ann", "Ann"),
        ("dsn postgres://app:s3cret@db/shop", "s3cret"),
        ("ALTER ROLE app PASSWORD 'hunter2'", "hunter2"),
        ("SET token = 'abc'", "abc"),
        ("password=hunter2 host=db", "hunter2"),
        ("key = 'sk_live_abcdefgh12345'", "sk_live"),
        ("WHERE session = 'a8f5f167f44f4964e6c998dee827110c'", "a8f5f167"),
        ("Authorization 'x' Bearer abcdef123456", "abcdef123456"),
        ("phone = '+44 20 7946 0000'", "7946"),
    ],
)
def test_secrets_are_taken_out_and_the_rest_stays(text: str, secret: str) -> None:
    redacted, count = redact(text)
    assert secret not in redacted
    assert count >= 1
    assert all(part in text for part in redacted.split("[redacted]"))
    assert redact(redacted)[0] == redacted


def test_plain_sql_is_left_alone() -> None:
    sql = "SELECT token, password_hash FROM users WHERE id = 7 AND ref = '0b0e7b6e-7c5c-4f6e-9a56-0d5f7c1d2a3b'"
    assert redact(sql) == (sql, 0)


def test_patterns_and_computed_values_are_told_apart() -> None:
    assert shape("SELECT 1 FROM t WHERE t.a ILIKE $1 OR b LIKE 'x'").matches == ()
    assert shape("SELECT 1 FROM t WHERE a ILIKE $1 AND b ~ 'x'").matches == ("t.a", "t.b")
    assert shape("SELECT 1 FROM t WHERE lower(a) = $1 AND now() = $2").computed == (("t.a", "lower"),)
    assert shape("SELECT 1 FROM t WHERE date_trunc('day', a) = $1 AND date(b) = $2").computed == ()
