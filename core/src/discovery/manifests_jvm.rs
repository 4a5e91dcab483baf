//! `pom.xml` and Gradle builds: coordinates by pattern, properties resolved one step.

use super::facts::{Binding, Facts, at};
use super::pattern::{group, line_at, pattern};
use super::read::DiscoveryFile;
use super::technologies::{Ecosystem, Slot};

/// `<dependency>` blocks, Java version.
pub(super) fn pom(file: DiscoveryFile<'_>, facts: &mut Facts) {
    pattern!(BLOCK, r"(?s)<dependency>(.*?)</dependency>");
    pattern!(JAVA, r"<(?:java\.version|maven\.compiler\.(?:release|target|source))>\s*([\d.]+)");
    if let Some(found) = JAVA.captures(file.text) {
        let line = line_at(file.text, found.get(0).map_or(0, |all| all.start()));
        facts.tech(Slot::Language, "Java", Some(group(&found, 1)), at(file.path, line));
    }
    for block in BLOCK.captures_iter(file.text) {
        let body = group(&block, 1);
        let (Some(owner), Some(artifact)) = (element(body, "groupId"), element(body, "artifactId")) else { continue };
        let stated = element(body, "version").unwrap_or("");
        let version = match stated.strip_prefix("${").and_then(|rest| rest.strip_suffix('}')) {
            Some(property) => element(file.text, property).unwrap_or(""),
            None => stated,
        };
        let binding = if element(body, "scope") == Some("test") { Binding::Development } else { Binding::Required };
        let line = line_at(file.text, block.get(0).map_or(0, |all| all.start()));
        facts.package(Ecosystem::Jvm, &format!("{owner}:{artifact}"), version, binding, at(file.path, line));
    }
}

/// Quoted coordinates `group:artifact:version`.
pub(super) fn gradle(file: DiscoveryFile<'_>, facts: &mut Facts) {
    pattern!(COORDINATE, r#"(\w+)\s*\(?\s*["']([\w.-]+:[\w.-]+)(?::([^"']*))?["']"#);
    pattern!(JAVA, r"(?:sourceCompatibility\s*=\s*['\x22]?|JavaLanguageVersion\.of\(|VERSION_)(\d[\d.]*)");
    if let Some(found) = JAVA.captures(file.text) {
        let line = line_at(file.text, found.get(0).map_or(0, |all| all.start()));
        facts.tech(Slot::Language, "Java", Some(group(&found, 1)), at(file.path, line));
    }
    for found in COORDINATE.captures_iter(file.text) {
        let binding = if group(&found, 1).to_ascii_lowercase().contains("test") {
            Binding::Development
        } else {
            Binding::Required
        };
        let line = line_at(file.text, found.get(0).map_or(0, |all| all.start()));
        facts.package(Ecosystem::Jvm, group(&found, 2), group(&found, 3), binding, at(file.path, line));
    }
}

fn element<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    let open = format!("<{name}>");
    let start = text.find(&open)? + open.len();
    let rest = text.get(start..)?;
    rest.get(..rest.find("</")?).map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::discovery::discover;

    #[test]
    fn coordinates_of_both_builds() {
        let pom = "<project><properties><java.version>21</java.version><pg.version>42.7.1</pg.version></properties>\n<dependency><groupId>org.postgresql</groupId><artifactId>postgresql</artifactId><version>${pg.version}</version></dependency></project>";
        let (store, _) = discover(&[DiscoveryFile { path: "pom.xml", text: pom }], "d");
        assert_eq!(store.tech_stack.languages, ["Java 21"]);
        assert_eq!(store.tech_stack.orm, ["PostgreSQL JDBC 42.7.1"]);
        let gradle = "dependencies {\n  implementation 'org.springframework.boot:spring-boot-starter-webflux'\n  implementation(\"com.zaxxer:HikariCP:5.1.0\")\n}\n";
        let (store, _) = discover(&[DiscoveryFile { path: "build.gradle", text: gradle }], "d");
        assert_eq!(store.tech_stack.web, ["Spring WebFlux"]);
        assert_eq!(store.tech_stack.orm, ["HikariCP 5.1.0"]);
    }
}
