SET max_parallel_workers_per_gather = 0; SET jit_above_cost = 0; SET jit_inline_above_cost = 0; SET jit_optimize_above_cost = 0;
---
SELECT sum(quantity) FROM items WHERE id < 2000;
