//! Fingerprints and shapes of statements: real texts, cut ones, and texts made to take long.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use super::*;

fn key(sql: &str) -> Query {
    query(sql, None)
}

#[test]
fn texts_that_differ_in_values_only_are_one_query() {
    let form = "select users.id, users.name from users where users.email = ? and users.age > ?";
    for sql in [
        "SELECT users.id, users.name FROM users WHERE users.email = 'a@b.c' AND users.age > 21",
        "select \"users\".\"id\", \"users\".\"name\"\n from \"users\" where \"users\".\"email\" = $1 and \"users\".\"age\" > $2;",
        "SELECT users.id, users.name FROM public.users WHERE users.email = $1::VARCHAR AND users.age > $2::INTEGER",
        "SELECT `users`.`id`, `users`.`name` FROM `users` WHERE `users`.`email` = %s AND `users`.`age` > %(age)s",
        "SELECT users.id, users.name -- why\nFROM users /* who */ WHERE users.email = :email AND users.age > -1",
        "SELECT users.id, users.name FROM users WHERE users.email = E'it\\'s' AND users.age > $$x$$::double precision",
    ] {
        assert_eq!(fingerprint(sql), form, "{sql}");
    }
}

#[test]
fn lists_of_any_length_are_one_list() {
    for sql in [
        "SELECT 1 FROM t WHERE id IN (1)",
        "SELECT 2 FROM t WHERE id IN ($1, $2,$3)",
        "select 3 from t where id in (1, 2",
    ] {
        assert_eq!(fingerprint(sql), "select ? from t where id in (?+)");
    }
    for sql in ["INSERT INTO t (a, b) VALUES (1, 'x')", "insert into t(a,b) values (1, NULL), (2, DEFAULT), (3, 'z')"] {
        assert_eq!(fingerprint(sql), "insert into t(a, b) values (?+)");
    }
    assert_eq!(fingerprint("select x from t where a = any(array[1,2])"), "select x from t where a = any(array[?+])");
    assert_eq!(
        fingerprint("select x from t where a in (select b from c)"),
        "select x from t where a in (select b from c)"
    );
}

#[test]
fn arithmetic_and_operators_stay() {
    assert_eq!(
        fingerprint("select a-1, b -1, -1, a % s from t where x=-1"),
        "select a - ?, b - ?, ?, a % s from t where x = ?"
    );
    assert_eq!(fingerprint("select data->>'a' from t where tags @> '{x}'"), "select data ->> ? from t where tags @> ?");
    assert_eq!(
        fingerprint("select a from t where b is not null and c = null"),
        "select a from t where b is not null and c = ?"
    );
    assert_eq!(fingerprint("select x[1] from t"), "select x[?] from t");
}

#[test]
fn aliases_may_be_written_with_or_without_as() {
    assert_eq!(fingerprint("SELECT a AS b FROM t AS u"), fingerprint("select a b from t u"));
    assert_eq!(fingerprint("select cast(a as int) from t"), "select cast(a as int) from t");
    assert_eq!(fingerprint("with x as (select 1) select * from x"), "with x as (select ?) select * from x");
}

#[test]
fn cut_texts_are_told_and_still_have_a_key() {
    let cut = key("SELECT o.id FROM orders o WHERE o.customer_id = 5 AND o.note = 'unfinish");
    assert!(cut.cut);
    assert_eq!(cut.fingerprint, "select o.id from orders o where o.customer_id = ? and o.note = ?");
    assert_eq!(cut.tables, ["orders"]);
    assert!(!key("SELECT 1").cut);
    assert!(key("SELECT (1").cut);
}

#[test]
fn tables_come_without_schema_alias_common_tables_and_functions() {
    let join = key("WITH recent AS (SELECT * FROM shop.orders WHERE created_at > now()) \
         SELECT u.name, extract(year FROM r.created_at) FROM \"User\" u JOIN recent r ON r.user_id = u.id \
         LEFT JOIN items i ON i.order_id = r.id, generate_series(1, 3) g WHERE u.active");
    assert_eq!(join.tables, ["orders", "User", "items"]);
    assert_eq!(join.verb, "select");
    assert_eq!(key("UPDATE posts SET hits = hits + 1 WHERE id = 3").tables, ["posts"]);
    assert_eq!(key("INSERT INTO logs (a) SELECT b FROM src ON CONFLICT DO UPDATE SET a = 1").tables, ["logs", "src"]);
    assert_eq!(key("SELECT * FROM t WHERE a IS DISTINCT FROM b FOR UPDATE").tables, ["t"]);
    assert_eq!(key("DELETE FROM a USING b WHERE a.x = b.x").tables, ["a", "b"]);
    assert_eq!(key("SELECT * FROM a, b x, c WHERE 1=1").tables, ["a", "b", "c"]);
}

