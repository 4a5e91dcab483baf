//! Targets as a load test checks them. Where they come from is not known here.

use super::super::endpoints::Endpoint;
use serde::{Deserialize, Serialize};

/// What must hold of the whole run or of one route.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Target {
    /// `GET /orders/{order_id}`, a path alone, or nothing for all requests.
    pub scope: Option<String>,
    /// What is measured, with its limit.
    pub measure: Measure,
}

/// A limit.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// Latency below so many milliseconds.
    Latency {
        /// Percentile, 0 to 100.
        percentile: f64,
        /// Milliseconds.
        below_ms: f64,
    },
    /// Mean latency below so many milliseconds.
    MeanLatency {
        /// Milliseconds.
        below_ms: f64,
    },
    /// Share of failed requests below this, 0 to 1.
    Errors {
        /// Share.
        below: f64,
    },
    /// At least so many requests a second.
    Throughput {
        /// Requests a second.
        at_least: f64,
    },
}

impl Target {
    /// Whether both limit the same figure of the same scope.
    #[must_use]
    pub fn is_about_the_same(&self, other: &Self) -> bool {
        let kind = |measure| match measure {
            Measure::Latency { percentile, .. } => (0, Some(percentile)),
            Measure::MeanLatency { .. } => (1, None),
            Measure::Errors { .. } => (2, None),
            Measure::Throughput { .. } => (3, None),
        };
        self.scope == other.scope && kind(self.measure) == kind(other.measure)
    }

    /// Whether the target is about this endpoint in particular.
    #[must_use]
    pub fn is_for(&self, endpoint: &Endpoint) -> bool {
        let Some(scope) = self.scope.as_deref().map(str::trim) else { return false };
        let (method, path) = match scope.split_once(char::is_whitespace) {
            Some((method, path)) => (Some(method), path.trim()),
            None => (None, scope),
        };
        method.is_none_or(|method| method.eq_ignore_ascii_case(&endpoint.method)) && same_path(path, &endpoint.path)
    }
}

/// Whether two templates are one route: names of parameters and the way they are marked do not matter.
fn same_path(a: &str, b: &str) -> bool {
    let parts = |path: &str| -> Vec<Option<String>> {
        let parts = path.trim_matches('/').split('/');
        parts
            .map(|part| {
                let marked = part.starts_with(['{', '<', ':', '$']) || part == "*";
                (!marked).then(|| part.to_owned())
            })
            .collect()
    };
    parts(a) == parts(b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_of_one_figure_are_about_the_same() {
        let latency = |scope: Option<&str>, percentile: f64, below_ms: f64| Target {
            scope: scope.map(str::to_owned),
            measure: Measure::Latency { percentile, below_ms },
        };
        let one = latency(Some("GET /orders"), 95.0, 200.0);
        assert!(one.is_about_the_same(&latency(Some("GET /orders"), 95.0, 100.0)));
        assert!(!one.is_about_the_same(&latency(Some("GET /orders"), 99.0, 200.0)));
        assert!(!one.is_about_the_same(&latency(None, 95.0, 200.0)));
        let mean = Target { measure: Measure::MeanLatency { below_ms: 200.0 }, ..one.clone() };
        assert!(!one.is_about_the_same(&mean));
    }

    #[test]
    fn a_scope_names_a_route_however_its_parameters_are_spelled() {
        let endpoint =
            Endpoint { method: "GET".to_owned(), path: "/orders/{order_id}".to_owned(), ..Endpoint::default() };
        let target = |scope: &str| Target {
            scope: Some(scope.to_owned()),
            measure: Measure::Latency { percentile: 95.0, below_ms: 200.0 },
        };
        for scope in ["GET /orders/{id}", "get /orders/:id", "/orders/<int:id>/", "/orders/{order_id}"] {
            assert!(target(scope).is_for(&endpoint), "{scope}");
        }
        for scope in ["POST /orders/{id}", "/orders", "/orders/new", "orders list"] {
            assert!(!target(scope).is_for(&endpoint), "{scope}");
        }
        let everywhere = Target { scope: None, measure: Measure::Errors { below: 0.01 } };
        assert!(!everywhere.is_for(&endpoint));
    }
}
