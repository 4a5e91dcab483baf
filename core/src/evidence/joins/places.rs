//! A place that a profiler printed, found in the code: the longest common end of the path, unique; then the function
//! whose lines hold it, whose name must agree.

use crate::evidence::code::{CodeFunction, CodeIndex};
use crate::report::model::performance::{CodePlace, Join};
use rustc_hash::FxHashMap;

/// Finds places.
pub struct Places<'a> {
    index: &'a CodeIndex,
    /// Files by their name.
    by_name: FxHashMap<&'a str, Vec<u32>>,
    /// Functions of each file.
    by_file: FxHashMap<u32, Vec<u32>>,
}

impl<'a> Places<'a> {
    /// Indexes the code.
    #[must_use]
    pub fn new(index: &'a CodeIndex) -> Self {
        let mut by_name: FxHashMap<&str, Vec<u32>> = FxHashMap::default();
        for (at, file) in (0_u32..).zip(&index.files) {
            by_name.entry(file.path.rsplit('/').next().unwrap_or_default()).or_default().push(at);
        }
        let mut by_file: FxHashMap<u32, Vec<u32>> = FxHashMap::default();
        for (at, function) in (0_u32..).zip(&index.functions) {
            by_file.entry(function.file).or_default().push(at);
        }
        Self { index, by_name, by_file }
    }

    /// The file of a path as a tool printed it; nothing for libraries, and where several fit as well.
    #[must_use]
    pub fn file(&self, path: &str) -> Option<u32> {
        let clean = clean(path);
        if is_library(&clean) {
            return None;
        }
        let parts: Vec<&str> = clean.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
        let name = parts.last()?;
        let mut best: Option<(usize, u32, bool)> = None;
        for &file in self.by_name.get(name)? {
            let own: Vec<&str> = self.index.path(file).split('/').collect();
            let common = parts.iter().rev().zip(own.iter().rev()).take_while(|(a, b)| a == b).count();
            best = match best {
                Some((most, ..)) if most > common => best,
                Some((most, other, _)) if most == common => Some((most, other, true)),
                _ => Some((common, file, false)),
            };
        }
        let (common, file, several) = best?;
        if several {
            return None;
        }
        // A file of a common name that agrees in nothing but the name: `__init__.py`, `utils.py`.
        let whole = common == parts.len() || common == self.index.path(file).split('/').count();
        let common_name = ["__init__.py", "__main__.py", "main.py", "app.py", "utils.py", "models.py", "index.js"];
        (whole || common > 1 || !common_name.contains(name)).then_some(file)
    }

    /// The function of a place: its index, and how sure that is.
    #[must_use]
    pub fn function(&self, path: &str, line: u32, name: &str) -> Option<(u32, Join)> {
        let file = self.file(path)?;
        let all = self.by_file.get(&file)?;
        let short = short(name);
        let of = |at: u32| self.index.functions.get(at as usize);
        let agrees = |function: &CodeFunction| {
            function.name == short
                || (short == "<module>" && function.first_line == 1 && function.name.starts_with('<'))
        };
        if line > 0 {
            let holds =
                all.iter().copied().filter(|at| of(*at).is_some_and(|f| f.first_line <= line && line <= f.last_line));
            let exact = holds.clone().filter(|at| of(*at).is_some_and(&agrees)).min_by_key(|at| size(of(*at)));
            if let Some(at) = exact {
                return Some((at, Join::Exact));
            }
            // Comprehensions and lambdas are part of the function that holds them.
            if short.starts_with('<') && short != "<module>" {
                return holds.min_by_key(|at| size(of(*at))).map(|at| (at, Join::Exact));
            }
        }
        let mut named = all.iter().copied().filter(|at| of(*at).is_some_and(&agrees));
        match (named.next(), named.next()) {
            (Some(only), None) => Some((only, Join::Likely)),
            _ => None,
        }
    }

    /// The place for people.
    #[must_use]
    pub fn place(&self, path: &str, line: u32, name: &str) -> Option<CodePlace> {
        let (at, join) = self.function(path, line, name)?;
        let function = self.index.functions.get(at as usize)?;
        let inside = line >= function.first_line && line <= function.last_line;
        Some(CodePlace {
            path: self.index.path(function.file).to_owned(),
            line: if inside { line } else { function.first_line },
            symbol: function.symbol.clone(),
            join,
        })
    }
}

