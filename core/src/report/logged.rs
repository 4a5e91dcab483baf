//! Reads the runs of ours in a results log. The rest of the log is the writer's business.

/// An earlier run of ours, as its row says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoggedRun {
    /// Date as written.
    pub date: String,
    /// Score in tenths.
    pub score_tenths: u32,
}

/// Runs of ours that the log `text` tells of, oldest first.
#[must_use]
pub fn logged_runs(text: &str) -> Vec<LoggedRun> {
    let lines: Vec<&str> = text.lines().collect();
    let Some(start) = lines.iter().position(|line| is_header(line)) else { return Vec::new() };
    let rest = lines.get(start + 1..).unwrap_or_default();
    let Some((header, (separator, rows))) = lines.get(start).zip(rest.split_first()) else { return Vec::new() };
    if !is_separator(separator) {
        return Vec::new();
    }
    let columns: Vec<String> = cells(header).iter().map(|cell| cell.to_lowercase()).collect();
    let at = |name: &str| columns.iter().position(|column| column == name);
    let (date, skill, metric, score) = (at("date"), at("skill"), at("metric"), at("score"));
    let mut runs = Vec::new();
    for row in rows.iter().take_while(|line| line.trim_start().starts_with('|')) {
        let cells = cells(row);
        let of = |column: Option<usize>| column.and_then(|at| cells.get(at)).map_or("", String::as_str);
        let ours = of(skill) == "ln-650" && (metric.is_none() || of(metric) == "overall_score");
        if let Some(score_tenths) = read_tenths(of(score)).filter(|_| ours) {
            runs.push(LoggedRun { date: of(date).to_owned(), score_tenths });
        }
    }
    runs
}

/// Whether a line is the head of a results table.
#[must_use]
pub fn is_header(line: &str) -> bool {
    let cells: Vec<String> = cells(line).iter().map(|cell| cell.to_lowercase()).collect();
    ["date", "skill", "score"].iter().all(|name| cells.iter().any(|cell| cell == name))
}

/// Whether a line stands between the head of a table and its rows.
#[must_use]
pub fn is_separator(line: &str) -> bool {
    line.contains("--") && line.contains('|')
}

/// Cells of a table row; `\|` is part of a cell.
#[must_use]
pub fn cells(line: &str) -> Vec<String> {
    let line = line.trim();
    let line = line.strip_prefix('|').unwrap_or(line);
    let mut cells = vec![String::new()];
    let mut escaped = false;
    for c in line.chars() {
        if c == '|' && !escaped {
            cells.push(String::new());
        } else if let Some(cell) = cells.last_mut() {
            cell.push(c);
        }
        escaped = c == '\\' && !escaped;
    }
    if cells.len() > 1 && cells.last().is_some_and(|cell| cell.trim().is_empty()) {
        cells.pop();
    }
    cells.iter().map(|cell| cell.trim().to_owned()).collect()
}

/// `5.4` -> 54; `7` -> 70.
fn read_tenths(text: &str) -> Option<u32> {
    let text = text.trim_matches('*');
    let text = text.split_once('/').map_or(text, |(score, _)| score);
    let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
    let whole: u32 = whole.parse().ok().filter(|whole| *whole <= 10)?;
    let part: u32 = part.get(..1)?.parse().ok()?;
    Some((whole * 10 + part).min(100))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_rows_of_ours_with_a_score_are_runs() {
        let log = "# Log\n\n| date | skill | metric | score | extra |\n|---|---|---|---|---|\n\
                   | 2026-01-01 | ln-650 | overall_score | 5.4 | a \\| b |\n| 2026-01-02 | ln-999 | x | 9 | |\n\
                   | 2026-01-03 | ln-650 | overall_score | **7/10** | |\n| 2026-01-04 | ln-650 | overall_score | N/A | |\n\
                   \n| 2026-01-05 | ln-650 | overall_score | 1.0 | |\n";
        let run = |date: &str, score_tenths| LoggedRun { date: date.to_owned(), score_tenths };
        assert_eq!(logged_runs(log), [run("2026-01-01", 54), run("2026-01-03", 70)]);
        for none in ["", "| Date | Skill | Score |", "| Date | Skill | Score |\nnothing\n| 2026-01-01 | ln-650 | 5.4 |"]
        {
            assert_eq!(logged_runs(none), []);
        }
    }
}
