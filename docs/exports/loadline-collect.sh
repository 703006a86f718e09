#!/bin/sh
# Gather what a Loadline review can read into one zip. Read-only; without --run it only prints what it would do.
#
#   sh loadline-collect.sh                     show the commands
#   sh loadline-collect.sh --run               run them and write loadline-exports.zip
#   sh loadline-collect.sh --run --out X.zip --repo /path/to/app
#
# PostgreSQL: DATABASE_URL, or PGHOST, PGUSER … as psql knows them. Redis: REDIS_URL. A part whose tool or address is
# missing is left out and said. What the files reveal: statement texts without parameters, table names and sizes,
# settings, key counts, routes. No row of a table and no value of a key is read.
set -eu
# The server itself refuses to write anything.
export PGOPTIONS="${PGOPTIONS:-} -c default_transaction_read_only=on -c statement_timeout=30s"

run=no out=loadline-exports.zip repo=.
while [ $# -gt 0 ]; do
    case $1 in
    --run) run=yes ;;
    --out) out=${2:?--out needs a file name} && shift ;;
    --repo) repo=${2:?--repo needs a folder} && shift ;;
    *)
        echo "usage: sh loadline-collect.sh [--run] [--out FILE.zip] [--repo FOLDER]" >&2
        exit 2
        ;;
    esac
    shift
done

folder=
gathered=0
if [ "$run" = yes ]; then
    command -v python3 >/dev/null 2>&1 || command -v zip >/dev/null 2>&1 || {
        echo "zip is missing: apt-get install zip" >&2
        exit 1
    }
    folder=$(mktemp -d)
    trap 'rm -rf "$folder"' EXIT INT TERM
fi

gather() { # FILE COMMAND...: the command's output becomes the file
    file=$1
    shift
    # An address may hold a password: it is used, never shown.
    printf '%s  ←  %s\n' "$file" "$(printf '%s' "$*" | sed 's#://[^ @]*@#://…@#g')"
    [ "$run" = yes ] || return 0
    if ! "$@" >"$folder/$file" 2>"$folder/.error"; then
        printf '   left out: %s\n' "$(head -n 1 "$folder/.error")"
        rm -f "$folder/$file"
    elif ! grep -q '[^[:space:]]' "$folder/$file"; then
        echo "   left out: it has nothing to tell"
        rm -f "$folder/$file"
    else
        gathered=$((gathered + 1))
    fi
}

sql() { # FILE QUERY
    gather "$1" psql ${DATABASE_URL:+"$DATABASE_URL"} --no-psqlrc --csv -v ON_ERROR_STOP=1 -c "$2"
}

if command -v psql >/dev/null 2>&1 && [ -n "${DATABASE_URL:-}${PGHOST:-}${PGSERVICE:-}" ]; then
    sql pg_stat_statements.csv "select now() as captured_at, * from pg_stat_statements"
    sql pg_stat_user_tables.csv "select now() as captured_at, * from pg_stat_user_tables"
    sql pg_stat_user_indexes.csv "select now() as captured_at, * from pg_stat_user_indexes"
    sql pg_statio_user_tables.csv "select now() as captured_at, * from pg_statio_user_tables"
    sql pg_statio_user_indexes.csv "select now() as captured_at, * from pg_statio_user_indexes"
    sql pg_sizes.csv "select schemaname, relname, pg_total_relation_size(relid) as total_bytes, \
pg_table_size(relid) as table_bytes, pg_indexes_size(relid) as index_bytes, now() as captured_at from pg_stat_user_tables"
    sql pg_ages.csv "select datname, age(datfrozenxid) as age, mxid_age(datminmxid) as mxid_age, now() as captured_at \
from pg_database"
    sql pg_sequences.csv "select schemaname, sequencename, data_type, min_value, max_value, increment_by, cycle, \
last_value, now() as captured_at from pg_sequences"
    sql pg_locks.csv "select now() as captured_at, * from pg_locks"
    sql pg_stat_statements_info.csv "select now() as captured_at, * from pg_stat_statements_info"
    sql pg_stat_bgwriter.csv "select now() as captured_at, * from pg_stat_bgwriter"
    sql pg_stat_checkpointer.csv "select now() as captured_at, * from pg_stat_checkpointer"
    sql pg_stat_wal.csv "select now() as captured_at, * from pg_stat_wal"
    sql pg_stat_io.csv "select now() as captured_at, * from pg_stat_io"
    sql pg_stat_database.csv "select now() as captured_at, * from pg_stat_database where datname = current_database()"
    sql pg_settings.csv "select name, setting, unit, category, source, boot_val, pending_restart from pg_settings \
where name not in ('primary_conninfo', 'ssl_passphrase_command', 'archive_command', 'restore_command')"
else
    echo "PostgreSQL left out: psql is missing, or neither DATABASE_URL nor PGHOST is set."
fi

from_redis() { # FILE COMMAND...
    file=$1
    shift
    case $REDIS_URL in
    unix://*) gather "$file" redis-cli -s "${REDIS_URL#unix://}" "$@" ;;
    *) gather "$file" redis-cli -u "$REDIS_URL" --no-auth-warning "$@" ;;
    esac
}

if command -v redis-cli >/dev/null 2>&1 && [ -n "${REDIS_URL:-}" ]; then
    from_redis redis-info.txt INFO everything
    from_redis redis-slowlog.json --json SLOWLOG GET 128
    from_redis redis-latency.txt LATENCY LATEST
    from_redis redis-memory.txt MEMORY STATS
else
    echo "Redis left out: redis-cli is missing, or REDIS_URL is not set."
fi

for manifest in app-path-routes-manifest.json routes-manifest.json; do
    if [ -f "$repo/.next/$manifest" ]; then gather "$manifest" cat "$repo/.next/$manifest"; fi
done
for schema in "$repo"/prisma/schema.prisma; do
    if [ -f "$schema" ]; then gather schema.prisma cat "$schema"; fi
done

[ "$run" = yes ] || {
    echo "Nothing was run. Add --run to run the commands above."
    exit 0
}
rm -f "$folder/.error"
[ "$gathered" -gt 0 ] || {
    echo "Nothing could be gathered: set DATABASE_URL or REDIS_URL, or name a built application with --repo." >&2
    exit 3
}
if command -v zip >/dev/null 2>&1; then
    rm -f "$out" && (cd "$folder" && zip -q -r - .) >"$out"
else
    python3 -m zipfile -c "$out" "$folder"/*
fi
echo "Wrote $out with $gathered files. Look into it, then send it."
