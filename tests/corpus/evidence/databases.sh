#!/bin/sh
# Makes the samples of tests/data/evidence/databases with the real servers: PostgreSQL (with contrib) and MariaDB.
#   apt-get install postgresql postgresql-contrib mariadb-server-core mariadb-client-core sqlite3
# Private servers in a temporary folder, as the user that calls; root hands over to the user given as SAMPLE_USER.
# Times differ at each run: tests rely on structure and counts, so replace all samples or none.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
sql=$here/databases
out=${1:-$here/../../data/evidence/databases}
if [ "$(id -u)" = 0 ]; then
    user=${SAMPLE_USER:-nobody}
    work=$(mktemp -d) && chmod 755 "$work"
    cp -r "$sql" "$here/databases.sh" "$work/" && mkdir "$work/out" && chown -R "$user" "$work"
    setpriv --reuid "$user" --clear-groups env HOME="$work" PG_BIN="${PG_BIN:-$(pg_config --bindir)}" sh "$work/databases.sh" "$work/out"
    mkdir -p "$out" && cp -r "$work/out/." "$out/" && rm -rf "$work"
    exit
fi
bin=${PG_BIN:-$(pg_config --bindir)}
work=$(mktemp -d)
trap 'stop' EXIT
stop() {
    "$bin/pg_ctl" -D "$work/pg" -m immediate stop >/dev/null 2>&1 || true
    [ -f "$work/my.pid" ] && kill "$(cat "$work/my.pid")" 2>/dev/null || true
    sleep 1
    rm -rf "$work"
}

# --- PostgreSQL
"$bin/initdb" -D "$work/pg" -U sample --no-sync --locale=C.UTF-8 >/dev/null
cat >>"$work/pg/postgresql.conf" <<CONF
listen_addresses = ''
unix_socket_directories = '$work'
shared_preload_libraries = 'auto_explain,pg_stat_statements'
shared_buffers = 16MB
fsync = off
autovacuum = off
track_io_timing = on
log_timezone = 'UTC'
log_line_prefix = '%m [%p] '
log_destination = 'stderr'
logging_collector = on
log_directory = 'log'
log_filename = 'server.log'
CONF
"$bin/pg_ctl" -D "$work/pg" -w start >/dev/null
export PGHOST=$work PGUSER=sample PGDATABASE=postgres PGOPTIONS='-c client_min_messages=warning'
psql -XqAt -f "$sql/postgres-schema.sql"

