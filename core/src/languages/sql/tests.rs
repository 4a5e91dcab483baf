//! What is read of the three dialects, and that nothing stops the reader.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use super::{read, shape_of};
use crate::model::schema::{Change, Channel, ColumnUse, IndexKind, IndexPart, OnDelete};

fn changes(sql: &str) -> Vec<Change> {
    let script = read(sql, 1);
    assert!(script.unread.is_empty(), "{:?}", script.unread);
    script.changes.into_iter().map(|(_, change)| change).collect()
}

#[test]
fn a_postgres_table() {
    let found = changes(
        "CREATE TABLE IF NOT EXISTS app.\"orders\" (
            id bigserial PRIMARY KEY, -- the key
            customer_id bigint NOT NULL REFERENCES customers (id) ON UPDATE CASCADE ON DELETE CASCADE,
            code varchar(20) UNIQUE, total numeric(10, 2) DEFAULT (1 + 2), key text,
            CONSTRAINT fk FOREIGN KEY (a, b) REFERENCES x (a, b) ON DELETE SET NULL,
            UNIQUE (customer_id, code), CHECK (total > 0)
        ) PARTITION BY RANGE (id);",
    );
    let [Change::CreateTable(table)] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!(table.name, "orders");
    let names: Vec<&str> = table.columns.iter().map(|c| c.name.as_str()).collect();
    assert_eq!(names, ["id", "customer_id", "code", "total", "key"]);
    assert_eq!(table.columns[0].own_index, Some(IndexKind::Primary));
    assert_eq!(table.columns[1].references.as_ref().unwrap().on_delete, OnDelete::Cascade);
    assert_eq!(table.columns[1].line, 3);
    assert_eq!(table.foreign_keys[0].to.on_delete, OnDelete::SetNull);
    assert_eq!(table.indexes[0].columns().collect::<Vec<_>>(), ["customer_id", "code"]);
}

#[test]
fn a_mysql_table() {
    let found = changes(
        "CREATE TABLE `t` (`id` int NOT NULL AUTO_INCREMENT, `name` varchar(200) COMMENT 'it\\'s', `key` varchar(9),
          PRIMARY KEY (`id`), KEY `ix_name` (`name`(10)), UNIQUE KEY `u` (`a`,`b`) USING BTREE,
          CONSTRAINT `c` FOREIGN KEY (`a`) REFERENCES `p` (`id`) ON DELETE CASCADE) ENGINE=InnoDB; # done
         ALTER TABLE t ADD INDEX ix2 (a), DROP INDEX ix_name, CHANGE b b2 bigint, MODIFY a int;",
    );
    let Change::CreateTable(table) = &found[0] else { panic!("{found:?}") };
    assert_eq!(table.columns.len(), 3);
    assert_eq!(table.indexes.len(), 3);
    assert_eq!(table.indexes[1].columns().collect::<Vec<_>>(), ["name"]);
    assert_eq!(found.len(), 6);
}

#[test]
fn indexes() {
    let found = changes(
        "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS ix ON ONLY app.t USING btree (a DESC NULLS LAST, lower(b)) \
         INCLUDE (c) WHERE d IS NULL; DROP INDEX CONCURRENTLY ix; ALTER INDEX a RENAME TO b; \
         DO $$ BEGIN IF NOT EXISTS (SELECT 1) THEN CREATE INDEX late ON t (x); END IF; END $$;",
    );
    let Change::AddIndex(table, index) = &found[0] else { panic!("{found:?}") };
    assert_eq!((table.as_str(), index.name.as_deref(), index.partial), ("t", Some("ix"), true));
    assert_eq!(index.parts[0], IndexPart::Column("a".into()));
    assert!(matches!(&index.parts[1], IndexPart::Expression(e) if e == "lower ( b )"));
    assert!(matches!(&found[1], Change::DropIndex(None, name) if name == "ix"));
    assert!(matches!(&found[3], Change::AddIndex(t, i) if t == "t" && i.name.as_deref() == Some("late")));
}

