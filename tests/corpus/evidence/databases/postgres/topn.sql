SET max_parallel_workers_per_gather = 0; SET jit = off;
---
SELECT id, customer_id FROM orders WHERE total < 140 ORDER BY status, id DESC LIMIT 20;
