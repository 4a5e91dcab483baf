SET max_parallel_workers_per_gather = 0; SET jit = off; SET work_mem = '256kB';
---
SELECT * FROM orders ORDER BY note, total;
