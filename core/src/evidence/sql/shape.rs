//! Tables, compared columns, order and bounds of a query, read from its tokens.

use super::{Column, Compare, Order, Predicate, Query, Token};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Clause {
    Other,
    From,
    Where,
    Order,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Bracket {
    Query,
    Call,
    Group,
}

/// Words that are no column.
const KEYWORDS: &[&str] = &[
    "all",
    "and",
    "any",
    "array",
    "as",
    "asc",
    "between",
    "by",
    "case",
    "collate",
    "cross",
    "current_date",
    "current_timestamp",
    "default",
    "desc",
    "distinct",
    "else",
    "end",
    "escape",
    "except",
    "exists",
    "false",
    "fetch",
    "first",
    "for",
    "force",
    "from",
    "full",
    "group",
    "having",
    "ignore",
    "ilike",
    "in",
    "inner",
    "intersect",
    "interval",
    "into",
    "is",
    "join",
    "last",
    "lateral",
    "left",
    "like",
    "limit",
    "natural",
    "not",
    "null",
    "nulls",
    "offset",
    "on",
    "only",
    "or",
    "order",
    "outer",
    "over",
    "returning",
    "right",
    "row",
    "rows",
    "select",
    "set",
    "some",
    "straight_join",
    "tablesample",
    "then",
    "true",
    "union",
    "use",
    "using",
    "values",
    "when",
    "where",
    "window",
    "with",
];

fn keyword(token: &Token) -> bool {
    matches!(token, Token::Word(word) if KEYWORDS.contains(&word.to_ascii_lowercase().as_str()))
}

struct Reader<'a> {
    tokens: &'a [Token],
    clause: Clause,
    stack: Vec<(Bracket, Clause)>,
    aliases: Vec<(String, String)>,
    /// Names of `WITH`.
    common: Vec<String>,
}

impl<'a> Reader<'a> {
    const fn new(tokens: &'a [Token], clause: Clause) -> Self {
        Self { tokens, clause, stack: Vec::new(), aliases: Vec::new(), common: Vec::new() }
    }

