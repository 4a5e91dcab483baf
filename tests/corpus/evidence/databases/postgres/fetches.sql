SET max_parallel_workers_per_gather = 0; SET jit = off; SET enable_seqscan = off; SET enable_bitmapscan = off;
---
SELECT count(created_at) FROM orders WHERE created_at > '2026-03-01';
