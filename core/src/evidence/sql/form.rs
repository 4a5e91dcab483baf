//! The normal form: tokens to text, with all that differs from call to call taken out.

use super::Token;

/// Words after which a value list is one whatever its length.
const LISTS: &[&str] = &["in", "values"];

/// Words before which a bracket stands apart.
const APART: &[&str] = &[
    "all",
    "and",
    "as",
    "between",
    "by",
    "case",
    "distinct",
    "else",
    "except",
    "exists",
    "from",
    "having",
    "in",
    "intersect",
    "into",
    "is",
    "join",
    "like",
    "limit",
    "not",
    "on",
    "or",
    "over",
    "returning",
    "select",
    "set",
    "then",
    "union",
    "using",
    "values",
    "when",
    "where",
    "with",
];

/// The normal form of tokens without comments.
pub(super) fn form(tokens: &[Token]) -> String {
    let words = lists(&plain(tokens));
    let mut out = String::new();
    let mut previous = "";
    for word in &words {
        let open = word.starts_with(['(', '[']);
        let joined = out.is_empty()
            || matches!(previous, "(" | "." | "[" | "@")
            || matches!(word.as_str(), "," | ")" | "." | "]" | ";")
            || (open && named(previous) && !APART.contains(&previous));
        if !joined {
            out.push(' ');
        }
        out.push_str(word);
        previous = word;
    }
    out
}

fn named(word: &str) -> bool {
    word.starts_with(|c: char| c.is_alphabetic() || c == '_')
}

/// Lowered words; values as `?`; no casts, no `AS`, no schemas, no signs of numbers.
fn plain(tokens: &[Token]) -> Vec<String> {
    let mut words: Vec<String> = Vec::with_capacity(tokens.len());
    let mut casts = 0usize;
    let mut brackets = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        let next = tokens.get(at + 1);
        let previous = words.last().map_or("", String::as_str);
        match token {
            Token::Comment(_) | Token::Cast(_) => {}
            Token::Literal(_) | Token::Parameter => value(&mut words),
            Token::Word(word) => {
                let word = word.to_lowercase();
                match word.as_str() {
                    "true" | "false" => value(&mut words),
                    "null" if !matches!(previous, "is" | "not" | "else") => value(&mut words),
                    // An alias reads the same without it; a cast and a common table need it.
                    "as" if casts == 0
                        && next.is_some_and(|next| {
                            next.name().is_some() && !next.is("materialized") && !next.is("not") && !next.is("select")
                        }) => {}
                    _ => words.push(word),
                }
            }
            Token::Quoted(name) => words.push(name.to_lowercase()),
            Token::Mark(mark) => {
                if mark == "(" {
                    let cast = matches!(previous, "cast" | "try_cast");
                    casts += usize::from(cast);
                    brackets.push(cast);
                } else if mark == ")" {
                    casts -= usize::from(brackets.pop() == Some(true));
                }
                words.push(mark.clone());
            }
        }
    }
    schemas(&mut words);
    words
}

/// Adds a value; a sign before it goes.
fn value(words: &mut Vec<String>) {
    if matches!(words.last().map(String::as_str), Some("-" | "+")) {
        let before = words.len().checked_sub(2).and_then(|at| words.get(at)).map_or("", String::as_str);
        let operand = before == ")" || before == "]" || before == "?" || (named(before) && !APART.contains(&before));
        if !operand {
            words.pop();
        }
    }
    words.push("?".to_owned());
}

/// Drops a schema: the first of two names after `FROM`, `JOIN`, `INTO`, `UPDATE`, and the first of three.
fn schemas(words: &mut Vec<String>) {
    let mut at = 0;
    while at < words.len() {
        let word = |offset: usize| words.get(at + offset).map_or("", String::as_str);
        if word(1) == "." && named(word(0)) && (named(word(2)) || word(2) == "*") {
            let before = at.checked_sub(1).and_then(|at| words.get(at)).map_or("", String::as_str);
            let table = matches!(before, "from" | "join" | "into" | "update" | "only" | "table");
            if table || (word(3) == "." && before != ".") {
                words.drain(at..at + 2);
                continue;
            }
        }
        at += 1;
    }
}

/// Value lists become `(?+)`.
fn lists(words: &[String]) -> Vec<String> {
    let mut out: Vec<String> = Vec::with_capacity(words.len());
    let mut at = 0;
    while let Some(word) = words.get(at) {
        let previous = out.last().map_or("", String::as_str);
        let open = (word == "(" && LISTS.contains(&previous)) || (word == "[" && previous == "array");
        if let Some(end) = open.then(|| values(words, at)).flatten() {
            out.push(if word == "(" { "(?+)" } else { "[?+]" }.to_owned());
            at = end;
            // Further rows of an INSERT.
            while words.get(at).is_some_and(|word| word == ",")
                && words.get(at + 1).is_none_or(|word| word == "(")
                && let Some(end) = values(words, at + 1)
            {
                at = end;
            }
            continue;
        }
        out.push(word.clone());
        at += 1;
    }
    out
}

/// Where a bracket with nothing but values ends; the end of a cut text ends it too.
fn values(words: &[String], from: usize) -> Option<usize> {
    let mut depth = 0usize;
    let mut seen = false;
    for (at, word) in words.iter().enumerate().skip(from) {
        match word.as_str() {
            "(" | "[" => depth += 1,
            ")" | "]" => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return seen.then_some(at + 1);
                }
            }
            "?" | "default" => seen = true,
            "," => {}
            _ => return None,
        }
    }
    Some(words.len())
}