mkdir -p "$out/explain" "$out/pairs"
# One query a file; what stands before `---` are settings.
for file in "$sql"/postgres/*.sql; do
    name=$(basename "$file" .sql)
    sed '/^---$/,$d' "$file" >"$work/set.sql"
    sed '1,/^---$/d' "$file" >"$work/query.sql"
    explain() { # options, psql options
        { cat "$work/set.sql"; echo 'BEGIN;'; printf 'EXPLAIN (%s)\n' "$1"; cat "$work/query.sql"; echo 'ROLLBACK;'; } | psql -Xq $2
    }
    counts='ANALYZE, TIMING OFF, SUMMARY OFF'
    explain "$counts" '' >"$out/pairs/$name.txt"
    explain "$counts, FORMAT JSON" -At >"$out/pairs/$name.json"
    explain "$counts, FORMAT YAML" '' >"$out/pairs/$name.yaml"
    explain 'ANALYZE, BUFFERS' '' >"$out/explain/$name.txt"
    case $name in common|parallel|loop|trigger|jit)
        explain 'ANALYZE, BUFFERS, FORMAT JSON' -At >"$out/explain/$name.json" ;;
    esac
done
psql -Xq -P linestyle=unicode -P border=2 -c "EXPLAIN ANALYZE SELECT count(*) FROM orders WHERE status = 'paid'" >"$out/explain/frame-unicode.txt"
psql -Xq -P border=2 -c "EXPLAIN (ANALYZE, FORMAT JSON) SELECT count(*) FROM orders WHERE status = 'paid'" >"$out/explain/frame-json.txt"
psql -Xq --csv -c "EXPLAIN ANALYZE SELECT count(*) FROM orders WHERE status = 'paid' AND note = 'a \"b\"'" >"$out/explain/quoted.csv"
psql -Xq --csv -c "EXPLAIN (ANALYZE, FORMAT JSON) SELECT count(*) FROM orders WHERE status = 'paid'" >"$out/explain/json.csv"
psql -Xq -c "EXPLAIN (COSTS OFF) SELECT * FROM orders o JOIN customers c ON c.id = o.customer_id" >"$out/explain/bare.txt"
psql -Xq -c "EXPLAIN (COSTS OFF, ANALYZE, SUMMARY OFF) SELECT * FROM customers WHERE id = 7" >"$out/explain/costs-off.txt"

# pg_stat_statements: two snapshots around a workload, in three forms.
psql -XqAt -c 'SELECT pg_stat_statements_reset()' >/dev/null
"$bin/pgbench" -n -M extended -t 40 -f "$sql/postgres-workload.sql" >/dev/null 2>&1
statements="SELECT * FROM pg_stat_statements WHERE query NOT LIKE '%pg_stat%' ORDER BY query COLLATE \"C\""
psql -Xq --csv -c "$statements" >"$out/statements-before.csv"
"$bin/pgbench" -n -M extended -t 60 -f "$sql/postgres-workload.sql" >/dev/null 2>&1
psql -Xq --csv -c "$statements" >"$out/statements-after.csv"
columns='SELECT query, calls, total_exec_time, mean_exec_time, min_exec_time, max_exec_time, stddev_exec_time, rows, temp_blks_written FROM pg_stat_statements'
psql -Xq -c "$columns WHERE calls > 10 ORDER BY total_exec_time DESC" >"$out/statements-table.txt"
psql -Xqx -c "$columns WHERE calls > 10 ORDER BY total_exec_time DESC" >"$out/statements-expanded.txt"

# Logs: auto_explain and log_min_duration together, three destinations. Then each alone.
log() { # name, settings
    for setting in $2; do echo "ALTER SYSTEM SET ${setting%%=*} = '${setting#*=}';"; done | psql -Xq
    psql -XqAt -c 'SELECT pg_reload_conf()' >/dev/null && sleep 1
    : >"$work/pg/log/server.log"
    for kind in csv json; do [ -f "$work/pg/log/server.$kind" ] && : >"$work/pg/log/server.$kind"; done
    "$bin/pgbench" -n -M "${3:-extended}" -t 4 -f "$sql/postgres-workload.sql" >/dev/null 2>&1
    sleep 1
    cp "$work/pg/log/server.log" "$out/$1.log"
}
log log-both 'log_destination=stderr,csvlog,jsonlog log_min_duration_statement=0 auto_explain.log_min_duration=0 auto_explain.log_analyze=on'
grep -v 'parameter "\|SIGHUP' "$out/log-both.log" >"$work/l" && cp "$work/l" "$out/log-both.log"
cp "$work/pg/log/server.csv" "$out/log-both.csv" && cp "$work/pg/log/server.json" "$out/log-both.json"
log log-plans 'log_destination=stderr log_min_duration_statement=-1 auto_explain.log_format=json'
log log-statements 'log_min_duration_statement=0 auto_explain.log_min_duration=-1' simple
"$bin/pg_ctl" -D "$work/pg" -m fast stop >/dev/null

# --- MariaDB
mkdir "$work/my" && mkdir -p "$out/mariadb"
mariadb-install-db --no-defaults --datadir="$work/my" --auth-root-authentication-method=normal --skip-test-db >/dev/null 2>&1
mariadbd --no-defaults --datadir="$work/my" --socket="$work/my.sock" --pid-file="$work/my.pid" --skip-networking \
    --slow-query-log=0 --slow-query-log-file="$work/slow.log" --long-query-time=0 \
    --log-slow-verbosity=query_plan,explain --innodb-buffer-pool-size=64M >"$work/my.log" 2>&1 &
i=0
until mariadb --no-defaults -S "$work/my.sock" -u root -e 'SELECT 1' >/dev/null 2>&1; do
    i=$((i + 1))
    [ $i -lt 60 ] || exit 1
    sleep 0.5
done
my() { mariadb --no-defaults -S "$work/my.sock" -u root shop "$@"; }
mariadb --no-defaults -S "$work/my.sock" -u root -e 'CREATE DATABASE shop'
my <"$sql/mariadb-schema.sql"
for file in "$sql"/mariadb/*.sql; do
    name=$(basename "$file" .sql)
    { printf 'ANALYZE FORMAT=JSON '; cat "$file"; } | my -N --raw >"$out/mariadb/$name.json"
    { printf 'EXPLAIN FORMAT=JSON '; cat "$file"; } | my -E >"$out/mariadb/$name-estimated.txt"
done
my -e 'SET GLOBAL slow_query_log = 1'
my <"$sql/mariadb-workload.sql" >/dev/null
my -e 'SET GLOBAL slow_query_log = 0'
sed "s/Unix socket: .*/Unix socket: mysqld.sock/" "$work/slow.log" >"$out/mariadb/slow.log"

# --- SQLite: structure only, no data is needed.
mkdir -p "$out/sqlite"
for file in "$sql"/sqlite/*.sql; do
    { cat "$sql/sqlite-schema.txt"; printf 'EXPLAIN QUERY PLAN '; cat "$file"; } | sqlite3 >"$out/sqlite/$(basename "$file" .sql).txt"
done
chmod 644 "$out"/*.* "$out"/*/*
