SET max_parallel_workers_per_gather = 0; SET jit = off; SET work_mem = '64kB'; SET enable_seqscan = off;
---
SELECT count(note) FROM orders WHERE total < 20;
