//! The tables of Python's `memory_profiler`: one a function, of one call where the decorator was imported, of all calls
//! where the module ran the script. Often between other output of the program. MiB of the whole process.

use crate::evidence::input::{Input, Notes, Refused};
use crate::evidence::model::memory::{MemoryCall, MemoryLine, MemoryRun};
use crate::evidence::model::{Artefact, Evidence};
use crate::evidence::readers::Format;
use crate::evidence::recognize::Head;

/// The format.
pub const FORMAT: Format = Format { name: "memory_profiler table", matches, read };

const MIB: f64 = 1_048_576.0;

fn matches(head: &Head) -> bool {
    head.lines().any(is_heading)
}

fn is_heading(line: &str) -> bool {
    line.trim_start().starts_with("Line #") && line.contains("Mem usage") && line.contains("Increment")
}

fn read(input: &mut Input, artefact: &mut Artefact, notes: &mut Notes) -> Result<(), Refused> {
    let mut tables = Tables::default();
    let (mut buffer, mut at) = (Vec::new(), 0);
    while let Some(line) = input.line(&mut buffer)? {
        at += 1;
        tables.line(&line, at, notes);
        Input::at_most(tables.run.lines.len(), input.limits.samples, "line", "lines")?;
    }
    tables.close();
    if tables.run.lines.is_empty() {
        return Err(Refused("A memory_profiler table without figures".to_owned()));
    }
    tables.run.tool = "memory_profiler".to_owned();
    artefact.evidence.push(Evidence::Memory(Box::new(tables.run)));
    Ok(())
}

#[derive(Default)]
struct Tables {
    run: MemoryRun,
    path: String,
    /// The table that is being read.
    table: Option<Table>,
}

#[derive(Default)]
struct Table {
    path: String,
    counts: bool,
    rows: Vec<Row>,
}

struct Row {
    line: u32,
    text: String,
    /// Memory, what was added, how often.
    figures: Option<(f64, f64, Option<u64>)>,
}

impl Tables {
    fn line(&mut self, line: &str, at: u64, notes: &mut Notes) {
        if let Some(path) = line.strip_prefix("Filename: ") {
            self.close();
            path.trim().clone_into(&mut self.path);
        } else if is_heading(line) {
            self.close();
            let counts = line.contains("Occurrences") || line.contains("Occurences");
            self.table = Some(Table { path: self.path.clone(), counts, rows: Vec::new() });
        } else if let Some(table) = &mut self.table {
            if line.starts_with("====") {
                return;
            }
            match row(line, table) {
                Some(row) => table.rows.push(row),
                None if line.trim().is_empty() => self.close(),
                None => {
                    notes.add(at, "A line inside a table is none of its rows");
                    self.close();
                }
            }
        }
    }

    fn close(&mut self) {
        let Some(table) = self.table.take() else { return };
        let definition = table.rows.iter().find_map(|row| Some((row.line, defined(&row.text)?)));
        let (line, function) = definition.unwrap_or_default();
        let mut rows = table.rows.iter().filter_map(|row| Some((row, row.figures?)));
        // The row of the decorator or definition shows what was there before.
        let Some((_, (_, entered, calls))) = rows.next() else { return };
        let calls = calls.unwrap_or(1).max(1);
        let mut kept = 0.0;
        for (row, (_, added, times)) in rows {
            kept += added;
            self.run.lines.push(MemoryLine {
                path: table.path.clone(),
                line: row.line,
                function: function.clone(),
                text: row.text.clone(),
                added_bytes: added * MIB,
                times,
            });
        }
        self.run.calls.push(MemoryCall {
            function,
            path: table.path,
            line,
            calls,
            at_seconds: None,
            before_bytes: entered * MIB / calls as f64,
            kept_bytes: kept * MIB,
        });
    }
}

/// Number, memory, increment, and occurrences where the table has them; lines that allocate nothing have only a number.
fn row(line: &str, table: &Table) -> Option<Row> {
    let (number, rest) = word(line)?;
    let number = number.parse().ok()?;
    let measured = amount(rest).and_then(|(memory, rest)| {
        let (added, rest) = amount(rest)?;
        Some((memory, added, rest))
    });
    let Some((memory, added, rest)) = measured else {
        return Some(Row { line: number, text: rest.trim().to_owned(), figures: None });
    };
    let times = word(rest).filter(|_| table.counts).and_then(|(times, rest)| Some((times.parse().ok()?, rest)));
    let text = times.map_or(rest, |(_, rest)| rest).trim().to_owned();
    Some(Row { line: number, text, figures: Some((memory, added, times.map(|(times, _)| times))) })
}

/// The next word and what follows.
fn word(text: &str) -> Option<(&str, &str)> {
    let text = text.trim_start();
    let end = text.find(char::is_whitespace).unwrap_or(text.len());
    (end > 0).then(|| text.split_at(end))
}

/// `12.5 MiB`, in MiB.
fn amount(text: &str) -> Option<(f64, &str)> {
    let (value, rest) = word(text)?;
    let (unit, rest) = word(rest)?;
    let unit = match unit {
        "MiB" | "MB" => 1.0,
        "KiB" => 1.0 / 1024.0,
        "GiB" => 1024.0,
        _ => return None,
    };
    let value: f64 = value.parse().ok()?;
    Some((value * unit, rest)).filter(|(value, _)| value.is_finite())
}

/// The name that a line defines.
fn defined(text: &str) -> Option<String> {
    let rest = text.trim_start();
    let rest = rest.strip_prefix("async ").unwrap_or(rest).trim_start().strip_prefix("def ")?;
    let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
    rest.get(..end).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::panic)]

    use super::*;
    use crate::evidence::{Limits, read};

    fn run(text: &str) -> MemoryRun {
        let artefact = read("x", 0, &mut text.as_bytes(), Limits::default());
        match artefact.evidence.into_iter().next() {
            Some(Evidence::Memory(run)) => *run,
            other => panic!("{other:?} {:?}", artefact.refused),
        }
    }

    #[test]
    fn old_tables_have_no_occurrences() {
        let table = "hello\nFilename: app.py\n\nLine #    Mem usage    Increment   Line Contents\n\
            ================================================\n     \
            3     10.0 MiB     10.0 MiB   @profile\n     4                             def grow():\n     \
            5     12.5 MiB      2.5 MiB       a = [0] * 1000\n     6     12.0 MiB     -0.5 MiB       del b\n\n\nbye\n";
        let run = run(table);
        assert_eq!(run.lines.len(), 2);
        assert_eq!((run.lines[0].line, run.lines[0].text.as_str()), (5, "a = [0] * 1000"));
        assert_eq!(run.lines[1].added_bytes, -0.5 * MIB);
        let call = &run.calls[0];
        assert_eq!((call.function.as_str(), call.path.as_str(), call.line, call.calls), ("grow", "app.py", 4, 1));
        assert_eq!((call.before_bytes, call.kept_bytes), (10.0 * MIB, 2.0 * MIB));
    }

    #[test]
    fn tables_of_all_calls_count_them() {
        let table = "Filename: app.py\n\nLine #    Mem usage    Increment  Occurences   Line Contents\n\
            ============================================================\n     \
            4     40.0 MiB     60.0 MiB           4   async def grow():\n     \
            5     40.0 MiB     20.0 MiB           4       a = [0] * 1000\n";
        let run = run(table);
        assert_eq!(run.lines[0].times, Some(4));
        assert_eq!((run.calls[0].calls, run.calls[0].before_bytes), (4, 15.0 * MIB));
        assert_eq!(run.calls[0].kept_bytes, 20.0 * MIB);
    }
}
