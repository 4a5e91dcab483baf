//! `mprof run`'s recording: memory of the process (and of its children) in MiB against time, and memory before and
//! after calls of decorated functions.

use crate::evidence::input::{Input, Notes, Refused};
use crate::evidence::model::memory::{Measure, MemoryCall, MemoryRun, Point, Series};
use crate::evidence::model::{Artefact, Evidence};
use crate::evidence::moment;
use crate::evidence::readers::Format;
use crate::evidence::recognize::Head;
use crate::order::InOrder;

/// The format.
pub const FORMAT: Format = Format { name: "mprof recording", matches, read };

const MIB: f64 = 1_048_576.0;

fn matches(head: &Head) -> bool {
    let mut lines = head.lines().filter(|line| !line.trim().is_empty());
    let Some(first) = lines.next() else { return false };
    let numbers = |rest: &str, from: usize| rest.split_whitespace().skip(from).all(|word| word.parse::<f64>().is_ok());
    let measured = |line: &str| match line.split_once(' ') {
        Some(("MEM", rest)) => numbers(rest, 0),
        Some(("FUNC", rest)) => numbers(rest, 1),
        Some(("CHLD", rest)) => numbers(rest, 0),
        _ => false,
    };
    measured(first) || (first.starts_with("CMDLINE ") && lines.next().is_none_or(measured))
}

fn read(input: &mut Input, artefact: &mut Artefact, notes: &mut Notes) -> Result<(), Refused> {
    let mut run = MemoryRun { tool: "mprof".to_owned(), ..MemoryRun::default() };
    let (mut buffer, mut at, mut points) = (Vec::new(), 0, 0);
    while let Some(line) = input.line(&mut buffer)? {
        at += 1;
        if line.trim().is_empty() {
            continue;
        }
        if let Some(command) = line.strip_prefix("CMDLINE ") {
            artefact.command = Some(command.trim().to_owned());
        } else if entry(&line, &mut run).is_none() {
            notes.add(at, "A line was not understood");
        }
        points += 1;
        Input::at_most(points, input.limits.samples, "line", "lines")?;
    }
    if run.series.is_empty() && run.calls.is_empty() {
        return Err(Refused("An mprof recording without a measured value".to_owned()));
    }
    let times = run.series.iter().flat_map(|series| &series.points).map(|point| point.at_seconds);
    let start = times.chain(run.calls.iter().filter_map(|call| call.at_seconds)).reduce(f64::min).unwrap_or_default();
    for series in &mut run.series {
        for point in &mut series.points {
            point.at_seconds -= start;
        }
        series.points.order_by(|a, b| a.at_seconds.total_cmp(&b.at_seconds));
    }
    for call in &mut run.calls {
        call.at_seconds = call.at_seconds.map(|at| at - start);
    }
    artefact.started = moment::show_seconds(start);
    artefact.evidence.push(Evidence::Memory(Box::new(run)));
    Ok(())
}

/// Reads a line: `MEM MiB time`, `CHLD number MiB time`, `FUNC name MiB time MiB time [level]`.
fn entry(line: &str, run: &mut MemoryRun) -> Option<()> {
    let (kind, rest) = line.split_once(' ')?;
    let mut words = rest.split_whitespace();
    let number = |words: &mut std::str::SplitWhitespace| words.next()?.parse::<f64>().ok().filter(|n| n.is_finite());
    match kind {
        "MEM" | "CHLD" => {
            let process = if kind == "CHLD" { format!("child {}", words.next()?) } else { String::new() };
            let point = Point { value: number(&mut words)? * MIB, at_seconds: number(&mut words)? };
            match run.series.iter_mut().find(|series| series.process == process) {
                Some(series) => series.points.push(point),
                None => run.series.push(Series { what: Measure::Resident, process, points: vec![point] }),
            }
        }
        "FUNC" => {
            let function = words.next()?.to_owned();
            let before = number(&mut words)?;
            let at_seconds = Some(number(&mut words)?);
            let after = number(&mut words)?;
            let (path, line) = (String::new(), 0);
            let (before_bytes, kept_bytes) = (before * MIB, (after - before) * MIB);
            run.calls.push(MemoryCall { function, path, line, calls: 1, at_seconds, before_bytes, kept_bytes });
        }
        _ => return None,
    }
    Some(())
}
