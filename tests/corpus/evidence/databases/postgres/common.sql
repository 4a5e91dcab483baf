SET max_parallel_workers_per_gather = 0; SET jit = off;
---
WITH recent AS MATERIALIZED (SELECT * FROM orders WHERE created_at > '2026-03-20') SELECT r.customer_id, count(*) FROM recent r WHERE r.total > (SELECT avg(total) FROM recent) GROUP BY r.customer_id HAVING count(*) > (SELECT 1) ORDER BY 2 DESC, 1 LIMIT 5;
