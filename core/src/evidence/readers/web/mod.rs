//! What browsers and Lighthouse write.

mod culprits;
mod lighthouse;
mod trace;
mod trace_metrics;

#[cfg(test)]
mod tests;

use super::Format;

/// Formats of this group.
pub const FORMATS: &[Format] = &[
    Format { name: "Lighthouse report (JSON)", matches: lighthouse::is_json, read: lighthouse::read_json },
    Format { name: "Lighthouse report (HTML)", matches: lighthouse::is_html, read: lighthouse::read_html },
    Format { name: "Chromium trace", matches: trace::is_trace, read: trace::read },
];
