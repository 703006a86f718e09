-- a migration that defines nothing new
BEGIN;
ALTER TABLE orders DROP COLUMN note;
ALTER TABLE orders RENAME TO purchases;
COMMIT;
