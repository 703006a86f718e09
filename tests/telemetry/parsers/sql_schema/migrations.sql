/* 0001 */ BEGIN;
CREATE TABLE "User" (
  "id" TEXT NOT NULL,
  "email" TEXT NOT NULL DEFAULT 'a;b',
  "teamId" INTEGER,
  CONSTRAINT "User_pkey" PRIMARY KEY ("id")
);
--> statement-breakpoint
CREATE TABLE team (id int GENERATED ALWAYS AS IDENTITY, name text, UNIQUE (name, id));
CREATE UNIQUE INDEX "User_email_key" ON "User"("email");
CREATE INDEX "User_email_idx" ON "User" USING btree ("email");
CREATE INDEX user_team_live ON "User" ("teamId") WHERE "deletedAt" IS NULL;
ALTER TABLE "User" ADD CONSTRAINT "User_teamId_fkey" FOREIGN KEY ("teamId")
  REFERENCES team(id) ON DELETE CASCADE;
CREATE TABLE membership (
  user_id text NOT NULL REFERENCES "User" ON DELETE SET NULL,
  team_id int REFERENCES team (id), role text,
  PRIMARY KEY (user_id, team_id)
);
CREATE INDEX membership_role ON membership (role);
CREATE INDEX membership_role_team ON membership (role, team_id DESC);
CREATE INDEX membership_lower ON membership (lower(role));
CREATE INDEX membership_lower_again ON membership (LOWER( role ));
CREATE TABLE gone (id int); CREATE INDEX gone_idx ON gone (id);
DROP TABLE gone;
CREATE TABLE events (at timestamptz NOT NULL, kind text, PRIMARY KEY (at, kind)) PARTITION BY RANGE (at);
CREATE TABLE events_2026 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
  NEW.at := now(); -- CREATE TABLE inside (id int);
  RETURN NEW;
END;
$body$;
CREATE FUNCTION twice(x int) RETURNS int BEGIN ATOMIC SELECT x; SELECT x * 2; END;
ALTER TABLE membership RENAME COLUMN role TO rank;
ALTER TABLE membership RENAME TO members;
ALTER TABLE team ADD PRIMARY KEY (id);
ALTER TABLE other ADD CONSTRAINT other_team FOREIGN KEY (team_id) REFERENCES team (id);
INSERT INTO team (name) VALUES (E'it\'s; fine'), ('ann@example.org');
COMMIT;
