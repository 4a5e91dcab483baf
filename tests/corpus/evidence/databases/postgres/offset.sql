SET max_parallel_workers_per_gather = 0; SET jit = off;
---
SELECT id, total FROM orders ORDER BY id LIMIT 20 OFFSET 50000;
