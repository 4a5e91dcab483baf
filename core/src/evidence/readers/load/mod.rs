//! What load generators write: k6, Locust, Artillery, JMeter, autocannon, wrk, hey, ab.

mod artillery;
mod autocannon;
mod csv;
mod jtl;
mod k6_points;
mod k6_summary;
mod locust_csv;
mod locust_json;
mod samples;
mod text_tools;

#[cfg(test)]
mod tests;

use super::Format;

/// Formats of this group.
pub const FORMATS: &[Format] = &[
    Format { name: "k6 points (JSON lines)", matches: k6_points::is_json, read: k6_points::read_json },
    Format { name: "k6 points (CSV)", matches: k6_points::is_csv, read: k6_points::read_csv },
    Format { name: "k6 summary", matches: k6_summary::is_summary, read: k6_summary::read },
    Format { name: "k6 machine-readable summary", matches: k6_summary::is_machine_readable, read: k6_summary::read },
    Format { name: "Locust statistics (JSON)", matches: locust_json::is_json, read: locust_json::read },
    Format { name: "Locust statistics (CSV)", matches: locust_csv::is_stats, read: locust_csv::read_stats },
    Format { name: "Locust history (CSV)", matches: locust_csv::is_history, read: locust_csv::read_history },
    Format { name: "Locust failures (CSV)", matches: locust_csv::is_failures, read: locust_csv::read_failures },
    Format {
        name: "Locust distribution (CSV)",
        matches: locust_csv::is_distribution,
        read: locust_csv::read_distribution,
    },
    Format { name: "JMeter results (CSV)", matches: jtl::is_jtl, read: jtl::read },
    Format { name: "Artillery report", matches: artillery::is_report, read: artillery::read },
    Format { name: "autocannon report", matches: autocannon::is_report, read: autocannon::read },
    Format { name: "wrk output", matches: text_tools::is_wrk, read: text_tools::read_wrk },
    Format { name: "hey output", matches: text_tools::is_hey, read: text_tools::read_hey },
    Format { name: "ab output", matches: text_tools::is_ab, read: text_tools::read_ab },
];
