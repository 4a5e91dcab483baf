//! What stands before a plan: its query, and the heading that names its run.

use crate::evidence::sql;

/// The query and the heading in what stands before a plan.
pub(super) fn words(lines: &[String]) -> (Option<String>, String) {
    let text = lines.join("\n");
    let lower = text.to_ascii_lowercase();
    let mut query = None;
    let mut label_end = text.len();
    if let Some(at) = lower.find("query text:") {
        query = text.get(at + "query text:".len()..).map(|query| query.trim().to_owned());
        label_end = at;
    } else if let Some(at) = lower.rfind("explain").filter(|at| starts_word(&lower, *at)) {
        query = text.get(at + "explain".len()..).map(statement).filter(|query| !query.is_empty());
        if query.is_some() {
            label_end = at;
        }
    }
    // auto_explain prints parameters behind the text.
    let query = query.map(|query| match query.find("\nQuery Parameters:") {
        Some(end) => query.get(..end).unwrap_or_default().to_owned(),
        None => query,
    });
    let label = text.get(..label_end).unwrap_or_default();
    let label = label.lines().map(str::trim).rfind(|line| line.chars().any(char::is_alphanumeric)).unwrap_or_default();
    (query, sql::line(label, 200))
}

/// The query and the heading in a text before a plan.
pub(in super::super) fn words_before(text: &str) -> (Option<String>, String) {
    let lines: Vec<String> = text.lines().rev().take(500).map(str::to_owned).collect();
    words(&lines.into_iter().rev().collect::<Vec<_>>())
}

fn starts_word(text: &str, at: usize) -> bool {
    text.get(..at).and_then(|before| before.chars().next_back()).is_none_or(|c| !c.is_alphanumeric() && c != '_')
}

/// The statement behind `EXPLAIN` and its options, up to its semicolon.
fn statement(text: &str) -> String {
    let mut rest = text.trim_start();
    if rest.starts_with('(')
        && let Some(end) = rest.find(')')
    {
        rest = rest.get(end + 1..).unwrap_or_default().trim_start();
    }
    loop {
        let word = rest.split_whitespace().next().unwrap_or_default();
        if !["analyze", "analyse", "verbose"].iter().any(|option| word.eq_ignore_ascii_case(option)) {
            break;
        }
        rest = rest.get(word.len()..).unwrap_or_default().trim_start();
    }
    let verb = rest.split(|c: char| !c.is_alphabetic()).next().unwrap_or_default().to_ascii_lowercase();
    if !matches!(
        verb.as_str(),
        "select"
            | "with"
            | "insert"
            | "update"
            | "delete"
            | "merge"
            | "values"
            | "execute"
            | "create"
            | "declare"
            | "table"
    ) {
        return String::new();
    }
    rest.split(';').next().unwrap_or_default().trim().to_owned()
}
