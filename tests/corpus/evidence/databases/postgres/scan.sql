SET max_parallel_workers_per_gather = 0; SET jit = off;
---
SELECT id, total FROM orders WHERE customer_id = 17 AND status = 'paid';