    fn get(&self, at: usize) -> Option<&'a Token> {
        self.tokens.get(at)
    }

    fn is(&self, at: usize, word: &str) -> bool {
        self.get(at).is_some_and(|token| token.is(word))
    }

    fn mark(&self, at: usize, mark: &str) -> bool {
        self.get(at).is_some_and(|token| token.mark(mark))
    }

    /// Whether the token before is this word.
    fn after(&self, at: usize, word: &str) -> bool {
        at.checked_sub(1).is_some_and(|at| self.is(at, word))
    }

    /// Whether this is at the outermost level.
    fn outermost(&self) -> bool {
        !self.stack.iter().any(|(bracket, _)| *bracket != Bracket::Group)
    }

    fn in_call(&self) -> bool {
        matches!(self.stack.last(), Some((Bracket::Call, _)))
    }

    /// Brackets and clauses.
    fn walk(&mut self, at: usize) {
        let Some(token) = self.get(at) else { return };
        if token.mark("(") {
            let query = ["select", "with", "values"].iter().any(|word| self.is(at + 1, word));
            let before = at.checked_sub(1).and_then(|at| self.get(at));
            let call = before.is_some_and(|before| before.name().is_some() && !keyword(before));
            let bracket = if query {
                Bracket::Query
            } else if call {
                Bracket::Call
            } else {
                Bracket::Group
            };
            self.stack.push((bracket, self.clause));
            if query {
                self.clause = Clause::Other;
            }
        } else if token.mark(")") {
            if let Some((_, clause)) = self.stack.pop() {
                self.clause = clause;
            }
        } else if let Token::Word(word) = token
            && !self.in_call()
        {
            match word.to_ascii_lowercase().as_str() {
                "from" if !self.after(at, "distinct") => self.clause = Clause::From,
                "join" | "straight_join" => self.clause = Clause::From,
                "where" | "on" | "having" => self.clause = Clause::Where,
                "order" if self.is(at + 1, "by") => self.clause = Clause::Order,
                "select" | "set" | "group" | "limit" | "offset" | "returning" | "union" | "except" | "intersect"
                | "for" | "window" | "fetch" => self.clause = Clause::Other,
                "conflict" | "duplicate" => self.clause = Clause::Other,
                _ => {}
            }
        }
    }

    /// A table's name after `FROM`, `JOIN`, `INTO`, `UPDATE`, or a comma between tables; and its alias.
    fn table(&mut self, at: usize, query: &mut Query) {
        let mut at = at;
        while self.is(at, "only") || self.is(at, "lateral") {
            at += 1;
        }
        let Some((name, mut end)) = self.path(at) else { return };
        if self.mark(end, "(") && !self.after(at, "into") {
            return;
        }
        let table = name.last().copied().unwrap_or_default();
        if self.common.iter().any(|common| common.eq_ignore_ascii_case(table)) {
            return;
        }
        if self.is(end, "as") {
            end += 1;
        }
        if let Some(alias) = self.get(end).filter(|alias| !keyword(alias)).and_then(Token::name) {
            self.aliases.push((alias.to_lowercase(), table.to_owned()));
        }
        if !query.tables.iter().any(|known| known.eq_ignore_ascii_case(table)) && query.tables.len() < 64 {
            query.tables.push(table.to_owned());
        }
    }

    /// A name with its qualifiers, and where it ends.
    fn path(&self, at: usize) -> Option<(Vec<&'a str>, usize)> {
        let first = self.get(at).filter(|token| !keyword(token))?;
        let mut parts = vec![first.name()?];
        let mut at = at + 1;
        while self.mark(at, ".")
            && let Some(part) = self.get(at + 1).and_then(Token::name)
        {
            parts.push(part);
            at += 2;
        }
        Some((parts, at))
    }

    /// The column that ends before `end`, walking back over casts, brackets and calls.
    fn left(&self, end: usize) -> Option<(Column, Option<String>)> {
        let mut at = end.checked_sub(1)?;
        let mut wrapped = None;
        while let Some(Token::Cast(kind)) = self.get(at) {
            wrapped = hides(kind).then(|| format!("::{kind}"));
            at = at.checked_sub(1)?;
        }
        if self.mark(at, ")") {
            let open = self.open(at)?;
            let call =
                open.checked_sub(1).and_then(|at| self.get(at)).filter(|token| !keyword(token)).and_then(Token::name);
            let mut inside = open + 1;
            while self.mark(inside, "(") {
                inside += 1;
            }
            if let Some(call) = call {
                let column = (open + 1..at).find_map(|at| self.path(at).filter(|(_, end)| !self.mark(*end, "(")))?.0;
                return Some((named(&column)?, Some(call.to_lowercase())));
            }
            let (parts, mut end) = self.path(inside)?;
            if let Some(Token::Cast(kind)) = self.get(end) {
                if hides(kind) {
                    wrapped = Some(format!("::{kind}"));
                }
                end += 1;
            }
            return self.mark(end, ")").then(|| Some((named(&parts)?, wrapped))).flatten();
        }
        self.get(at).filter(|token| !keyword(token)).and_then(Token::name)?;
        let mut start = at;
        while start.checked_sub(2).is_some_and(|before| {
            self.mark(start - 1, ".") && self.get(before).is_some_and(|token| token.name().is_some())
        }) {
            start -= 2;
        }
        Some((named(&self.path(start)?.0)?, wrapped))
    }

    /// The bracket that closes at `at`.
    fn open(&self, at: usize) -> Option<usize> {
        let mut depth = 0usize;
        for at in (0..=at).rev() {
            if self.mark(at, ")") {
                depth += 1;
            } else if self.mark(at, "(") {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return Some(at);
                }
            }
        }
        None
    }

    /// The column that begins at `at`.
    fn right(&self, at: usize) -> Option<(Column, Option<String>)> {
        let mut at = at;
        while self.mark(at, "(") {
            at += 1;
        }
        let (parts, end) = self.path(at)?;
        if self.mark(end, "(") {
            return None;
        }
        let wrapped = match self.get(end) {
            Some(Token::Cast(kind)) if hides(kind) => Some(format!("::{kind}")),
            _ => None,
        };
        Some((named(&parts)?, wrapped))
    }

    /// A comparison whose operator stands at `at`.
    fn comparison(&self, at: usize, out: &mut Vec<Predicate>) {
        let Some(token) = self.get(at) else { return };
        let not = self.after(at, "not");
        let (compare, next) = match token {
            Token::Mark(mark) => match mark.as_str() {
                "=" | "<=>" | "==" => (Compare::Equal, at + 1),
                "<" | ">" | "<=" | ">=" => (Compare::Range, at + 1),
                "<>" | "!=" | "~" | "~*" | "!~" | "!~*" | "!~~" | "!~~*" => (Compare::Other, at + 1),
                "~~" | "~~*" => (self.pattern(at + 1), at + 1),
                _ => return,
            },
            Token::Word(word) => match word.to_ascii_lowercase().as_str() {
                "in" if not => (Compare::Other, at + 1),
                "in" => (Compare::Equal, at + 1),
                "between" => (if not { Compare::Other } else { Compare::Range }, at + 1),
                "like" | "ilike" => (if not { Compare::Other } else { self.pattern(at + 1) }, at + 1),
                "is" if self.is(at + 1, "null") => (Compare::Equal, at + 1),
                "is" => (Compare::Other, at + 1),
                _ => return,
            },
            _ => return,
        };
        let left = self.left(at - usize::from(not));
        let right = self.right(next);
        let join = left.is_some() && right.is_some();
        for (column, wrapped) in left.into_iter().chain(right) {
            let predicate = Predicate { column, compare, wrapped, join, either: false };
            if out.len() < 256 {
                out.push(predicate);
            }
        }
    }

    fn pattern(&self, at: usize) -> Compare {
        match self.get(at) {
            Some(Token::Literal(text)) if text.starts_with(['%', '_']) => Compare::Contains,
            Some(Token::Literal(_)) => Compare::Range,
            _ => Compare::Other,
        }
    }

    /// A column of `ORDER BY` at `at`.
    fn order(&self, at: usize) -> Option<(Order, usize)> {
        let (parts, mut end) = self.path(at)?;
        if self.mark(end, "(") {
            return None;
        }
        let descending = self.is(end, "desc");
        end += usize::from(descending || self.is(end, "asc"));
        if self.is(end, "nulls") {
            end += 2;
        }
        let last = end >= self.tokens.len()
            || self.mark(end, ",")
            || self.mark(end, ")")
            || self.get(end).is_some_and(keyword);
        last.then_some((Order { column: named(&parts)?, descending }, end))
    }

    fn resolve(&self, column: &mut Column, tables: &[String]) {
        match &column.table {
            Some(alias) => {
                let known = self.aliases.iter().find(|(name, _)| name.eq_ignore_ascii_case(alias));
                if let Some((_, table)) = known {
                    column.table = Some(table.clone());
                }
            }
            None => {
                if let [only] = tables {
                    column.table = Some(only.clone());
                }
            }
        }
    }
}

