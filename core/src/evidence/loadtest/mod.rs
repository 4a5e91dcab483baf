//! Load tests written from the route table: a k6 script, a Locust file or an Artillery config that runs as it is,
//! with the targets as thresholds. What the code cannot tell (who may log in, which rows exist) is a marked hole.

mod artillery;
mod k6;
mod locust;
mod plan;
mod stated;
mod targets;
mod values;

use super::endpoints::Endpoint;
use serde::{Deserialize, Serialize};

pub use stated::stated;
pub use targets::{Measure, Target};

/// Where the server is, unless somebody says otherwise.
pub const BASE_URL: &str = "http://127.0.0.1:8000";
/// Users at once, likewise.
pub const USERS: u32 = 10;
/// Length of the run in seconds, likewise.
pub const SECONDS: u32 = 30;

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

impl<'a> Wanted<'a> {
    /// With what nobody said otherwise.
    #[must_use]
    pub const fn new(project: &'a str, endpoints: &'a [Endpoint], targets: &'a [Target]) -> Self {
        Self { project, endpoints, targets, base_url: BASE_URL, users: USERS, seconds: SECONDS }
    }
}

/// A request of a load test.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sent {
    /// `GET /orders/{order_id}`
    pub name: String,
    /// `app/api/orders.py:27 list_orders`
    pub place: String,
    /// What asks for authentication, in the code's words.
    pub auth: Option<String>,
    /// It may change data, and waits for `WRITES=1`.
    pub writes: bool,
}

/// A load test, and what its reader must know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Script {
    /// The file.
    pub text: String,
    /// Requests in it.
    pub requests: Vec<Sent>,
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
    let sent = |request: plan::Request| Sent {
        name: request.name,
        place: request.place,
        auth: request.auth,
        writes: request.writes,
    };
    Script { text, requests: plan.requests.into_iter().map(sent).collect(), notes: plan.notes }
}

#[cfg(test)]
mod tests;
