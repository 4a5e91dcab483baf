SET max_parallel_workers_per_gather = 0; SET jit = off;
---
DELETE FROM orders WHERE id > 119990 AND id NOT IN (SELECT order_id FROM items);