/// Casts that keep an index from being used; text and its relatives are printed for every string column.
fn hides(kind: &str) -> bool {
    !matches!(
        kind.split(['(', '[', ' ']).next(),
        Some("text" | "character" | "varchar" | "bpchar" | "name" | "regclass" | "oid" | "citext")
    )
}

fn named(parts: &[&str]) -> Option<Column> {
    let name = (*parts.last()?).to_owned();
    let table = parts.len().checked_sub(2).and_then(|at| parts.get(at)).map(|table| (*table).to_owned());
    Some(Column { table, name })
}

/// Comparisons joined by `OR` at the same level, which one index cannot serve.
fn disjunctions(tokens: &[Token]) -> bool {
    tokens.iter().any(|token| token.is("or"))
}

/// Comparisons of a condition.
pub(super) fn conditions(tokens: &[Token]) -> Vec<Predicate> {
    let reader = Reader::new(tokens, Clause::Where);
    let mut out = Vec::new();
    for at in 0..tokens.len() {
        reader.comparison(at, &mut out);
    }
    let either = disjunctions(tokens);
    out.iter_mut().for_each(|predicate| predicate.either = either);
    out
}

/// Columns of a sort key; stops at the first that is an expression.
pub(super) fn order(tokens: &[Token]) -> Vec<Order> {
    let reader = Reader::new(tokens, Clause::Order);
    let mut out = Vec::new();
    let mut at = 0;
    while let Some((order, end)) = reader.order(at) {
        out.push(order);
        if !reader.mark(end, ",") {
            break;
        }
        at = end + 1;
    }
    out
}

