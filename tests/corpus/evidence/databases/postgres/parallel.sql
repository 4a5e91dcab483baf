SET jit = off; SET max_parallel_workers_per_gather = 2; SET parallel_setup_cost = 0; SET min_parallel_table_scan_size = 0; SET parallel_tuple_cost = 0;
---
SELECT status, count(*) FROM orders WHERE note LIKE '%note%' GROUP BY status;
