SET max_parallel_workers_per_gather = 0; SET jit = off;
---
DELETE FROM customers WHERE id > 5005;
