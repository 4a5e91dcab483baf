//! Load tests that were written for the routes of the project.

use serde::{Deserialize, Serialize};

/// Tools that a load test is written for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum LoadTool {
    /// A script of Grafana k6.
    #[default]
    K6,
    /// A Locust file.
    Locust,
    /// A config of Artillery 2.
    Artillery,
}

impl LoadTool {
    /// All, in the order in which they are offered.
    pub const ALL: [Self; 3] = [Self::K6, Self::Locust, Self::Artillery];

    /// Its name.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::K6 => "k6",
            Self::Locust => "Locust",
            Self::Artillery => "Artillery",
        }
    }

    /// Media type of its files.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::K6 => "text/javascript",
            Self::Locust => "text/x-python",
            Self::Artillery => "application/yaml",
        }
    }
}

/// Load tests for one project, or why there are none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoadTests {
    /// Requests that are in each of them.
    pub requests: Vec<LoadRequest>,
    /// Routes that are in none and targets without a request, one sentence each.
    pub notes: Vec<String>,
    /// One a tool.
    pub scripts: Vec<LoadScript>,
    /// Why there are none.
    pub problem: Option<String>,
}

impl LoadTests {
    /// There are none.
    #[must_use]
    pub fn none(problem: &str) -> Self {
        Self { problem: Some(problem.to_owned()), ..Self::default() }
    }
}

/// A request of a load test.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoadRequest {
    /// `GET /orders/{order_id}`
    pub name: String,
    /// `app/api/orders.py:27 list_orders`
    pub place: String,
    /// What asks for authentication, in the code's words.
    pub auth: Option<String>,
    /// It may change data.
    pub writes: bool,
}

/// A load test.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoadScript {
    /// For which tool.
    pub tool: LoadTool,
    /// Name of its file.
    pub file_name: String,
    /// Its word on the command line.
    pub word: String,
    /// The file.
    pub text: String,
}
