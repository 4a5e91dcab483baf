SET max_parallel_workers_per_gather = 0; SET jit = off;
---
SELECT c.id, (SELECT count(*) FROM orders o WHERE o.customer_id = c.id) FROM customers c WHERE c.id <= 120;
