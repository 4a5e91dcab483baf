//! `report.json`: the report's own data, indented, with a final line break.

use crate::report::pretty::pretty;
use crate::report::share::Shareable;

/// The report as JSON.
#[must_use]
pub fn json(report: &Shareable) -> String {
    pretty(&**report)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::audit::{aggregate, sample};
    use crate::report::model::Report;

    #[test]
    fn the_sample_file_is_the_sample_report() {
        let text = json(&Shareable::new(&aggregate(sample::input())));
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/data/sample-report.json");
        crate::report::writers::golden(path, &text);
        let read: Report = serde_json::from_str(&text).unwrap();
        assert_eq!(json(&Shareable::new(&read)), text);
        assert!(!text.contains("s3cr3t"));
    }
}
