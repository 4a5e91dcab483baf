//! Reads a check's Markdown page as test cases. Knows the form of the page, not what a check is.
//!
//! A page has prose and the sections `## Fails`, `## Passes`, `## Dismissed`. Each `###` heading below
//! them opens a case: one or more fenced blocks, the files of a small project. A block may name its
//! file (` ```python title="app/api.py" `); without a name it is [`default_path`]. Comments say what
//! must be reported, on the line itself or alone on the line above:
//!
//! ```text
//! for i in ids: db.get(Order, i)   # error: [query_in_loop] HIGH "runs once per item"
//! # dismissed: [query_in_loop] "loaded by"
//! rows = load(ids)
//! ```
//!
//! Severity and quoted parts of the message are optional; a verdict (`advisory`, `needs_context`,
//! `suppressed`) may follow. The comments are removed before the code is audited, so that no check can
//! see them; line numbers stay.

use drydock_core::report::model::{Severity, Verdict};

/// What a section promises of its cases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Section {
    /// The check reports.
    Fails,
    /// The check is silent.
    Passes,
    /// The check looks, rejects, and says why.
    Dismissed,
}

/// A case: a small project and what must be said of it.
#[derive(Clone, Debug)]
pub struct Case {
    /// Heading.
    pub name: String,
    /// Section it stands in.
    pub section: Section,
    /// Line of the heading on the page.
    pub line: usize,
    /// Files, without markers.
    pub files: Vec<(String, String)>,
    /// Markers, by file and line.
    pub markers: Vec<Marker>,
}

/// What a comment expects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expectation {
    /// A finding.
    Error,
    /// A rejected candidate.
    Dismissed,
}

/// An expectation at a line.
#[derive(Clone, Debug)]
pub struct Marker {
    /// What.
    pub expectation: Expectation,
    /// Check id.
    pub check: String,
    /// File.
    pub path: String,
    /// Line.
    pub line: u32,
    /// Severity of the finding, when the page cares.
    pub severity: Option<Severity>,
    /// Verdict of the finding, when the page cares.
    pub verdict: Option<Verdict>,
    /// Parts that the message (or the reason) must contain.
    pub contains: Vec<String>,
}

/// A page.
#[derive(Clone, Debug)]
pub struct Page {
    /// Path from the repository's root.
    pub path: String,
    /// Check id: the file's name.
    pub check: String,
    /// Cases, in order.
    pub cases: Vec<Case>,
    /// What is wrong with the page itself.
    pub problems: Vec<String>,
}

/// File of a block without a title.
#[must_use]
pub fn default_path(language: &str) -> &'static str {
    match language {
        "python" | "py" => "app/service.py",
        "javascript" | "js" => "src/service.js",
        "typescript" | "ts" => "src/service.ts",
        "go" => "internal/service.go",
        "java" => "src/main/java/app/Service.java",
        "sql" => "migrations/0001_init.sql",
        "toml" => "pyproject.toml",
        "html" => "app/templates/page.html",
        _ => "notes.txt",
    }
}

impl Page {
    /// Reads the page at `path`.
    #[must_use]
    pub fn read(path: &str, text: &str) -> Self {
        let check = path.rsplit('/').next().unwrap_or(path).trim_end_matches(".md").to_owned();
        let mut page = Self { path: path.to_owned(), check, cases: Vec::new(), problems: Vec::new() };
        let mut section = None;
        let mut lines = text.lines().enumerate();
        while let Some((index, line)) = lines.next() {
            if let Some(fence) = Fence::open(line) {
                let body: Vec<&str> =
                    lines.by_ref().map(|(_, inner)| inner).take_while(|inner| !fence.is_closed_by(inner)).collect();
                page.block(section, index + 1, &fence, &body);
            } else if let Some(title) = line.strip_prefix("### ") {
                if let Some(section) = section {
                    let name = title.trim().to_owned();
                    if page.cases.iter().any(|case| case.section == section && case.name == name) {
                        page.problem(index + 1, &format!("two cases of one section are named `{name}`"));
                    }
                    page.cases.push(Case { name, section, line: index + 1, files: Vec::new(), markers: Vec::new() });
                }
            } else if let Some(title) = line.strip_prefix("## ") {
                section = match title.trim() {
                    "Fails" => Some(Section::Fails),
                    "Passes" => Some(Section::Passes),
                    "Dismissed" => Some(Section::Dismissed),
                    _ => None,
                };
            }
        }
        page.validate();
        page
    }

    fn problem(&mut self, line: usize, text: &str) {
        self.problems.push(format!("{}:{line}: {text}", self.path));
    }

