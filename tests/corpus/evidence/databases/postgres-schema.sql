CREATE EXTENSION pg_stat_statements;
CREATE TABLE customers (id int PRIMARY KEY, name text NOT NULL, email varchar(80) NOT NULL, country char(2) NOT NULL);
CREATE TABLE orders (id int PRIMARY KEY, customer_id int NOT NULL REFERENCES customers, status varchar(10) NOT NULL, total numeric(10,2) NOT NULL,
    note text, created_at timestamptz NOT NULL);
CREATE TABLE items (id int PRIMARY KEY, order_id int NOT NULL REFERENCES orders, product text NOT NULL, quantity int NOT NULL);
CREATE TABLE events (id int NOT NULL, at date NOT NULL, kind text NOT NULL) PARTITION BY RANGE (at);
CREATE TABLE events_2025 PARTITION OF events FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE TABLE events_2026 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
INSERT INTO customers SELECT n, 'Customer ' || n, 'user' || n || '@example.com', (ARRAY['de','fr','pl','us'])[1 + n % 4] FROM generate_series(1, 5010) n;
INSERT INTO orders SELECT n, 1 + (n * 7919) % 5000, (ARRAY['paid','open','sent','late'])[1 + (n % 97) % 4], ((n * 379) % 1000) / 7.0,
    repeat('note ', 20), timestamptz '2026-01-01' + n * interval '1 minute' FROM generate_series(1, 120000) n;
INSERT INTO items SELECT n, 1 + (n * 31) % 120000, 'Product ' || n % 500, 1 + n % 5 FROM generate_series(1, 150000) n;
INSERT INTO events SELECT n, date '2025-01-01' + n % 700, 'kind' || n % 3 FROM generate_series(1, 20000) n;
CREATE INDEX orders_created ON orders (created_at);
CREATE INDEX orders_total ON orders (total);
CREATE INDEX items_order ON items (order_id);
ANALYZE;
