//! `drydock checks` and `drydock explain`.

use crate::{Exit, output};
use drydock_core::checks::{CATALOGUE, CheckMeta, page};
use drydock_core::report::model::Category;
use std::fmt::Write as _;

/// Prints the table of checks.
pub(crate) fn checks() -> Result<Exit, String> {
    output::to_stdout(&table())?;
    Ok(Exit::Done)
}

/// Prints a check's page.
pub(crate) fn explain(id: &str) -> Result<Exit, String> {
    let text = match (page(id), CATALOGUE.iter().find(|check| check.id == id)) {
        (Some(page), _) => page.to_owned(),
        (None, Some(check)) => summary(check),
        (None, None) => return Err(format!("`{id}` is not a check; `drydock checks` lists them")),
    };
    output::to_stdout(&text)?;
    Ok(Exit::Done)
}

fn table() -> String {
    let width = CATALOGUE.iter().map(|check| check.id.len()).max().unwrap_or(0);
    let mut out = String::new();
    // Writing to a String cannot fail.
    for category in Category::ALL {
        let _ = writeln!(out, "{} {}", category.number(), category.title());
        for check in CATALOGUE.iter().filter(|check| check.category == category) {
            let state = if check.available { "" } else { " (not available in this version)" };
            let _ = writeln!(out, "  {:width$}  {:?}  {}{state}", check.id, check.effort, check.title);
        }
        out.push('\n');
    }
    out.push_str("S under 1 hour, M 1-4 hours, L over 4 hours. `drydock explain CHECK` says more.\n");
    out
}

fn summary(check: &CheckMeta) -> String {
    let state = if check.available { "" } else { "\nNot available in this version.\n" };
    format!(
        "# `{}`: {}\n\n{}.\n\nPrinciple: {}. Effort: {:?}.\n{state}\nSource: {}, {}\n",
        check.id, check.title, check.why, check.principle, check.effort, check.source.0, check.source.1
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_names_every_check_once() {
        let table = table();
        for check in CATALOGUE {
            assert_eq!(table.matches(&format!("  {} ", check.id)).count(), 1, "{}", check.id);
        }
    }
}
