SET max_parallel_workers_per_gather = 0; SET jit = off; SET enable_hashagg = off;
---
SELECT DISTINCT product, sum(quantity) OVER (PARTITION BY product ORDER BY id) FROM items WHERE id < 300 EXCEPT SELECT product, quantity FROM items WHERE id < 20;
