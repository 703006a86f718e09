create table t (id bigint primary key, email text);
insert into t values (1, 'ann@example.org');
insert into schema_migrations (version) values ('1');
