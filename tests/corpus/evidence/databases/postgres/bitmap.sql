SET max_parallel_workers_per_gather = 0; SET jit = off;
---
SELECT count(*) FROM orders WHERE total = 3 OR created_at < '2026-01-02';
