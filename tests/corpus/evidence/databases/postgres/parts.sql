SET max_parallel_workers_per_gather = 0; SET jit = off;
---
SELECT kind, count(*) FROM events WHERE at > '2025-06-01' GROUP BY kind UNION ALL SELECT 'none', 0 WHERE false;
