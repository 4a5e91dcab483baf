SELECT id, total FROM orders WHERE customer_id = 17;
SELECT id, total FROM orders WHERE customer_id = 18;
SELECT id, total FROM orders WHERE customer_id = 19 /*controller:orders,action:index*/;
SELECT name FROM customers WHERE id = 5;
SELECT name
  FROM customers
 WHERE name = 'a;
# Time: no' OR id IN (1, 2, 3);
SELECT status, count(*) FROM orders GROUP BY status ORDER BY 2;
UPDATE orders SET status = 'paid' WHERE id = 7;
SELECT o.id, i.product FROM orders o JOIN items i ON i.order_id = o.id WHERE o.status = 'paid' ORDER BY i.product LIMIT 5;
