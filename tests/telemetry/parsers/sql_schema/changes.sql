-- a step of a history: its tables stand in earlier files
CREATE TABLE notes (id bigint PRIMARY KEY, body text);
CREATE INDEX notes_body ON notes (body);
CREATE INDEX orders_note ON orders (note);
CREATE INDEX CONCURRENTLY orders_total ON orders (total);
ALTER TABLE orders ADD CONSTRAINT orders_customer FOREIGN KEY (customer_id) REFERENCES customers (id);
ALTER TABLE orders ADD CONSTRAINT orders_shop FOREIGN KEY (shop_id) REFERENCES shops (id) NOT VALID;
ALTER TABLE orders ADD CHECK (total > 0), ALTER COLUMN status SET NOT NULL;
ALTER TABLE orders ADD UNIQUE (number);
ALTER TABLE orders ADD PRIMARY KEY USING INDEX orders_id;
ALTER TABLE orders ALTER COLUMN total TYPE bigint;
ALTER TABLE orders ALTER COLUMN note TYPE text;
ALTER TABLE orders ADD COLUMN token uuid DEFAULT gen_random_uuid();
ALTER TABLE orders ADD COLUMN seen timestamptz NOT NULL DEFAULT now();
ALTER TABLE orders ADD COLUMN region text NOT NULL;
ALTER TABLE billing.invoices DROP COLUMN old_total;
ALTER TABLE orders RENAME COLUMN note TO remark;
DROP TABLE IF EXISTS public.carts;
