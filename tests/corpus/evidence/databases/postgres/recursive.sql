SET max_parallel_workers_per_gather = 0; SET jit = off;
---
WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t WHERE n < 200) SELECT sum(n) FROM t, (VALUES (1), (2)) AS "My Values"(v);