    /// Adds a fenced block to the case it stands in; blocks outside the sections are prose.
    fn block(&mut self, section: Option<Section>, line: usize, fence: &Fence, body: &[&str]) {
        let Some(section) = section else { return };
        if !self.cases.last().is_some_and(|case| case.section == section) {
            self.problem(line, "a block of a section stands below a `###` heading");
            return;
        }
        let path = fence.title.clone().unwrap_or_else(|| default_path(&fence.language).to_owned());
        if self.cases.last().is_some_and(|case| case.files.iter().any(|(other, _)| *other == path)) {
            self.problem(line, &format!("two blocks of one case are `{path}`: give one a title"));
            return;
        }
        let (text, markers, wrong) = strip_markers(&path, body);
        for (offset, what) in wrong {
            self.problem(line + offset, &what);
        }
        if let Some(case) = self.cases.last_mut() {
            case.files.push((path, text));
            case.markers.extend(markers);
        }
    }

    fn validate(&mut self) {
        for section in [Section::Fails, Section::Passes] {
            if !self.cases.iter().any(|case| case.section == section) {
                self.problem(1, &format!("the page has no case in `## {section:?}`"));
            }
        }
        let mut wrong = Vec::new();
        for case in &self.cases {
            let own = |what| case.markers.iter().any(|m| m.expectation == what && m.check == self.check);
            let missing = match case.section {
                _ if case.files.is_empty() => Some("has no code".to_owned()),
                Section::Fails if !own(Expectation::Error) => Some(format!("marks no `# error: [{}]`", self.check)),
                Section::Dismissed if !own(Expectation::Dismissed) => {
                    Some(format!("marks no `# dismissed: [{}]`", self.check))
                }
                Section::Passes if own(Expectation::Error) => Some("stands under Passes and marks an error".to_owned()),
                _ => None,
            };
            wrong.extend(missing.map(|what| (case.line, format!("the case `{}` {what}", case.name))));
        }
        for (line, what) in wrong {
            self.problem(line, &what);
        }
    }
}

struct Fence {
    ticks: String,
    language: String,
    title: Option<String>,
}

impl Fence {
    fn open(line: &str) -> Option<Self> {
        let count = line.len() - line.trim_start_matches('`').len();
        if count < 3 {
            return None;
        }
        let (ticks, info) = line.split_at(count);
        let language = info.split_whitespace().next().unwrap_or_default().to_owned();
        let title = info.split_once("title=\"").and_then(|(_, rest)| rest.split_once('"'));
        Some(Self { ticks: ticks.to_owned(), language, title: title.map(|(title, _)| title.to_owned()) })
    }

    fn is_closed_by(&self, line: &str) -> bool {
        line.trim_end() == self.ticks
    }
}

/// The code without its markers, the markers, and the malformed ones (line of the block, what).
type Stripped = (String, Vec<Marker>, Vec<(usize, String)>);

fn strip_markers(path: &str, body: &[&str]) -> Stripped {
    let mut text = String::new();
    let (mut markers, mut wrong): (Vec<Marker>, _) = (Vec::new(), Vec::new());
    // Markers that stand alone belong to the next line with code on it.
    let mut waiting: Vec<Marker> = Vec::new();
    for (index, line) in body.iter().enumerate() {
        let number = u32::try_from(index + 1).unwrap_or(u32::MAX);
        let (code, comment) = split_marker(line);
        let mut here = Vec::new();
        if let Some(comment) = comment {
            match parse_markers(path, number, comment) {
                Ok(found) => here = found,
                Err(what) => wrong.push((index + 1, what)),
            }
        }
        if code.trim().is_empty() && comment.is_some() {
            waiting.append(&mut here);
        } else {
            if !code.trim().is_empty() {
                here.extend(waiting.drain(..).map(|marker| Marker { line: number, ..marker }));
            }
            markers.append(&mut here);
        }
        text.push_str(code.trim_end());
        text.push('\n');
    }
    wrong.extend(waiting.iter().map(|marker| (marker.line as usize, "a marker has no line below it".to_owned())));
    (text, markers, wrong)
}

/// Splits a line before the comment that holds markers.
fn split_marker(line: &str) -> (&str, Option<&str>) {
    const OPENERS: [&str; 5] = ["# ", "// ", "-- ", "{# ", "<!-- "];
    let mut first: Option<usize> = None;
    for opener in OPENERS {
        for word in ["error: [", "dismissed: ["] {
            let at = line.find(&format!("{opener}{word}"));
            first = match (first, at) {
                (Some(a), Some(b)) => Some(a.min(b)),
                (a, b) => a.or(b),
            };
        }
    }
    first.map_or((line, None), |at| {
        let (code, comment) = line.split_at(at);
        (code, Some(comment))
    })
}

