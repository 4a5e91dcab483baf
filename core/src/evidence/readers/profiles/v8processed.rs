//! The text that `node --prof-process` prints. Its bottom-up part tells who called the machine code in which most of
//! the time is spent; what it leaves out comes from the flat parts and the summary.

use super::build::{Builder, Frame};
use super::v8;
use crate::evidence::input::{Input, Notes, Refused};
use crate::evidence::model::profile::{Origin, Runtime, Unit};
use crate::evidence::model::{Artefact, Evidence};
use crate::evidence::readers::Format;
use crate::evidence::recognize::Head;

/// The format.
pub const FORMAT: Format = Format { name: "processed V8 log", matches, read };

/// Largest text.
const MOST_BYTES: u64 = 64 << 20;

fn matches(head: &Head) -> bool {
    head.lines().take(5).any(|line| line.starts_with("Statistical profiling result from"))
}

#[derive(Default)]
struct Text {
    total: f64,
    collector: f64,
    flat: Vec<(String, f64)>,
    /// Depth below a leaf, ticks and name, in order.
    callers: Vec<(usize, f64, String)>,
}

fn read(input: &mut Input, artefact: &mut Artefact, notes: &mut Notes) -> Result<(), Refused> {
    let limits = input.limits;
    let text = input.text(MOST_BYTES)?;
    let mut parts = Text::default();
    parts.parse(&text, notes);
    if parts.total <= 0.0 {
        return Err(Refused("The text of --prof-process counts no ticks".to_owned()));
    }
    Input::at_most(parts.callers.len(), limits.samples, "line", "lines")?;
    let mut builder = Builder::new("node --prof-process", Runtime::JavaScript, Unit::Samples, limits);
    parts.build(&mut builder)?;
    notes.add(0, "The text leaves out small callers: times of these stand with the function they called");
    artefact.evidence.push(Evidence::Profile(Box::new(builder.tree(notes))));
    Ok(())
}

impl Text {
    fn parse(&mut self, text: &str, notes: &mut Notes) {
        let mut section = "";
        for (index, line) in text.lines().enumerate() {
            let line = line.trim_end();
            if let Some(rest) = line.strip_prefix("Statistical profiling result from") {
                let ticks = rest.split(" ticks").next().and_then(|before| before.rsplit('(').next());
                self.total = ticks.and_then(|ticks| ticks.trim().parse().ok()).unwrap_or_default();
                continue;
            }
            if let Some(name) = line.trim().strip_prefix('[').and_then(|name| name.strip_suffix("]:")) {
                section = name;
                continue;
            }
            let Some((ticks, rest)) = ticks(line) else { continue };
            let named = |rest: &str| without_shares(rest).to_owned();
            match section {
                "JavaScript" | "C++" | "Shared libraries" => self.flat.push((named(rest), ticks)),
                "Summary" if without_shares(rest) == "GC" => self.collector = ticks,
                name if name.starts_with("Bottom up") => match bottom_up(rest) {
                    Some((depth, name)) => self.callers.push((depth, ticks, name.to_owned())),
                    None => notes.add(index as u64 + 1, "A line of the bottom-up part was not understood"),
                },
                _ => {}
            }
        }
    }

    fn build(&self, builder: &mut Builder) -> Result<(), Refused> {
        let (mut left, mut unknown) = (self.total, 0.0);
        let mut in_callers: Vec<&str> = Vec::new();
        // Each line's ticks, less those of the callers below it, end in the stack from it up.
        let mut path: Vec<&str> = Vec::new();
        for (index, (depth, ticks, name)) in self.callers.iter().enumerate() {
            path.truncate(*depth);
            path.push(name);
            if *depth == 0 {
                in_callers.push(name);
            }
            let below = self.callers.get(index + 1..).unwrap_or_default();
            let callers =
                below.iter().take_while(|(deeper, ..)| deeper > depth).filter(|(deeper, ..)| *deeper == depth + 1);
            let own = ticks - callers.map(|(_, ticks, _)| ticks).sum::<f64>();
            if own > 0.0 {
                left -= own;
                if path.as_slice() == ["UNKNOWN"] {
                    unknown += own;
                } else {
                    stack(builder, &path, own)?;
                }
            }
        }
        for (name, ticks) in &self.flat {
            if !in_callers.contains(&name.as_str()) {
                left -= ticks;
                stack(builder, &[name], *ticks)?;
            }
        }
        unknown += left.max(0.0);
        // The collector's ticks are part of those that nobody could name.
        let collected = self.collector.min(unknown);
        alone(builder, "(garbage collector)", Origin::Collector, collected)?;
        alone(builder, "(program)", Origin::Program, unknown - collected)
    }
}

/// Counts ticks of a stack, innermost first.
fn stack(builder: &mut Builder, names: &[&str], ticks: f64) -> Result<(), Refused> {
    let mut node = None;
    for name in names.iter().rev() {
        let (frame, origin) = named(name);
        let function = match origin {
            Some(origin) => builder.function_of(frame, origin)?,
            None => builder.function(frame)?,
        };
        node = Some(builder.node(node, function, 0)?);
    }
    if let Some(node) = node {
        builder.sample(node, 0, None, ticks, ticks as u64);
    }
    Ok(())
}

/// Counts ticks that belong to no function.
fn alone(builder: &mut Builder, name: &str, origin: Origin, ticks: f64) -> Result<(), Refused> {
    if ticks > 0.0 {
        let function = builder.function_of(Frame::named(name), origin)?;
        let node = builder.node(None, function, 0)?;
        builder.sample(node, 0, None, ticks, ticks as u64);
    }
    Ok(())
}

/// A function, and what a name that is none stands for.
fn named(name: &str) -> (Frame, Option<Origin>) {
    for kind in ["JS: ", "LazyCompile: ", "Function: ", "Script: ", "Eval: "] {
        if let Some(rest) = name.strip_prefix(kind) {
            let mut frame = v8::frame(rest.trim_start_matches(['*', '~', '^', '+']));
            if frame.name == "<anonymous>" {
                "(anonymous)".clone_into(&mut frame.name);
            }
            return (frame, None);
        }
    }
    let waits =
        ["epoll_wait", "epoll_pwait", "kevent", "GetQueuedCompletionStatus"].iter().any(|wait| name.starts_with(wait));
    match name {
        "UNKNOWN" => (Frame::named("(native)"), Some(Origin::Builtin)),
        _ if waits => (Frame::named(name), Some(Origin::Idle)),
        _ => (Frame::named(name), Some(Origin::Builtin)),
    }
}

/// `    293   35.7%    JS: …`: ticks and what follows.
fn ticks(line: &str) -> Option<(f64, &str)> {
    let rest = line.trim_start();
    let (number, rest) = rest.split_once(' ')?;
    Some((number.parse::<u32>().ok().map(f64::from)?, rest))
}

/// The name behind one or two shares.
fn without_shares(rest: &str) -> &str {
    let mut rest = rest.trim_start();
    while let Some((share, after)) = rest.split_once(' ')
        && share.strip_suffix('%').is_some_and(|number| number.parse::<f64>().is_ok())
    {
        rest = after.trim_start();
    }
    rest
}

/// Depth and name: two blanks behind the share, and two more for each caller.
fn bottom_up(rest: &str) -> Option<(usize, &str)> {
    let (share, after) = rest.split_once('%')?;
    share.trim().parse::<f64>().ok()?;
    let name = after.trim_start();
    let blanks = after.len() - name.len();
    (!name.is_empty()).then_some((blanks.saturating_sub(2) / 2, name))
}
