"""The pages that take money: checkout, the provider's webhook and cancelling an order."""

import psycopg

import payments
from pool import Row, first
from shop import Refused, Request, Shop

_REFUND_S = 0.35
_CHARGE_LOOKUP_S = 0.04


def _place_order(connection: psycopg.Connection[Row], customer: int, books: list[int]) -> tuple[int, int]:
    """Write an order and its lines; return its id and total. Leaves the invoice counter's row locked."""
    prices = connection.execute("SELECT id, price_cents FROM books WHERE id = ANY(%s)", [books]).fetchall()
    total = sum(int(row["price_cents"]) for row in prices)
    # The fault: every checkout of the shop queues for this one row until the provider has answered.
    invoice = first(connection, "UPDATE counters SET value = value + 1 WHERE name = 'invoice' RETURNING value")
    order = first(
        connection,
        "INSERT INTO orders (customer_id, invoice_number, status, total_cents, basket_copy) "
        "VALUES (%s, %s, 'pending', %s, '{}') RETURNING id",
        [customer, invoice["value"], total],
    )
    for row in sorted(prices, key=lambda price: int(price["id"])):
        connection.execute(
            "INSERT INTO order_items (order_id, book_id, copies, price_cents) VALUES (%s, %s, 1, %s)",
            [order["id"], row["id"], row["price_cents"]],
        )
        connection.execute("UPDATE inventory SET copies = copies - 1 WHERE book_id = %s", [row["id"]])
    return int(order["id"]), total


def checkout(shop: Shop, request: Request) -> Row:
    customer = shop.customer_of(request)
    books = sorted({int(number) for number in request.body.get("books", [])})
    if not books:
        raise Refused(422, "the cart is empty")
    with shop.pool.lease() as connection:
        connection.execute("SELECT vat_rate FROM countries WHERE code = %s", ["C001"]).fetchone()
        # The tenth order is free of postage; to count them, the shop reads all of orders (no index on customer_id).
        connection.execute(
            "SELECT count(*) AS paid FROM orders WHERE customer_id = %s AND status = 'paid'", [customer]
        ).fetchone()
        with connection.transaction():
            order, total = _place_order(connection, customer, books)
            payments.charge(shop.chance)
            connection.execute(
                "INSERT INTO payments (order_id, status, amount_cents) VALUES (%s, 'authorised', %s)", [order, total]
            )
            connection.execute(
                "INSERT INTO email_log (customer_id, template) VALUES (%s, 'order-confirmation')", [customer]
            )
    shop.enqueue("emails", "order-confirmation", {"to": f"reader{customer}@example.com", "order": order})
    shop.enqueue("emails", "receipt", {"to": f"reader{customer}@example.com", "order": order})
    shop.enqueue("webhooks", "order-placed", {"order": order})
    return {"order": order, "total_cents": total}


def stripe_webhook(shop: Shop, request: Request) -> Row:
    order = int(str(request.body["order"]))
    with shop.pool.lease() as connection, connection.transaction():
        connection.execute("UPDATE payments SET status = 'succeeded', updated_at = now() WHERE order_id = %s", [order])
        payments.look_up(_CHARGE_LOOKUP_S)
        connection.execute("UPDATE orders SET status = 'paid' WHERE id = %s", [order])
    return {"received": True}


def cancel(shop: Shop, request: Request) -> Row:
    """Cancel an order. The fault: locks orders, then payments, where the webhook locks payments, then orders."""
    customer = shop.customer_of(request)
    order = int(request.params["id"])
    with shop.pool.lease() as connection, connection.transaction():
        connection.execute(
            "UPDATE orders SET status = 'cancelled' WHERE id = %s AND customer_id = %s", [order, customer]
        )
        payments.look_up(_REFUND_S)
        connection.execute("UPDATE payments SET status = 'refunded', updated_at = now() WHERE order_id = %s", [order])
    return {"order": order, "status": "cancelled"}
