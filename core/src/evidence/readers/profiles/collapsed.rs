//! Collapsed stacks, one a line with a count: `py-spy record --format raw`, perf's and async-profiler's folded stacks.
//! Names may hold blanks and semicolons; `process` and `thread` frames group others.

use super::build::{Builder, Frame};
use super::origin;
use crate::evidence::input::{Input, Notes, Refused};
use crate::evidence::model::profile::{Origin, Runtime, Unit};
use crate::evidence::model::{Artefact, Evidence};
use crate::evidence::readers::Format;
use crate::evidence::recognize::Head;

/// The format.
pub const FORMAT: Format = Format { name: "collapsed stacks", matches, read };

/// Nine of ten lines are stacks, and one of them has two frames or names its file.
fn matches(head: &Head) -> bool {
    let mut lines: Vec<&str> = head.lines().collect();
    if lines.len() > 1 && !head.text.ends_with('\n') {
        lines.pop();
    }
    let lines: Vec<&str> = lines.into_iter().filter(|line| !is_comment(line)).collect();
    let stacks: Vec<&str> = lines.iter().filter_map(|line| counted(line)).map(|(stack, _)| stack).collect();
    let sure = |stack: &&str| stack.contains(';') || located(stack).is_some();
    !stacks.is_empty()
        && stacks.len() * 10 >= lines.len() * 9
        && stacks.iter().filter(|s| sure(s)).count() * 2 >= stacks.len()
}

/// Lines that say nothing: blank ones and comments.
fn is_comment(line: &str) -> bool {
    let line = line.trim_start();
    line.is_empty() || line.starts_with('#') || line.starts_with("//")
}

/// Stack and count of a line. A count below zero and one that is no number make a stack all the same: `None`.
fn counted(line: &str) -> Option<(&str, Option<f64>)> {
    let (stack, count) = line.trim_end().rsplit_once(' ')?;
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let unsigned = count.strip_prefix(['-', '+']).unwrap_or(count);
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, "0"));
    let written = digits(whole) && digits(fraction);
    let impossible = (written && count.starts_with('-'))
        || ["nan", "inf", "infinity"].iter().any(|word| unsigned.eq_ignore_ascii_case(word));
    let stack = stack.trim_end().trim_end_matches(';');
    let plain = !stack.is_empty() && !stack.contains('\t') && !stack.ends_with([',', '=', ':']);
    (plain && (written || impossible)).then(|| (stack, if impossible { None } else { count.parse().ok() }))
}

fn read(input: &mut Input, artefact: &mut Artefact, notes: &mut Notes) -> Result<(), Refused> {
    let runtime = runtime(&input.head.text);
    let mut builder = Builder::new("collapsed stacks", runtime, Unit::Samples, input.limits);
    // Only py-spy shortens paths to what lies below `sys.path`.
    builder.short_paths = runtime == Runtime::Python;
    let (mut buffer, mut at, mut stacks, mut impossible) = (Vec::new(), 0, 0usize, false);
    while let Some(line) = input.line(&mut buffer)? {
        at += 1;
        if is_comment(&line) {
            continue;
        }
        let Some((stack, count)) = counted(&line) else {
            notes.add(at, "A line is no stack with a count");
            continue;
        };
        let Some(count) = count else {
            notes.add(at, "A count is below zero or no number: the stack was left out");
            impossible = true;
            continue;
        };
        stacks += 1;
        Input::at_most(stacks, input.limits.samples, "stack", "stacks")?;
        add(&mut builder, stack, count)?;
    }
    if builder.profile.nodes.is_empty() {
        let why = if impossible {
            "Collapsed stacks whose counts are below zero or no numbers"
        } else {
            "No stack with a count"
        };
        return Err(Refused(why.to_owned()));
    }
    artefact.evidence.push(Evidence::Profile(Box::new(builder.tree(notes))));
    Ok(())
}

fn runtime(text: &str) -> Runtime {
    let count = |part: &str| text.matches(part).take(1000).count();
    let python = count(".py:") + count(".py)") + count("<frozen ");
    let script = count(".js:") + count("node:") + count(".mjs:");
    match (python, script) {
        (0, 0) => Runtime::Other,
        (python, script) if python >= script => Runtime::Python,
        _ => Runtime::JavaScript,
    }
}

fn add(builder: &mut Builder, stack: &str, count: f64) -> Result<(), Refused> {
    let parts = split(stack);
    let mut thread = String::new();
    let mut frames: Vec<(Frame, u32, Option<Origin>)> = Vec::new();
    for part in parts {
        if let Some(label) = label(part) {
            if !thread.is_empty() {
                thread.push_str(", ");
            }
            thread.push_str(label);
            continue;
        }
        let (frame, line) = frame(part);
        frames.push((frame, line, native(part)));
    }
    let leaf: Vec<&Frame> = frames.iter().map(|(frame, ..)| frame).collect();
    if builder.profile.runtime == Runtime::Python
        && origin::waits(&leaf)
        && let Some((frame, _, origin)) = frames.last_mut()
    {
        frame.name.push_str(" (waiting)");
        *origin = Some(Origin::Idle);
    }
    let number = if thread.is_empty() { 0 } else { builder.thread(&thread) };
    let mut node = None;
    for (frame, line, origin) in frames {
        let function = match origin {
            Some(origin) => builder.function_of(frame, origin)?,
            None => builder.function(frame)?,
        };
        node = Some(builder.node(node, function, line)?);
    }
    let node = match node {
        Some(node) => node,
        None => {
            let function = builder.function_of(Frame::named(thread), Origin::Label)?;
            builder.node(None, function, 0)?
        }
    };
    builder.sample(node, number, None, count, count.min(9e15) as u64);
    Ok(())
}

