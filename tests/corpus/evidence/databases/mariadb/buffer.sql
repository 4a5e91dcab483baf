SELECT count(*) FROM customers c JOIN customers d ON d.country = c.country WHERE c.id < 30 AND d.name > 'Customer 5';
