//! One file per output format, each a function from a [`Shareable`](super::share::Shareable)
//! report to text. Writers decide no verdict and count nothing that the report does not hold.

mod bundle;
mod escape;
mod html;
mod json;
mod jsonl;
mod markdown;
mod pack;
mod performance;
mod results_log;
mod sarif;
mod since;
mod summary;
mod text;
mod worker_markdown;

pub use bundle::{BundleFile, bundle};
pub use html::html;
pub use json::json;
pub use jsonl::jsonl;
pub use markdown::markdown;
pub use pack::zip;
pub use performance::performance_markdown;
pub use results_log::{RESULTS_LOG, results_log};
pub use sarif::{GITHUB, SarifLimits, sarif, sarif_within};
pub use summary::{category_line, next_step_line, verdict_line};
pub use text::{Style, text};
pub use worker_markdown::{path as worker_path, worker_lines, worker_markdown};

/// `bytes`, gzipped.
fn gzip(bytes: &[u8], level: flate2::Compression) -> Vec<u8> {
    use std::io::Write as _;
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), level);
    // Writing to memory cannot fail.
    let _ = encoder.write_all(bytes);
    encoder.finish().unwrap_or_default()
}

/// Compares `text` with the file at `path`; with `DRYDOCK_UPDATE=1` it writes the file.
#[cfg(test)]
pub(crate) fn golden(path: &str, text: &str) {
    if std::env::var_os("DRYDOCK_UPDATE").is_some() {
        let written = std::path::Path::new(path).parent().map(std::fs::create_dir_all);
        assert!(matches!(written, Some(Ok(()))) && std::fs::write(path, text).is_ok(), "{path}");
    }
    let known = std::fs::read_to_string(path).unwrap_or_default();
    assert!(known == text, "{path} differs: look at the change, then run with DRYDOCK_UPDATE=1\n{text}");
}
