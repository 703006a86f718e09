\restrict abcDEF123
SET statement_timeout = 0;
SET client_encoding = 'UTF8';
CREATE TABLE public.orders (
    id bigint NOT NULL,
    customer_id bigint
);
CREATE TABLE public.schema_migrations (
    version character varying NOT NULL
);
ALTER TABLE ONLY public.orders
    ADD CONSTRAINT orders_pkey PRIMARY KEY (id);
\unrestrict abcDEF123

SET search_path TO "$user", public;

INSERT INTO "schema_migrations" (version) VALUES
('20240102'),
('20240101');
