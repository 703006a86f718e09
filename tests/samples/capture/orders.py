"""The pages about orders: a customer's own, the back office list, the sales report, signing in."""

import hashlib

import psycopg
from psycopg.rows import dict_row

from pool import Row, first
from shop import Refused, Request, Shop

_PAGE = 50
_REPORT = """
SELECT b.category, b.title, date_trunc('day', o.created_at) AS day, sum(i.copies) AS copies,
       sum(i.copies * i.price_cents) AS cents
FROM order_items i JOIN orders o ON o.id = i.order_id JOIN books b ON b.id = i.book_id
WHERE o.created_at > now() - interval '300 days'
GROUP BY b.category, b.title, day ORDER BY cents DESC, b.title LIMIT 100
"""


def orders(shop: Shop, request: Request) -> Row:
    # The fault: orders has no index on customer_id, so all three statements read the whole table.
    customer = shop.customer_of(request)
    with shop.pool.lease() as connection:
        total = first(connection, "SELECT count(*) AS n FROM orders WHERE customer_id = %s", [customer])
        newest = connection.execute(
            "SELECT id, invoice_number, status, total_cents, created_at FROM orders "
            "WHERE customer_id = %s ORDER BY created_at DESC LIMIT 10",
            [customer],
        ).fetchall()
        spent = first(
            connection,
            "SELECT coalesce(sum(total_cents), 0) AS cents FROM orders WHERE customer_id = %s AND status = 'paid'",
            [customer],
        )
    return {"total": total["n"], "spent": spent["cents"], "orders": newest}


def order(shop: Shop, request: Request) -> Row:
    shop.customer_of(request)
    with shop.pool.lease() as connection:
        row = connection.execute(
            "SELECT o.id, o.status, o.total_cents, p.status AS payment FROM orders o "
            "LEFT JOIN payments p ON p.order_id = o.id WHERE o.id = %s",
            [int(request.params["id"])],
        ).fetchone()
        if row is None:
            raise Refused(404, "no such order")
        lines = connection.execute(
            "SELECT b.title, i.copies, i.price_cents FROM order_items i JOIN books b ON b.id = i.book_id "
            "WHERE i.order_id = %s",
            [row["id"]],
        ).fetchall()
    return row | {"lines": lines}


def account(shop: Shop, request: Request) -> Row:
    customer = shop.customer_of(request)
    with shop.pool.lease() as connection:
        who = first(
            connection,
            "SELECT c.email, k.name AS country FROM customers c JOIN countries k ON k.code = c.country_code "
            "WHERE c.id = %s",
            [customer],
        )
        spent = first(
            connection,
            "SELECT count(*) AS orders, coalesce(sum(total_cents), 0) AS cents FROM orders WHERE customer_id = %s",
            [customer],
        )
    if request.method == "POST":
        shop.enqueue("exports", "account-archive", {"customer": customer})
    return who | spent


def admin_orders(shop: Shop, request: Request) -> list[Row]:
    # Two faults: the page is reached by OFFSET, and each order asks for its lines, each line for its book.
    skipped = _PAGE * int(request.query.get("page", "0"))
    with shop.pool.lease() as connection:
        page = connection.execute(
            "SELECT id, customer_id, status, total_cents, created_at FROM orders "
            "ORDER BY created_at DESC, id DESC LIMIT %s OFFSET %s",
            [_PAGE, skipped],
        ).fetchall()
        for row in page:
            row["lines"] = connection.execute(
                "SELECT id, book_id, copies, price_cents FROM order_items WHERE order_id = %s", [row["id"]]
            ).fetchall()
            for line in row["lines"]:
                line["book"] = connection.execute(
                    "SELECT id, title FROM books WHERE id = %s", [line["book_id"]]
                ).fetchone()
            row["customer"] = connection.execute(
                "SELECT id, email FROM customers WHERE id = %s", [row["customer_id"]]
            ).fetchone()
    return page


def sales_report(shop: Shop, request: Request) -> list[Row]:
    # The reporting library opens a connection of its own and sends literal SQL by the simple protocol.
    with psycopg.connect(
        shop.dsn, row_factory=dict_row, cursor_factory=psycopg.ClientCursor, application_name="harbor-reports"
    ) as connection:
        rows = connection.execute(_REPORT).fetchall()
    shop.enqueue("exports", "sales-report", {"rows": len(rows)})
    return rows


def login(shop: Shop, request: Request) -> Row:
    email, password = str(request.body.get("email")), str(request.body.get("password"))
    with shop.pool.lease() as connection:
        who = connection.execute("SELECT id, password_sha256 FROM customers WHERE email = %s", [email]).fetchone()
        if who is None or who["password_sha256"] != hashlib.sha256(password.encode()).hexdigest():
            raise Refused(401, "wrong e-mail address or password")
        token = shop.open_session(int(who["id"]))
        connection.execute(
            "INSERT INTO sessions (token, customer_id, expires_at) VALUES (%s, %s, now() + interval '1 day')",
            [token, who["id"]],
        )
    shop.enqueue("emails", "new-sign-in", {"to": email})
    return {"token": token}