/// Fills in all but the form.
pub(super) fn read(tokens: &[Token], query: &mut Query) {
    let mut reader = Reader::new(tokens, Clause::Other);
    query.verb = verb(tokens);
    for at in 0..tokens.len() {
        let comma = reader.mark(at, ",") && reader.clause == Clause::From && !reader.in_call();
        reader.walk(at);
        if common(&reader, at)
            && let Some(name) = reader.get(at).and_then(Token::name)
        {
            reader.common.push(name.to_owned());
        }
        let starts = reader.get(at).is_some_and(|token| match token {
            Token::Word(word) => match word.to_ascii_lowercase().as_str() {
                "from" | "join" | "straight_join" => reader.clause == Clause::From && !reader.in_call(),
                "into" => !reader.is(at + 1, "outfile"),
                "using" => query.verb == "delete" && !reader.mark(at + 1, "("),
                "update" => ["for", "on", "key", "do", "no"].iter().all(|word| !reader.after(at, word)),
                _ => false,
            },
            _ => comma,
        });
        if starts {
            reader.table(at + 1, query);
        }
        if reader.clause == Clause::Where {
            reader.comparison(at, &mut query.predicates);
        }
        if reader.outermost() {
            outermost(&reader, at, query);
        }
    }
    let either = disjunctions(tokens);
    for predicate in &mut query.predicates {
        predicate.either = either;
        reader.resolve(&mut predicate.column, &query.tables);
    }
    for order in &mut query.order_by {
        reader.resolve(&mut order.column, &query.tables);
    }
    query.cut |= !reader.stack.is_empty();
    query.aliases = reader.aliases;
}

fn outermost(reader: &Reader, at: usize, query: &mut Query) {
    if reader.is(at, "limit")
        || (reader.is(at, "fetch") && (reader.is(at + 1, "first") || reader.is(at + 1, "next")))
        || reader.is(at, "top")
    {
        query.limit = true;
        // MySQL: LIMIT offset, count
        if reader.mark(at + 2, ",") {
            query.offset = Some(number(reader.get(at + 1)));
        }
    } else if reader.is(at, "offset") {
        query.offset = reader.get(at + 1).filter(|token| token.value()).map(|token| number(Some(token)));
    } else if reader.clause == Clause::Order
        && (reader.is(at, "by") || reader.mark(at, ","))
        && let Some((order, _)) = reader.order(at + 1)
        && query.order_by.len() < 16
    {
        query.order_by.push(order);
    } else if reader.mark(at, "*")
        && (reader.after(at, "select") || at.checked_sub(1).is_some_and(|at| reader.mark(at, ".")))
    {
        query.star = true;
    }
}

fn number(token: Option<&Token>) -> Option<u64> {
    match token {
        Some(Token::Literal(text)) => text.parse().ok(),
        _ => None,
    }
}

/// Whether a name of `WITH` stands here: `name AS (`, `name (columns) AS (`.
fn common(reader: &Reader, at: usize) -> bool {
    reader.get(at).is_some_and(|token| token.name().is_some() && !keyword(token))
        && reader.is(at + 1, "as")
        && (reader.mark(at + 2, "(") || reader.is(at + 2, "materialized") || reader.is(at + 2, "not"))
        && (reader.after(at, "with")
            || reader.after(at, "recursive")
            || at.checked_sub(1).is_some_and(|at| reader.mark(at, ",")))
}

/// The first word that is a verb; behind `WITH`, the one outside all brackets.
fn verb(tokens: &[Token]) -> String {
    let mut depth = 0usize;
    let mut first = String::new();
    for token in tokens {
        if token.mark("(") {
            depth += 1;
        } else if token.mark(")") {
            depth = depth.saturating_sub(1);
        } else if let Token::Word(word) = token {
            let word = word.to_lowercase();
            if first.is_empty() && word != "with" {
                return word;
            }
            if depth == 0 && matches!(word.as_str(), "select" | "insert" | "update" | "delete" | "merge") {
                return word;
            }
            first = word;
        }
    }
    first
}
