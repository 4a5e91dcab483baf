-- Data for the example: 200,000 orders of 5,000 customers, 2,000 articles with 5 prices each. The same at each run.
select setseed(0.42);
insert into customers (id, name, mail) select n, 'Customer ' || n, 'c' || n || '@example.com' from generate_series(1, 5000) n;
insert into products (id, sku, title)
  select n, 'SKU-' || lpad(n::text, 5, '0'), (array['blue lamp', 'red chair', 'oak table', 'wool rug'])[1 + n % 4] || ' ' || n
  from generate_series(1, 2000) n;
insert into prices (id, sku, cents)
  select n, 'SKU-' || lpad((1 + n % 2000)::text, 5, '0'), 100 + (random() * 9000)::int from generate_series(1, 10000) n;
insert into stock (sku, level) select sku, (random() * 100)::int from products;
insert into orders (id, number, state, customer_id, placed)
  select n, 'O-' || n, (array['new', 'paid', 'shipped'])[1 + n % 3], 1 + (n * 7919) % 5000, timestamp '2026-01-01' + n * interval '1 minute'
  from generate_series(1, 200000) n;
insert into order_lines (id, order_id, sku, count, cents)
  select n, 1 + n % 200000, 'SKU-' || lpad((1 + (n * 31) % 2000)::text, 5, '0'), 1 + n % 3, 100 + n % 900
  from generate_series(1, 400000) n;
analyze;
