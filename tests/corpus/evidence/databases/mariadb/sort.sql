SELECT status, count(*) FROM orders WHERE total > 10 GROUP BY status ORDER BY 2 DESC LIMIT 3;
