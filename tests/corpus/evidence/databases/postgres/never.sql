SET max_parallel_workers_per_gather = 0; SET jit = off;
---
SELECT o.id FROM orders o WHERE o.id < 0 AND EXISTS (SELECT 1 FROM items i WHERE i.order_id = o.id AND i.quantity > 4);
