//! `go.mod`.

use super::facts::{Binding, Facts, at};
use super::pattern::numbered;
use super::read::DiscoveryFile;
use super::technologies::{Ecosystem, Slot};

/// Direct requirements and the language version. Lines marked `// indirect` are left out.
pub(super) fn go_mod(file: DiscoveryFile<'_>, facts: &mut Facts) {
    let mut in_require = false;
    for (line, text) in numbered(file.text) {
        let indirect = text.contains("// indirect");
        let text = text.split("//").next().unwrap_or("").trim();
        if let Some(version) = text.strip_prefix("go ") {
            facts.tech(Slot::Language, "Go", Some(version), at(file.path, line));
        }
        if text == "require (" {
            in_require = true;
            continue;
        }
        if text == ")" {
            in_require = false;
        }
        let requirement = if in_require { Some(text) } else { text.strip_prefix("require ") };
        if let Some((name, version)) = requirement.and_then(|rest| rest.split_once(char::is_whitespace))
            && !indirect
        {
            facts.package(Ecosystem::Go, name, version.trim(), Binding::Required, at(file.path, line));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::discovery::discover;

    #[test]
    fn direct_requirements_only() {
        let text = "module x\n\ngo 1.22\n\nrequire (\n\tgithub.com/jackc/pgx/v5 v5.5.0\n\tgorm.io/gorm v1.25.0 // indirect\n)\nrequire github.com/gin-gonic/gin v1.9.1\n";
        let (store, _) = discover(&[DiscoveryFile { path: "go.mod", text }], "d");
        assert_eq!(store.tech_stack.languages, ["Go 1.22"]);
        assert_eq!(store.tech_stack.orm, ["pgx 5.5.0"]);
        assert_eq!(store.tech_stack.web, ["gin 1.9.1"]);
        assert_eq!(store.sources.get("tech_stack.orm").map(|s| s.line), Some(6));
    }
}
