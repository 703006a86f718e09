CREATE TABLE orders (id serial PRIMARY KEY, customer_id int REFERENCES customers, placed timestamp);
