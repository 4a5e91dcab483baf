//! A route that a load test named, found in the route table: as a path first, the most specific template wins; then by
//! its words.

use crate::evidence::code::CodeIndex;
use crate::evidence::endpoints::Endpoint;
use crate::evidence::routes;
use crate::report::model::performance::Join;

/// Finds endpoints.
pub struct Routes<'a> {
    index: &'a CodeIndex,
}

impl<'a> Routes<'a> {
    /// Over the code's route table.
    #[must_use]
    pub const fn new(index: &'a CodeIndex) -> Self {
        Self { index }
    }

    /// The endpoint of a method (empty for any) and a path, template or name.
    #[must_use]
    pub fn find(&self, method: &str, name: &str) -> Option<(&'a Endpoint, Join)> {
        let (own_method, rest) = routes::split(name);
        let method = if method.is_empty() { own_method } else { method };
        let path = routes::path(rest);
        if path.starts_with('/') {
            return self.by_path(method, path);
        }
        self.by_words(method, rest)
    }

    fn by_path(&self, method: &str, path: &str) -> Option<(&'a Endpoint, Join)> {
        let wanted: Vec<&str> = segments(path);
        let fits = |endpoint: &&'a Endpoint, skip: usize| {
            let own = segments(&endpoint.path);
            let wanted = wanted.get(skip..).unwrap_or_default();
            (method.is_empty() || endpoint.method.eq_ignore_ascii_case(method))
                && own.len() == wanted.len()
                && own.iter().zip(wanted).all(|(own, wanted)| own == wanted || is_hole(own))
        };
        let holes = |endpoint: &&'a Endpoint| segments(&endpoint.path).iter().filter(|s| is_hole(s)).count();
        let exact = self.index.endpoints.iter().filter(|endpoint| fits(endpoint, 0)).min_by_key(holes);
        if let Some(endpoint) = exact {
            return Some((endpoint, Join::Exact));
        }
        // Behind a proxy that adds a prefix.
        for skip in 1..wanted.len() {
            let mut found = self
                .index
                .endpoints
                .iter()
                .filter(|endpoint| fits(endpoint, skip) && holes(endpoint) < wanted.len() - skip);
            match (found.next(), found.next()) {
                (Some(only), None) => return Some((only, Join::Likely)),
                (Some(_), Some(_)) => return None,
                _ => {}
            }
        }
        None
    }

    /// `list orders` for the handler `list_orders`.
    fn by_words(&self, method: &str, name: &str) -> Option<(&'a Endpoint, Join)> {
        let words = |text: &str| -> String {
            text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
        };
        let wanted = words(name);
        if wanted.len() < 3 {
            return None;
        }
        let fits = |endpoint: &&'a Endpoint| {
            let handler = endpoint.handler.rsplit('.').next().unwrap_or_default();
            (method.is_empty() || endpoint.method.eq_ignore_ascii_case(method))
                && (words(handler) == wanted || words(&endpoint.path) == wanted)
        };
        let mut found = self.index.endpoints.iter().filter(fits);
        match (found.next(), found.next()) {
            (Some(only), None) => Some((only, Join::Likely)),
            _ => None,
        }
    }
}

fn segments(path: &str) -> Vec<&str> {
    path.trim_matches('/').split('/').collect()
}

/// A parameter of either side.
fn is_hole(segment: &str) -> bool {
    segment.contains('{') || segment.starts_with(['<', ':', '$']) || segment == "*"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_specific_template_wins() {
        let endpoint = |method: &str, path: &str, handler: &str| Endpoint {
            method: method.to_owned(),
            path: path.to_owned(),
            handler: handler.to_owned(),
            ..Endpoint::default()
        };
        let index = CodeIndex {
            endpoints: vec![
                endpoint("GET", "/orders", "list_orders"),
                endpoint("POST", "/orders", "place_order"),
                endpoint("GET", "/orders/{order_id}", "read_order"),
                endpoint("GET", "/orders/latest", "latest"),
            ],
            ..CodeIndex::default()
        };
        let routes = Routes::new(&index);
        let find = |method, name| routes.find(method, name).map(|(endpoint, join)| (endpoint.handler.as_str(), join));
        assert_eq!(find("GET", "http://127.0.0.1:8000/orders?page=2"), Some(("list_orders", Join::Exact)));
        assert_eq!(find("", "POST /orders"), Some(("place_order", Join::Exact)));
        assert_eq!(find("GET", "/orders/latest"), Some(("latest", Join::Exact)));
        assert_eq!(find("GET", "/orders/17"), Some(("read_order", Join::Exact)));
        assert_eq!(find("GET", "/orders/{id}/"), Some(("read_order", Join::Exact)));
        assert_eq!(find("GET", "/api/v2/orders"), Some(("list_orders", Join::Likely)));
        assert_eq!(find("", "Place order"), Some(("place_order", Join::Likely)));
        assert_eq!(find("GET", "/carts"), None);
        assert_eq!(find("", "x"), None);
    }
}