/// Splits at semicolons that stand outside brackets and quotes, where these are closed further on.
fn split(stack: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut start = 0;
    let mut at = 0;
    while let Some(next) = stack.get(at..).and_then(|rest| rest.find(';')) {
        let end = at + next;
        let part = stack.get(start..end).unwrap_or_default();
        at = end + 1;
        if is_open(part) && closes(part, stack.get(end..).unwrap_or_default()) {
            continue;
        }
        if !part.is_empty() {
            parts.push(part);
        }
        start = at;
    }
    parts.extend(stack.get(start..).filter(|part| !part.is_empty()));
    parts
}

fn is_open(part: &str) -> bool {
    let count = |c| part.matches(c).count();
    count('(') > count(')') || count('"') % 2 == 1
}

/// Whether what is open in a part is closed by the rest, before another frame opens the same.
fn closes(part: &str, rest: &str) -> bool {
    if part.matches('"').count() % 2 == 1 {
        return rest.contains('"');
    }
    let close = rest.find(')');
    close.is_some() && close < rest.find('(').or(Some(usize::MAX))
}

/// py-spy's frames for a process and a thread.
fn label(part: &str) -> Option<&str> {
    let process = part.strip_prefix("process ").is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    (process || (part.starts_with("thread (") && located(part).is_none())).then_some(part)
}

/// `login (app/views.py:12)`: name, path and line.
fn located(part: &str) -> Option<(&str, &str, u32)> {
    let (name, place) = part.strip_suffix(')')?.rsplit_once(" (")?;
    if let Some((path, line)) = place.rsplit_once(':')
        && let Ok(line) = line.parse()
    {
        return Some((name, path, line));
    }
    let is_file = place.ends_with(".py") || place.starts_with('<') || place.contains('/');
    is_file.then_some((name, place, 0))
}

/// The function of a frame, and the line that ran in it.
fn frame(part: &str) -> (Frame, u32) {
    if let Some((name, path, line)) = located(part) {
        return (Frame { name: name.to_owned(), path: path.to_owned(), ..Frame::default() }, line);
    }
    // perf with Python's trampoline: `py::login:/srv/app.py`.
    if let Some((name, path)) = part.strip_prefix("py::").and_then(|rest| rest.split_once(':')) {
        return (Frame { name: name.to_owned(), path: path.to_owned(), ..Frame::default() }, 0);
    }
    // perf with `node --perf-basic-prof`: `LazyCompile:*login /srv/app.js:12:3`.
    for kind in ["LazyCompile:", "JS:", "Function:", "Script:", "Eval:"] {
        if let Some(rest) = part.strip_prefix(kind) {
            return (super::v8::frame(rest.trim_start_matches(['*', '~', '^', '+'])), 0);
        }
    }
    (Frame::named(part), 0)
}

/// Frames that perf marks as machine code.
fn native(part: &str) -> Option<Origin> {
    if part == "swapper" {
        return Some(Origin::Idle);
    }
    let kernel = part.ends_with("_[k]") || part.ends_with("_[i]") || (part.starts_with('[') && part.ends_with(']'));
    kernel.then_some(Origin::Builtin)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_may_hold_blanks_and_semicolons() {
        assert_eq!(split("a;b (x;y.py:3);c"), ["a", "b (x;y.py:3)", "c"]);
        assert_eq!(
            split("process 7:\"python app.py; x\";main (app.py:1)"),
            ["process 7:\"python app.py; x\"", "main (app.py:1)"]
        );
        assert_eq!(split("operator<(a;b"), ["operator<(a", "b"], "never closed");
        assert_eq!(split("f(;g (a.py:1)"), ["f(", "g (a.py:1)"], "closed by another frame's own");
        assert_eq!(split("std::function<void (int)>;main"), ["std::function<void (int)>", "main"]);
    }

    #[test]
    fn frames_of_several_tools() {
        let (f, line) = frame("<module> (my app/run me.py:12)");
        assert_eq!((f.name.as_str(), f.path.as_str(), line), ("<module>", "my app/run me.py", 12));
        let (f, _) = frame("py::login:/srv/app.py");
        assert_eq!((f.name.as_str(), f.path.as_str()), ("login", "/srv/app.py"));
        let (f, _) = frame("LazyCompile:*login /srv/app.js:12:3");
        assert_eq!((f.name.as_str(), f.path.as_str(), f.line, f.column), ("login", "/srv/app.js", 12, 3));
        let (f, _) = frame("java/lang/Thread.run_[0]");
        assert_eq!(f.name, "java/lang/Thread.run_[0]");
    }

    #[test]
    fn processes_and_threads_are_no_frames() {
        assert!(label("process 7:\"python app.py\"").is_some());
        assert!(label("thread (8809): Thread-16 (process_request_thread)").is_some());
        assert!(label("thread (0x7F)").is_some());
        assert!(label("thread (app.py:3)").is_none());
    }

    #[test]
    fn what_looks_alike_is_not_taken() {
        let is = |text: &str| matches(&Head::new(text.as_bytes()));
        assert!(is("a;b;c 12\na;b 3\n"));
        assert!(is("# recorded by perf\na;b;c;  12\n"));
        assert!(is("main (app.py:3) 12\n"));
        assert!(is("a;b 1.5\r\na;c 2\r\n"));
        assert!(is("a;b -5\na;c NaN\n"), "stacks, whatever is wrong with their counts");
        assert!(!is("one 1\ntwo 2\n"));
        assert!(!is("one -1\ntwo nan\n"));
        assert!(!is("SELECT 1;\nUPDATE t SET a = 2;\n"));
        assert!(!is("GET /a 200\nGET /b 404\n"));
    }
}