/// Reads `# error: [id] HIGH "text"`, several of them behind one another.
fn parse_markers(path: &str, line: u32, comment: &str) -> Result<Vec<Marker>, String> {
    let mut markers: Vec<Marker> = Vec::new();
    let mut rest = comment;
    while !rest.is_empty() {
        rest = rest.trim_start();
        if let Some(quoted) = rest.strip_prefix('"') {
            let (text, after) = quoted.split_once('"').ok_or("a quoted text is not closed")?;
            markers.last_mut().ok_or("a quoted text stands in front")?.contains.push(text.to_owned());
            rest = after;
            continue;
        }
        let (word, after) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
        rest = after;
        match word {
            "" | "#" | "//" | "--" | "{#" | "#}" | "<!--" | "-->" => {}
            "error:" | "dismissed:" => {
                let (id, after) =
                    rest.trim_start().strip_prefix('[').and_then(|id| id.split_once(']')).ok_or("no [check_id]")?;
                if drydock_core::checks::find(id).is_none() {
                    return Err(format!("no check is named `{id}`"));
                }
                let expectation = if word == "error:" { Expectation::Error } else { Expectation::Dismissed };
                rest = after;
                markers.push(Marker {
                    expectation,
                    check: id.to_owned(),
                    path: path.to_owned(),
                    line,
                    severity: None,
                    verdict: None,
                    contains: Vec::new(),
                });
            }
            _ => {
                let marker = markers.last_mut().ok_or("a marker begins with `error:` or `dismissed:`")?;
                match word_meaning(word) {
                    Some(Word::Severity(severity)) => marker.severity = Some(severity),
                    Some(Word::Verdict(verdict)) => marker.verdict = Some(verdict),
                    None => return Err(format!("`{word}` is no severity, verdict or quoted text")),
                }
            }
        }
    }
    Ok(markers)
}

enum Word {
    Severity(Severity),
    Verdict(Verdict),
}

fn word_meaning(word: &str) -> Option<Word> {
    let severity = Severity::ALL.into_iter().find(|severity| severity.word() == word).map(Word::Severity);
    severity.or(match word {
        "counted" => Some(Word::Verdict(Verdict::Counted)),
        "advisory" => Some(Word::Verdict(Verdict::Advisory)),
        "needs_context" => Some(Word::Verdict(Verdict::NeedsContext)),
        "suppressed" => Some(Word::Verdict(Verdict::Suppressed)),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::*;

    const PAGE: &str = r#"# A query runs once per item
Prose with a block that is no case:
```python
db.get()
```
## Fails
### Direct
Some words.
```python title="app/api.py"
for i in ids:
    db.get(i)  # error: [query_in_loop] HIGH "once per item" "200"
```
```toml
[project]
```
### Marker above
```sql
-- error: [query_in_loop]
-- error: [missing_bulk_ops] needs_context
select 1;
```
## Passes
### Fine
````python
x = 1  # a comment
````
## Dismissed
### Seen
```html
{# dismissed: [query_in_loop] "loaded by" #}
{{ a.b }}
```
## References
```python
not_a_case()
```
"#;

    #[test]
    fn reads_cases_files_and_markers() {
        let page = Page::read("core/src/checks/query/query_in_loop.md", PAGE);
        assert_eq!(page.problems, Vec::<String>::new());
        assert_eq!(page.check, "query_in_loop");
        let [direct, above, fine, seen] = &page.cases[..] else { unreachable!("four cases: {page:?}") };
        assert_eq!(direct.files[0], ("app/api.py".to_owned(), "for i in ids:\n    db.get(i)\n".to_owned()));
        assert_eq!(direct.files[1].0, "pyproject.toml");
        let marker = &direct.markers[0];
        assert_eq!((marker.line, marker.severity), (2, Some(Severity::High)));
        assert_eq!(marker.contains, ["once per item", "200"]);
        assert_eq!(above.markers.iter().map(|m| m.line).collect::<Vec<_>>(), [3, 3]);
        assert_eq!(above.markers[1].verdict, Some(Verdict::NeedsContext));
        assert_eq!(above.files[0].1, "\n\nselect 1;\n");
        assert_eq!(fine.files[0].1, "x = 1  # a comment\n");
        assert_eq!((seen.markers[0].line, seen.markers[0].expectation), (2, Expectation::Dismissed));
    }

    #[test]
    fn says_what_is_wrong_with_a_page() {
        let text = "## Fails\n### A\n```python\nx()  # error: [no_such_check]\n```\n### A\n```python\ny()\n```\n";
        let problems = Page::read("a/query_in_loop.md", text).problems.join("\n");
        for part in ["no check is named `no_such_check`", "two cases of one section", "no case in `## Passes`", ":6:"] {
            assert!(problems.contains(part), "{part} is missing in:\n{problems}");
        }
    }
}
