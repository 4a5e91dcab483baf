\set id random(1, 5000)
\set page random(1, 100)
SELECT id, status, total FROM orders WHERE customer_id = :id ORDER BY created_at DESC LIMIT 20;
SELECT name, email FROM customers WHERE id = :id /*controller='orders',route='/orders/%3Cid%3E'*/;
UPDATE customers SET name = name || '' WHERE id = :id;
SELECT count(*)
  FROM orders
 WHERE status = 'late'
   AND total > :page;
