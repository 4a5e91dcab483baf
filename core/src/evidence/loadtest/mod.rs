//! Load tests written from the route table: a k6 script, a Locust file or an Artillery config that runs as it is,
//! with the targets as thresholds. What the code cannot tell (who may log in, which rows exist) is a marked hole.

mod artillery;
mod k6;
mod locust;
mod plan;
mod targets;
mod values;

use super::endpoints::Endpoint;

pub use targets::{Measure, Target};

/// A threshold that every run meets: it makes k6 report a route, and is nobody's target.
pub const ALWAYS: &str = "max>=0";

/// Tools that a load test is written for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tool {
    /// A script of Grafana k6.
    K6,
    /// A Locust file.
    Locust,
    /// A config of Artillery 2.
    Artillery,
}

impl Tool {
    /// All, in the order in which they are offered.
    pub const ALL: [Self; 3] = [Self::K6, Self::Locust, Self::Artillery];

    /// Its name on the command line.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::K6 => "k6",
            Self::Locust => "locust",
            Self::Artillery => "artillery",
        }
    }

    /// The name that the file should have.
    #[must_use]
    pub const fn file_name(self) -> &'static str {
        match self {
            Self::K6 => "loadtest.js",
            Self::Locust => "locustfile.py",
            Self::Artillery => "artillery.yml",
        }
    }
}

/// What a load test is made from.
#[derive(Clone, Debug, PartialEq)]
pub struct Wanted<'a> {
    /// Name of the project.
    pub project: &'a str,
    /// The route table.
    pub endpoints: &'a [Endpoint],
    /// What must hold.
    pub targets: &'a [Target],
    /// Where the server is, unless the run says otherwise.
    pub base_url: &'a str,
    /// Users at once.
    pub users: u32,
    /// Length of the run in seconds.
    pub seconds: u32,
}

/// A load test, and what its reader must know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Script {
    /// The file.
    pub text: String,
    /// Requests in it.
    pub requests: usize,
    /// Routes that are not in it and targets without a request, one sentence each.
    pub notes: Vec<String>,
}

/// Writes a load test.
#[must_use]
pub fn write(tool: Tool, wanted: &Wanted<'_>) -> Script {
    let plan = plan::Plan::new(wanted);
    let text = match tool {
        Tool::K6 => k6::write(&plan),
        Tool::Locust => locust::write(&plan),
        Tool::Artillery => artillery::write(&plan),
    };
    Script { text, requests: plan.requests.len(), notes: plan.notes }
}

#[cfg(test)]
mod tests;
