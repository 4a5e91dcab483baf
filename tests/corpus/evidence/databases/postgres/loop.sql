SET max_parallel_workers_per_gather = 0; SET jit = off; SET enable_hashjoin = off; SET enable_mergejoin = off; SET enable_memoize = off;
---
SELECT o.id, i.product FROM orders o JOIN items i ON i.order_id = o.id WHERE o.created_at < '2026-01-04';
