SET max_parallel_workers_per_gather = 0; SET jit = off; SET enable_hashjoin = off; SET enable_mergejoin = off;
---
SELECT c.name, o.total FROM orders o JOIN customers c ON c.id = o.customer_id WHERE o.created_at < '2026-01-09';
