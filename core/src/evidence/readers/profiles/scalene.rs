//! scalene's JSON: percentages of the run by line, split into Python, native code and waiting in the system. Lines are
//! joined to the function they stand in; there are no stacks. Its figures of memory are not read.

use super::build::{Builder, Frame};

use crate::evidence::input::{Input, Notes, Refused};
use crate::evidence::model::profile::{Method, Runtime, Unit};
use crate::evidence::model::{Artefact, Evidence};
use crate::evidence::moment;
use crate::evidence::readers::Format;
use crate::evidence::readers::json::Json;
use crate::evidence::recognize::Head;

/// The format.
pub const FORMAT: Format = Format { name: "scalene", matches, read };

/// The stacks in front of the files can be longer than the head.
fn matches(head: &Head) -> bool {
    head.key("alloc_samples") || (head.key("elapsed_time_sec") && head.key("files"))
}

#[derive(Default)]
struct Line {
    line: u32,
    percent: f64,
    samples: u64,
    /// Whether it stands in a function; `None` when the version does not say.
    in_function: Option<bool>,
}

struct File {
    path: String,
    /// Line and name.
    functions: Vec<(u32, String)>,
    lines: Vec<Line>,
}

fn read(input: &mut Input, artefact: &mut Artefact, notes: &mut Notes) -> Result<(), Refused> {
    let limits = input.limits;
    let (mut files, mut elapsed, mut count) = (Vec::new(), None, 0);
    let mut json = Json::new(&mut *input.content);
    json.object(|json, key| {
        match key {
            "elapsed_time_sec" => elapsed = json.number()?.filter(|seconds| *seconds > 0.0),
            "program" => artefact.command = json.string()?,
            "start_time_absolute" => artefact.started = json.number()?.and_then(moment::show_seconds),
            "files" => {
                json.object(|json, path| {
                    let file = file(json, path)?;
                    count += file.lines.len() + file.functions.len();
                    files.push(file);
                    Input::at_most(count, limits.samples, "line", "lines")
                })?;
            }
            _ => json.skip()?,
        }
        Ok(())
    })?;
    let unit = if elapsed.is_some() { Unit::Seconds } else { Unit::Samples };
    let mut builder = Builder::new("scalene", Runtime::Python, unit, limits);
    for file in files {
        for line in file.lines.iter().filter(|line| line.percent > 0.0 || line.samples > 0) {
            let value = match elapsed {
                Some(elapsed) => line.percent / 100.0 * elapsed,
                None => line.samples as f64,
            };
            let function = builder.function(file.function(line))?;
            let node = builder.node(None, function, line.line)?;
            builder.sample(node, 0, None, value, line.samples);
        }
    }
    if builder.profile.nodes.is_empty() {
        return Err(Refused("Nothing was sampled: very short programs give scalene no line".to_owned()));
    }
    builder.profile.duration_seconds = elapsed;
    builder.profile.method = Method::Sampled { interval_seconds: None };
    artefact.evidence.push(Evidence::Profile(Box::new(builder.tree(notes))));
    Ok(())
}

impl File {
    /// The last function that begins above a line, unless the tool says that it stands in none.
    fn function(&self, line: &Line) -> Frame {
        let above = self.functions.iter().filter(|(start, _)| *start <= line.line && line.in_function != Some(false));
        let (start, name) =
            above.max_by_key(|(start, _)| *start).map_or((0, "<module>"), |(start, name)| (*start, name));
        Frame { name: name.to_owned(), path: self.path.clone(), line: start, column: 0 }
    }
}

fn file(json: &mut Json, path: &str) -> Result<File, Refused> {
    let mut file = File { path: path.to_owned(), functions: Vec::new(), lines: Vec::new() };
    json.object(|json, key| match key {
        "functions" => json
            .array(|json| {
                let (mut line, mut name) = (0, String::new());
                json.object(|json, key| {
                    match key {
                        "lineno" => line = number(json)?,
                        "line" => name = json.string()?.unwrap_or_default(),
                        _ => json.skip()?,
                    }
                    Ok(())
                })?;
                file.functions.push((line, name));
                Ok(())
            })
            .map(drop),
        "lines" => json
            .array(|json| {
                let mut line = Line::default();
                json.object(|json, key| {
                    match key {
                        "lineno" => line.line = number(json)?,
                        "n_cpu_percent_python" | "n_cpu_percent_c" | "n_sys_percent" => {
                            line.percent += json.number()?.filter(|percent| percent.is_finite()).unwrap_or_default();
                        }
                        "start_function_line" => line.in_function = json.count()?.map(|start| start > 0),
                        "cpu_samples_list" => {
                            json.array(|json| {
                                line.samples += 1;
                                json.skip()
                            })?;
                        }
                        _ => json.skip()?,
                    }
                    Ok(())
                })?;
                file.lines.push(line);
                Ok(())
            })
            .map(drop),
        _ => json.skip(),
    })?;
    Ok(file)
}

fn number(json: &mut Json) -> Result<u32, Refused> {
    Ok(json.count()?.and_then(|number| u32::try_from(number).ok()).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::{Limits, read};

    #[test]
    fn lines_are_joined_to_their_functions() {
        let text = r#"{"alloc_samples": 1, "elapsed_time_sec": 2.0, "files": {"/srv/app.py": {
            "functions": [{"line": "login", "lineno": 4}, {"line": "render", "lineno": 20}],
            "lines": [
                {"lineno": 6, "n_cpu_percent_python": 30.0, "n_cpu_percent_c": 10.0, "n_sys_percent": 10.0,
                 "start_function_line": 5, "cpu_samples_list": [1.0, 2.0]},
                {"lineno": 21, "n_cpu_percent_python": 25.0, "n_cpu_percent_c": 0.0, "n_sys_percent": 0.0},
                {"lineno": 40, "n_cpu_percent_python": 25.0, "n_cpu_percent_c": 0.0, "n_sys_percent": 0.0,
                 "start_function_line": 0}]}}}"#;
        let artefact = read("x", 0, &mut text.as_bytes(), Limits::default());
        let Some(Evidence::Profile(profile)) = artefact.evidence.first() else { unreachable!("{artefact:?}") };
        let seen: Vec<(&str, u32, f64)> =
            profile.functions.iter().map(|f| (f.name.as_str(), f.line, f.self_value)).collect();
        assert_eq!(seen, [("login", 4, 1.0), ("render", 20, 0.5), ("<module>", 0, 0.5)]);
        assert_eq!(
            profile.nodes.iter().map(|node| (node.line, node.hits)).collect::<Vec<_>>(),
            [(6, 2), (21, 0), (40, 0)]
        );
    }
}
