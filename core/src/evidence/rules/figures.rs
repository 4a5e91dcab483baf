//! Figures in sentences of observations: shares, times, bytes, places in code.

use crate::evidence::model::profile::Function;
use crate::evidence::model::targets::Target;
use crate::words::grouped;

/// `0.384` -> `38 %`; below a hundredth with one digit.
#[must_use]
pub fn percent(share: f64) -> String {
    // Sums of nothing are -0.
    let percent = (share * 100.0).clamp(0.0, 1e6) + 0.0;
    if percent > 0.0 && percent < 1.0 { format!("{percent:.1} %") } else { format!("{percent:.0} %") }
}

/// `0.052` -> `52 ms`, `2.14` -> `2.1 s`.
#[must_use]
pub fn duration(seconds: f64) -> String {
    match seconds {
        s if s >= 100.0 => format!("{} s", grouped(s.min(1e15) as u64)),
        s if s >= 1.0 => format!("{s:.1} s"),
        s if s >= 0.01 => format!("{:.0} ms", s * 1e3),
        s if s >= 1e-3 => format!("{:.1} ms", s * 1e3),
        s => format!("{:.2} ms", s * 1e3),
    }
}

/// `1572864.0` -> `1.5 MiB`
#[must_use]
pub fn bytes(bytes: f64) -> String {
    const MIB: f64 = 1_048_576.0;
    match bytes.abs() {
        b if b >= 1024.0 * MIB => format!("{:.1} GiB", bytes / MIB / 1024.0),
        b if b >= MIB => format!("{:.1} MiB", bytes / MIB),
        _ => format!("{:.0} KiB", bytes / 1024.0),
    }
}

/// The target behind a threshold; empty without one.
#[must_use]
pub fn asks(target: Option<&Target>) -> String {
    target.map(|target| format!("; {}", target.says())).unwrap_or_default()
}

/// A function and where it stands: `login` (profiles/server.js:13).
#[must_use]
pub fn named(function: &Function, line: u32) -> String {
    let line = if function.line > 0 { function.line } else { line };
    place(&function.name, &function.path, line)
}

/// Likewise, from its parts.
#[must_use]
pub fn place(name: &str, path: &str, line: u32) -> String {
    let name = match builtin(name) {
        Some(name) => format!("`{name}`"),
        None if name == "(anonymous)" => "a function without a name".to_owned(),
        None if name == "<module>" => "the top level of a file".to_owned(),
        None => format!("`{name}`"),
    };
    match (short(path), line) {
        (short, _) if short.is_empty() => name,
        (short, 0) => format!("{name} ({short})"),
        (short, line) => format!("{name} ({short}:{line})"),
    }
}

/// The last two parts of a path.
fn short(path: &str) -> String {
    let parts: Vec<&str> = path.split(['/', '\\']).filter(|part| !part.is_empty()).collect();
    parts.get(parts.len().saturating_sub(2)..).unwrap_or_default().join("/")
}

/// How code writes what cProfile prints as `<built-in method time.sleep>` or
/// `<method 'execute' of 'sqlite3.Cursor' objects>`.
#[must_use]
pub fn builtin(name: &str) -> Option<String> {
    if let Some(rest) = name.strip_prefix("<built-in method ") {
        let name = rest.trim_end_matches('>');
        return Some(name.strip_prefix("builtins.").unwrap_or(name).to_owned());
    }
    let (method, class) = name.strip_prefix("<method '")?.split_once("' of '")?;
    Some(format!("{}.{method}", class.split('\'').next().unwrap_or(class)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_for_people() {
        assert_eq!([percent(0.384), percent(0.004), percent(-0.0)], ["38 %", "0.4 %", "0 %"]);
        assert_eq!(
            [duration(0.0523), duration(2.14), duration(0.0042), duration(4e-5)],
            ["52 ms", "2.1 s", "4.2 ms", "0.04 ms"]
        );
        assert_eq!([bytes(1_572_864.0), bytes(2048.0)], ["1.5 MiB", "2 KiB"]);
        assert_eq!(place("login", "/srv/app/server.js", 13), "`login` (app/server.js:13)");
        assert_eq!(place("<built-in method time.sleep>", "", 0), "`time.sleep`");
        assert_eq!(place("<method 'execute' of 'sqlite3.Cursor' objects>", "", 0), "`sqlite3.Cursor.execute`");
        assert_eq!(place("(anonymous)", "/a.js", 3), "a function without a name (a.js:3)");
    }
}