#[test]
fn triggers_keep_their_bodies() {
    let found = changes(
        "DELIMITER //
        CREATE TRIGGER a AFTER UPDATE ON items FOR EACH ROW BEGIN
          IF NEW.n > 1 THEN UPDATE totals SET n = 1; END IF;
          SELECT CASE WHEN 1 THEN 2 END;
        END //
        DELIMITER ;
        CREATE FUNCTION n() RETURNS trigger AS $body$ BEGIN
          PERFORM pg_notify('c_' || TG_TABLE_NAME::text, NEW.id::text); -- NOTIFY no
          RETURN NEW; END $body$ LANGUAGE plpgsql;
        CREATE TRIGGER b BEFORE INSERT OR UPDATE OF x, y ON public.t FOR EACH ROW EXECUTE FUNCTION n('q');
        DROP TRIGGER IF EXISTS b ON t;",
    );
    let [Change::CreateTrigger(a), Change::CreateFunction(n, def), Change::CreateTrigger(b), Change::DropTrigger(..)] =
        found.as_slice()
    else {
        panic!("{found:?}")
    };
    assert_eq!((a.table.as_str(), a.event.as_str(), a.function.as_str()), ("items", "UPDATE", "a"));
    assert_eq!((n.as_str(), &def.channel), ("n", &Some(Channel::WithTable("c_".into(), String::new()))));
    assert_eq!((b.table.as_str(), b.event.as_str(), &b.arguments[0]), ("t", "INSERT OR UPDATE", &"q".to_owned()));
}

#[test]
fn what_cannot_be_read_is_said_and_the_rest_goes_on() {
    let script = read("CREATE TABLE a (id int);\nCREATE INDEX ON (x);\nFROBNICATE all;\nDROP TABLE a;", 10);
    assert_eq!(script.changes.len(), 2);
    let lines: Vec<u32> = script.unread.iter().map(|(line, _)| *line).collect();
    assert_eq!(lines, [11, 12]);
    let dump = "COPY t (a) FROM stdin;\n1;DROP TABLE t\n\\.\nCREATE TABLE u (id int);\n-- +goose Down\nDROP TABLE u;";
    assert_eq!(changes(dump).len(), 1);
}

#[test]
fn nonsense_ends() {
    for text in
        ["(((((", "CREATE TABLE a (", "'", "$$", "CREATE TRIGGER é AFTER UPDATE ON é ", "/*", "COPY stdin", "%(", "\\"]
    {
        let _ = read(&text.repeat(2000), 1);
        let _ = shape_of(&format!("SELECT * FROM {}", text.repeat(500)));
    }
}

#[test]
fn shapes_of_queries() {
    let uses = |sql: &str| {
        let shape = shape_of(sql).unwrap();
        let uses: Vec<String> = shape.uses.iter().map(|(t, c, u)| format!("{t}.{c} {u:?}")).collect();
        (uses.join(", "), shape.limited, shape.opaque)
    };
    assert_eq!(
        uses(
            "SELECT o.* FROM orders AS o JOIN lines l ON l.order_id = o.id WHERE o.code = $1 AND o.at BETWEEN $2 AND now() ORDER BY o.at DESC LIMIT 10"
        ),
        (
            "lines.order_id Join, orders.id Join, orders.code Equal, orders.at Range, orders.at Order".into(),
            true,
            false
        )
    );
    assert_eq!(uses("UPDATE t SET a = 1 WHERE b IN (%s) AND c <> 2"), ("t.b Equal, t.c Other".into(), false, false));
    assert_eq!(uses("SELECT 1 FROM t WHERE a = 1 OR b = 2"), (String::new(), false, true));
    assert_eq!(uses("SELECT 1 FROM t WHERE lower(a) = ?"), (String::new(), false, true));
    assert!(uses("SELECT 1 FROM t WHERE id IN (SELECT x FROM u)").2);
    assert!(shape_of("INSERT INTO t VALUES (1)").is_none());
    assert_eq!(shape_of("SELECT 1 FROM t WHERE a = 1 ORDER BY b").unwrap().uses[1].2, ColumnUse::Order);
}