fn size(function: Option<&CodeFunction>) -> u32 {
    function.map_or(u32::MAX, |function| function.last_line - function.first_line)
}

/// `OrderService.total` -> `total`; what stands in angle brackets stays whole.
fn short(name: &str) -> &str {
    let name = name.rsplit_once("<locals>.").map_or(name, |(_, inner)| inner);
    if name.starts_with('<') {
        return name;
    }
    name.rsplit(['.', ':', ' ']).next().unwrap_or(name)
}

/// Without scheme, query and drive, with forward slashes.
fn clean(path: &str) -> String {
    let path = path.replace('\\', "/");
    let path = path.split_once("://").map_or(path.as_str(), |(_, rest)| rest);
    path.split(['?', '#']).next().unwrap_or(path).to_owned()
}

/// Whether a path is that of an installed library or of the runtime.
pub(super) fn is_library(path: &str) -> bool {
    let marks = ["site-packages/", "dist-packages/", "node_modules/", "/lib/python", "node:", "<frozen", "internal/"];
    path.is_empty() || path.starts_with('<') || path == "~" || marks.iter().any(|mark| path.contains(mark))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::evidence::code::CodeFile;

    fn index() -> CodeIndex {
        let file = |path: &str| CodeFile { path: path.to_owned() };
        let function = |file, name: &str, symbol: &str, first_line, last_line| CodeFunction {
            file,
            name: name.to_owned(),
            symbol: symbol.to_owned(),
            first_line,
            last_line,
            is_async: false,
        };
        CodeIndex {
            files: vec![file("app/api/orders.py"), file("app/jobs/orders.py"), file("app/main.py")],
            functions: vec![
                function(0, "<module>", "<module>", 1, 60),
                function(0, "list_orders", "list_orders", 10, 20),
                function(0, "total", "Order.total", 30, 34),
                function(0, "total", "Line.total", 40, 44),
                function(1, "list_orders", "list_orders", 5, 9),
            ],
            ..CodeIndex::default()
        }
    }

    #[test]
    fn the_longest_common_end_of_a_path_decides() {
        let index = index();
        let places = Places::new(&index);
        assert_eq!(places.file("/srv/build/app/api/orders.py"), Some(0));
        assert_eq!(places.file("file:///srv/app/jobs/orders.py?v=2"), Some(1));
        assert_eq!(places.file("C:\\work\\app\\main.py"), Some(2));
        // Two files fit as well.
        assert_eq!(places.file("orders.py"), None);
        assert_eq!(places.file("/usr/lib/python3.11/site-packages/app/api/orders.py"), None);
        assert_eq!(places.file("<frozen importlib._bootstrap>"), None);
        // Only the name agrees, and it is everybody's.
        assert_eq!(places.file("/other/thing/main.py"), None);
        assert_eq!(places.file("main.py"), Some(2));
    }

    #[test]
    fn line_and_name_must_agree() {
        let index = index();
        let places = Places::new(&index);
        let at = |line, name| places.function("/srv/app/api/orders.py", line, name);
        assert_eq!(at(10, "list_orders"), Some((1, Join::Exact)));
        assert_eq!(at(32, "total"), Some((2, Join::Exact)));
        assert_eq!(at(41, "Line.total"), Some((3, Join::Exact)));
        assert_eq!(at(15, "<listcomp>"), Some((1, Join::Exact)));
        assert_eq!(at(3, "<module>"), Some((0, Join::Exact)));
        // Edited since: the name is unique.
        assert_eq!(at(55, "list_orders"), Some((1, Join::Likely)));
        assert_eq!(at(55, "total"), None);
        assert_eq!(at(12, "other"), None);
        let place = places.place("/srv/app/api/orders.py", 14, "list_orders").unwrap();
        assert_eq!((place.path.as_str(), place.line, place.symbol.as_str()), ("app/api/orders.py", 14, "list_orders"));
    }
}
