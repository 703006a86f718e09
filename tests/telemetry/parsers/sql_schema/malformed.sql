CREATE TABLE orders (id bigint PRIMARY KEY);
CREATE TABLE broken (id bigint PRIMARY KEY,,

  note text);
CREATE INDEX orders_id_idx ON orders (id);
this is no SQL; CREATE TABLE kept (id int);
CREATE TABLE unfinished (id int
