SET max_parallel_workers_per_gather = 0; SET jit = off; SET work_mem = '256kB'; SET enable_mergejoin = off;
---
SELECT count(*) FROM orders o JOIN items i ON i.order_id = o.id AND i.quantity < 5;
