SET max_parallel_workers_per_gather = 0; SET jit = off;
---
SELECT c.name, sum(o.total) FROM customers c JOIN orders o ON o.customer_id = c.id WHERE c.country = 'de' AND o.total > 100 GROUP BY c.name ORDER BY 2 DESC LIMIT 10;
