-- Invented rows only: numbered customers at example.com, titles made of word lists.
INSERT INTO countries SELECT 'C' || lpad(n::text, 3, '0'), 'Country ' || n, (n % 26) / 100.0
FROM generate_series(1, 200) n;

INSERT INTO customers (email, password_sha256, country_code, created_at)
SELECT 'reader' || n || '@example.com', encode(sha256(('tide-' || n)::bytea), 'hex'),
    'C' || lpad((1 + n % 200)::text, 3, '0'), now() - (n % 900) * interval '1 day'
FROM generate_series(1, 40000) n;

INSERT INTO books (category, title, blurb, price_cents, sold)
SELECT (ARRAY['fiction', 'history', 'sea', 'cooking', 'travel', 'science', 'poetry', 'children'])[1 + n % 8],
    'The ' || a[1 + n % 20] || ' ' || b[1 + (n / 20) % 25] || ' of ' || c[1 + (n * 7 / 500) % 40] || ', volume ' || 1 + n % 9,
    repeat('A quiet book about ' || b[1 + (n / 20) % 25] || ' and ' || c[1 + (n * 7 / 500) % 40] || '. ', 12),
    700 + (n * 37) % 4200, (n * 7919) % 20011
FROM generate_series(1, 20000) n, (SELECT
    string_to_array('amber anchored azure brave calm cobalt crooked distant drifting eastern '
        || 'fallen golden hidden hollow iron lonely patient silent silver southern', ' ') a,
    string_to_array('albatross anchor atlas beacon bell captain chart compass cormorant current '
        || 'ferry gannet harbour herring keel lantern ledger lighthouse mast pilot rudder sail tern tide wake', ' ') b,
    string_to_array('Aberwen Alder Ashby Birch Brine Calder Cedar Coral Crane Dover Dunmore Elm Falmer Fenwick '
        || 'Foxglove Galway Gorse Hazel Heather Ivy Juniper Kestrel Larch Linden Maple Marlow Moss Myrtle Oak Olive '
        || 'Pine Poplar Rowan Rye Sage Sorrel Teasel Thorn Willow Yew', ' ') c) AS lists;

INSERT INTO inventory SELECT id, 50 + (id % 200)::integer FROM books;
INSERT INTO counters VALUES ('invoice', 300000);

INSERT INTO orders (customer_id, invoice_number, status, total_cents, basket_copy, created_at)
SELECT 1 + (n::bigint * 7919) % 40000, n, 'paid', 900 + (n * 53) % 9000,
    -- The basket as it was bought, 1.4 kB: wide rows are what makes reading the whole table slow.
    repeat('{"book": ' || n % 20000 || ', "shelf": "' || n % 300 || '", "gift": false}', 32),
    now() - (300000 - n) * interval '2 minutes'
FROM generate_series(1, 300000) n;

INSERT INTO order_items (order_id, book_id, copies, price_cents)
SELECT 1 + n % 300000, 1 + (n::bigint * 104729) % 20000, 1 + n % 3, 700 + (n * 37) % 4200
FROM generate_series(1, 700000) n;

INSERT INTO payments (order_id, status, amount_cents, updated_at)
SELECT id, 'succeeded', total_cents, created_at FROM orders;

INSERT INTO sessions SELECT encode(sha256(n::text::bytea), 'hex'), 1 + n % 40000, now() + interval '7 days'
FROM generate_series(1, 30000) n;

INSERT INTO email_log (customer_id, template, queued_at)
SELECT customer_id, 'order-confirmation', created_at FROM orders ORDER BY id DESC LIMIT 60000;

CREATE EXTENSION pg_stat_statements;
GRANT ALL ON ALL TABLES IN SCHEMA public TO harbor_app;
