CREATE TABLE customers (id int PRIMARY KEY, name varchar(40) NOT NULL, country char(2) NOT NULL);
CREATE TABLE orders (id int PRIMARY KEY, customer_id int NOT NULL, status varchar(10) NOT NULL, total decimal(10,2) NOT NULL, created_at datetime NOT NULL);
CREATE TABLE items (id int PRIMARY KEY, order_id int NOT NULL, product varchar(40) NOT NULL, KEY items_order (order_id));
INSERT INTO customers SELECT seq, concat('Customer ', seq), elt(1 + seq % 4, 'de', 'fr', 'pl', 'us') FROM seq_1_to_2000;
INSERT INTO orders SELECT seq, 1 + (seq * 7919) % 2000, elt(1 + seq % 4, 'paid', 'open', 'sent', 'late'), seq % 1000 / 7, '2026-01-01' + INTERVAL seq MINUTE FROM seq_1_to_30000;
INSERT INTO items SELECT seq, 1 + (seq * 31) % 30000, concat('Product ', seq % 50) FROM seq_1_to_40000;
ANALYZE TABLE customers, orders, items;
