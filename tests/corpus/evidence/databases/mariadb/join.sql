SELECT o.id, i.product FROM orders o JOIN items i ON i.order_id = o.id WHERE o.status = 'paid' AND o.total > 100;
