#!/usr/bin/env bash
# Makes the bundled evidence again: runs the example against a private PostgreSQL, under load and under a profiler,
# before and after a change (`optimized.patch` and an index), and keeps what the tools wrote. What it needs: `serve.sh`.
#   examples/evidence/make.sh [VENV]
[ -z "${1:-}" ] || VENV=$1
# shellcheck source=serve.sh
. "$(dirname "$0")/serve.sh"
RUNS=${RUNS:-4} SECONDS_EACH=${SECONDS_EACH:-20} VUS=${VUS:-6}

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
