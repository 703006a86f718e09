--
-- PostgreSQL database dump
--

SET client_encoding = 'UTF8';

COPY public.customers (id, email) FROM stdin;
1	ann@example.org
2	bob@example.org
\.
