//! A query that a database saw, found in the code. Level 1: the normal form of a literal statement; level 2: verb,
//! table, compared columns, order and limit of an ORM call; level 3: verb and table, a hint only.

use crate::evidence::code::{CodeIndex, OrmCall, Site};
use crate::evidence::sql::{self, Compare, Query};
use crate::report::model::performance::Join;
use rustc_hash::FxHashMap;

/// Finds queries.
pub struct Queries<'a> {
    index: &'a CodeIndex,
    by_form: FxHashMap<String, Vec<usize>>,
    /// Statements whose end is put in at run time: normal form of the beginning.
    partial: Vec<(String, usize)>,
}

/// Where a query is sent.
#[derive(Clone, Debug, PartialEq)]
pub struct QueryMatch<'a> {
    /// All sites that fit equally.
    pub sites: Vec<&'a Site>,
    /// How sure.
    pub join: Join,
}

/// Sites above which an answer is none.
const MOST: usize = 8;

impl<'a> Queries<'a> {
    /// Indexes the code.
    #[must_use]
    pub fn new(index: &'a CodeIndex) -> Self {
        let mut by_form: FxHashMap<String, Vec<usize>> = FxHashMap::default();
        let mut partial = Vec::new();
        for (at, site) in index.sql.iter().enumerate() {
            let form = sql::fingerprint(&site.text);
            if site.partial {
                partial.push((form, at));
            } else {
                by_form.entry(form).or_default().push(at);
            }
        }
        Self { index, by_form, partial }
    }

    /// The sites of a query.
    #[must_use]
    pub fn find(&self, fingerprint: &str, text: &str) -> Option<QueryMatch<'a>> {
        let sites = |list: &[usize]| -> Vec<&'a Site> {
            list.iter().filter_map(|at| self.index.sql.get(*at)).map(|site| &site.at).collect()
        };
        if let Some(list) = self.by_form.get(fingerprint) {
            return found(sites(list), Join::Exact);
        }
        let query = sql::query(if text.is_empty() { fingerprint } else { text }, None);
        if let Some(list) = self.by_form.get(&query.fingerprint) {
            return found(sites(list), Join::Exact);
        }
        // A list of placeholders or a table name is put in at run time: verb, table and columns must agree.
        let alike: Vec<usize> =
            self.partial.iter().filter(|(form, _)| alike(form, &query)).map(|(_, at)| *at).collect();
        if !alike.is_empty() {
            return found(sites(&alike), Join::Likely);
        }
        let table = query.tables.first().map(|table| table.to_lowercase())?;
        let of_table = |call: &&OrmCall| call.table == table && call.verb == query.verb;
        let same: Vec<&Site> = self
            .index
            .orm
            .iter()
            .filter(of_table)
            .filter(|call| same_shape(call, &query))
            .map(|call| &call.at)
            .collect();
        if !same.is_empty() {
            return found(same, Join::Likely);
        }
        found(self.index.orm.iter().filter(of_table).map(|call| &call.at).collect(), Join::Hint)
    }
}

fn found(sites: Vec<&Site>, join: Join) -> Option<QueryMatch<'_>> {
    let enough = !sites.is_empty() && sites.len() <= MOST;
    enough.then_some(QueryMatch { sites, join })
}

/// Whether a statement whose end is not known can be the query.
fn alike(form: &str, query: &Query) -> bool {
    let known = sql::query(form, None);
    let columns = |query: &Query| {
        let mut names: Vec<String> = query.predicates.iter().map(|p| p.column.name.to_lowercase()).collect();
        crate::order::InOrder::order(names.as_mut_slice());
        names.dedup();
        names
    };
    known.verb == query.verb
        && !known.tables.is_empty()
        && known.tables.first().map(|t| t.to_lowercase()) == query.tables.first().map(|t| t.to_lowercase())
        && columns(&known) == columns(query)
}