#[test]
fn compared_columns_have_their_table_and_kind() {
    let query = key("SELECT o.id FROM orders o JOIN users u ON u.id = o.user_id \
         WHERE o.status IN ('a', 'b') AND o.total >= 10 AND lower(u.email) = 'x' AND u.name LIKE '%x' \
         AND o.gone IS NULL AND o.kind NOT IN (1) ORDER BY o.created_at DESC, o.id LIMIT 20 OFFSET 4000");
    let seen: Vec<_> = query
        .predicates
        .iter()
        .map(|p| {
            (p.column.table.as_deref().unwrap_or(""), p.column.name.as_str(), p.compare, p.wrapped.as_deref(), p.join)
        })
        .collect();
    assert_eq!(
        seen,
        [
            ("users", "id", Compare::Equal, None, true),
            ("orders", "user_id", Compare::Equal, None, true),
            ("orders", "status", Compare::Equal, None, false),
            ("orders", "total", Compare::Range, None, false),
            ("users", "email", Compare::Equal, Some("lower"), false),
            ("users", "name", Compare::Contains, None, false),
            ("orders", "gone", Compare::Equal, None, false),
            ("orders", "kind", Compare::Other, None, false),
        ]
    );
    let order: Vec<_> = query.order_by.iter().map(|order| (order.column.name.as_str(), order.descending)).collect();
    assert_eq!(order, [("created_at", true), ("id", false)]);
    assert!(query.limit);
    assert_eq!(query.offset, Some(Some(4000)));
}

#[test]
fn assignments_are_no_comparisons() {
    let update = key("UPDATE t SET a = 1, b = c WHERE d = 2");
    let columns: Vec<_> = update.predicates.iter().map(|p| p.column.name.as_str()).collect();
    assert_eq!(columns, ["d"]);
    assert_eq!(key("SELECT a FROM t LIMIT 10, 20").offset, Some(Some(10)));
    assert_eq!(key("SELECT a FROM t LIMIT $1 OFFSET $2").offset, Some(None));
}

#[test]
fn conditions_of_plans_lose_their_casts() {
    let of = |text| {
        conditions(text, Some(Dialect::Postgres))
            .into_iter()
            .map(|p| (p.column.name, p.compare, p.wrapped))
            .collect::<Vec<_>>()
    };
    assert_eq!(of("((status)::text = 'paid'::text)"), [("status".to_owned(), Compare::Equal, None)]);
    assert_eq!(
        of("(lower((email)::text) = 'x'::text)"),
        [("email".to_owned(), Compare::Equal, Some("lower".to_owned()))]
    );
    assert_eq!(
        of("((created_at)::date = '2026-01-01'::date)"),
        [("created_at".to_owned(), Compare::Equal, Some("::date".to_owned()))]
    );
    assert_eq!(of("((name)::text ~~ '%x%'::text)"), [("name".to_owned(), Compare::Contains, None)]);
    assert_eq!(of("((total > '5'::numeric) AND (user_id = $0))").len(), 2);
    assert_eq!(of("(id = ANY ('{1,2}'::integer[]))"), [("id".to_owned(), Compare::Equal, None)]);
    assert_eq!(of("(o.user_id = u.id)").len(), 2);
    let keys = order("o.created_at DESC NULLS LAST, lower(x)", None);
    assert_eq!(keys.len(), 1);
    assert!(keys[0].descending);
}

#[test]
fn senders_stand_in_comments() {
    let query = key("SELECT 1 /*controller='shop',route='/orders/%3Cid%3E'*/");
    assert_eq!(query.tags.route.as_deref(), Some("/orders/<id>"));
    assert_eq!(query.fingerprint, "select ?");
}

#[test]
fn nothing_panics_wherever_the_text_is_cut() {
    let sql = "WITH \u{e4} AS (SELECT 'x''y', E'\\'', $tag$ \u{20ac} $tag$, \"q\"\"r\", `b`, [c], a::numeric(10,2)[], 1e-5, 0xff \
               FROM t -- c\n /* d */ WHERE a LIKE '%\u{df}' AND b = %(n)s AND c = @v AND x.y.z IN (1, (2)) ORDER BY a DESC NULLS LAST)";
    for end in (0..=sql.len()).filter(|end| sql.is_char_boundary(*end)) {
        for dialect in [None, Some(Dialect::MySql), Some(Dialect::Postgres)] {
            let _ = query(&sql[..end], dialect);
            let _ = query(&sql[end..], dialect);
            let _ = conditions(&sql[end..], dialect);
        }
    }
}

#[test]
fn long_lists_take_time_in_proportion() {
    let long = format!("SELECT a FROM t WHERE id IN ({})", vec!["1"; 50_000].join(", "));
    assert_eq!(fingerprint(&long), "select a from t where id in (?+)");
}

#[test]
fn lines_for_titles_are_short() {
    assert_eq!(line("select  a\n from t", 40), "select a from t");
    assert_eq!(line("select aaaaaaaaaa from b", 12), "select ...");
}

#[test]
fn hostile_texts_take_time_in_proportion() {
    for piece in [
        "(",
        "a)=",
        "in (1,",
        "from a.b ",
        "a.",
        "x::int::",
        "'",
        "((a = 1) or ",
        "values ((",
        "/*",
        "$a$",
        "\"",
        "array[",
    ] {
        let text = piece.repeat(QUERY_BYTES / 4 / piece.len());
        let read = query(&text, None);
        assert!(read.tables.len() <= 64 && read.predicates.len() <= 256, "{piece}");
    }
}
