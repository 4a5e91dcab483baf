//! The key that joins a query seen at run time to the code: its normal form, verb, tables, compared columns and shape.
//! Works on cut text and knows no grammar: what it does not understand it passes over.

mod form;
mod shape;
mod tags;
mod tokens;

pub use super::code::Compare;
pub use tags::Tags;
pub use tokens::Token;

use super::model::Dialect;
use serde::{Deserialize, Serialize};

/// A column, as a query names it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Column {
    /// Its table (aliases resolved), where the query or its only table says so.
    pub table: Option<String>,
    /// Its name.
    pub name: String,
}

/// One comparison of a column.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Predicate {
    /// The column.
    pub column: Column,
    /// How it is compared.
    pub compare: Compare,
    /// Function or type (`::date`) around the column, which hides it from a plain index.
    pub wrapped: Option<String>,
    /// Whether the other side is a column too.
    pub join: bool,
    /// Whether it stands in a disjunction.
    pub either: bool,
}

/// A column of `ORDER BY`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Order {
    /// The column.
    pub column: Column,
    /// Whether it descends.
    pub descending: bool,
}

/// What a query's text says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Query {
    /// Normal form.
    pub fingerprint: String,
    /// `select`, `insert`, `update`, `delete`, or the first word; empty when there is none.
    pub verb: String,
    /// Tables, the main one first, without schema; as written.
    pub tables: Vec<String>,
    /// Aliases of tables in lower case, and the tables.
    pub aliases: Vec<(String, String)>,
    /// Compared columns.
    pub predicates: Vec<Predicate>,
    /// Columns of the outermost `ORDER BY`.
    pub order_by: Vec<Order>,
    /// Whether the number of rows is bounded.
    pub limit: bool,
    /// Rows skipped: `Some(None)` when a placeholder says how many.
    pub offset: Option<Option<u64>>,
    /// Whether whole rows of all tables are read.
    pub star: bool,
    /// What comments say of the sender.
    pub tags: Tags,
    /// Whether the text ends inside a string, comment or bracket.
    pub cut: bool,
}

impl Query {
    /// The table behind an alias.
    #[must_use]
    pub fn alias(&self, name: &str) -> Option<&str> {
        self.aliases.iter().find(|(alias, _)| alias.eq_ignore_ascii_case(name)).map(|(_, table)| table.as_str())
    }
}

/// Longest text that is read; the rest counts as cut off.
const QUERY_BYTES: usize = 256 << 10;

/// Reads a query.
#[must_use]
pub fn query(sql: &str, dialect: Option<Dialect>) -> Query {
    let text = head(sql, QUERY_BYTES);
    let (mut tokens, cut) = tokens::tokens(text, dialect);
    let mut query = Query { cut: cut || text.len() < sql.len(), ..Query::default() };
    for token in &tokens {
        if let Token::Comment(comment) = token {
            query.tags.read(comment);
        }
    }
    tokens.retain(|token| !matches!(token, Token::Comment(_)));
    while tokens.last().is_some_and(|last| last.mark(";") || last.mark(".")) {
        tokens.pop();
    }
    query.fingerprint = form::form(&tokens);
    shape::read(&tokens, &mut query);
    query
}

/// The normal form of a query: equal for texts that differ in values, lists, case, quotes, casts and comments only.
#[must_use]
pub fn fingerprint(sql: &str) -> String {
    query(sql, None).fingerprint
}

/// The comparisons of a condition, as plans print them: `((status)::text = 'paid'::text)`.
#[must_use]
pub fn conditions(text: &str, dialect: Option<Dialect>) -> Vec<Predicate> {
    let (tokens, _) = tokens::tokens(head(text, QUERY_BYTES), dialect);
    shape::conditions(&tokens)
}

/// The columns of a sort key: `o.created_at DESC, id`.
#[must_use]
pub fn order(text: &str, dialect: Option<Dialect>) -> Vec<Order> {
    let (tokens, _) = tokens::tokens(head(text, QUERY_BYTES), dialect);
    shape::order(&tokens)
}

/// The first bytes, ending at a character.
#[must_use]
pub fn head(text: &str, most: usize) -> &str {
    if text.len() <= most {
        return text;
    }
    let end = (0..=most).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
    text.get(..end).unwrap_or_default()
}

/// A text for one line: white space joined, cut after `most` characters.
#[must_use]
pub fn line(text: &str, most: usize) -> String {
    let mut out = String::new();
    for word in head(text, most.saturating_mul(8)).split_whitespace() {
        if out.chars().count() + word.chars().count() >= most {
            if out.is_empty() {
                out.extend(word.chars().take(most));
            }
            out.push_str(" ...");
            break;
        }
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    out
}

#[cfg(test)]
mod tests;