/// Whether an ORM call can have sent the query: it compares the same columns, and sorts and bounds it alike.
fn same_shape(call: &OrmCall, query: &Query) -> bool {
    if call.opaque {
        return false;
    }
    let mut seen: Vec<(String, Compare)> = query
        .predicates
        .iter()
        .filter(|predicate| !predicate.join)
        .map(|predicate| (predicate.column.name.to_lowercase(), class(predicate.compare)))
        .collect();
    let mut stated: Vec<(String, Compare)> =
        call.columns.iter().map(|(column, compare)| (column.to_lowercase(), class(*compare))).collect();
    crate::order::InOrder::order(seen.as_mut_slice());
    crate::order::InOrder::order(stated.as_mut_slice());
    seen.dedup();
    stated.dedup();
    let order = |names: &[String]| names.first().map(|name| name.to_lowercase());
    let sorted: Vec<String> = query.order_by.iter().map(|order| order.column.name.clone()).collect();
    // A look-up by key may or may not spell its limit; a sort is spelled by both or by none.
    let bounded = call.limited == query.limit || !stated.is_empty();
    seen == stated && order(&call.order) == order(&sorted) && bounded && !(stated.is_empty() && call.order.is_empty())
}

/// Negations and patterns are one class: ORMs spell them in many ways.
const fn class(compare: Compare) -> Compare {
    match compare {
        Compare::Equal | Compare::Range => compare,
        Compare::Contains | Compare::Other => Compare::Other,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::*;
    use crate::evidence::code::SqlSite;

    fn site(line: u32) -> Site {
        Site { line, symbol: format!("f{line}"), ..Site::default() }
    }

    fn index() -> CodeIndex {
        let sql = |line, text: &str, partial| SqlSite { at: site(line), text: text.to_owned(), partial };
        let call = |line, columns: &[(&str, Compare)], order: &[&str], limited| OrmCall {
            at: site(line),
            verb: "select".to_owned(),
            table: "orders".to_owned(),
            columns: columns.iter().map(|(name, how)| ((*name).to_owned(), *how)).collect(),
            order: order.iter().map(|name| (*name).to_owned()).collect(),
            limited,
            opaque: false,
        };
        CodeIndex {
            sql: vec![
                sql(1, "SELECT id FROM users WHERE email = %s", false),
                sql(2, "select name from customers where id in (?", true),
            ],
            orm: vec![
                call(10, &[("customer_id", Compare::Equal)], &[], false),
                call(11, &[("state", Compare::Equal)], &["created_at"], true),
            ],
            ..CodeIndex::default()
        }
    }

    fn lines(text: &str) -> Option<(Vec<u32>, Join)> {
        let index = index();
        let queries = Queries::new(&index);
        let found = queries.find(&sql::fingerprint(text), text)?;
        Some((found.sites.iter().map(|site| site.line).collect(), found.join))
    }

    #[test]
    fn literal_text_is_exact_shapes_are_likely_tables_are_a_hint() {
        assert_eq!(lines("SELECT id FROM users WHERE email = $1"), Some((vec![1], Join::Exact)));
        assert_eq!(lines("SELECT name FROM customers WHERE id IN ($1, $2, $3)"), Some((vec![2], Join::Likely)));
        let by_customer = "SELECT o.id, o.number FROM orders AS o WHERE o.customer_id = $1::INTEGER";
        assert_eq!(lines(by_customer), Some((vec![10], Join::Likely)));
        let page = "SELECT orders.id FROM orders WHERE orders.state = $1 ORDER BY orders.created_at DESC LIMIT $2";
        assert_eq!(lines(page), Some((vec![11], Join::Likely)));
        assert_eq!(lines("SELECT id FROM orders WHERE number = $1"), Some((vec![10, 11], Join::Hint)));
        assert_eq!(lines("SELECT id FROM carts WHERE number = $1"), None);
        assert_eq!(lines("DELETE FROM orders WHERE customer_id = $1"), None);
    }
}
