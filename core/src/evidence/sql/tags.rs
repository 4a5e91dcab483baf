//! What applications write into comments of their queries: sqlcommenter (`route='…'`) and marginalia (`action:index`).

use serde::{Deserialize, Serialize};

/// Who sent a query.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Tags {
    /// Route or its pattern.
    pub route: Option<String>,
    /// Controller or view.
    pub controller: Option<String>,
    /// Action of the controller.
    pub action: Option<String>,
    /// Trace of the request.
    pub traceparent: Option<String>,
}

impl Tags {
    /// Whether nothing is known.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.route.is_none() && self.controller.is_none() && self.action.is_none() && self.traceparent.is_none()
    }

    /// The same without what differs at each request.
    #[must_use]
    pub fn place(&self) -> Self {
        Self { traceparent: None, ..self.clone() }
    }

    /// `GET /posts`, `posts#index`, for people; empty when nothing names the code.
    #[must_use]
    pub fn words(&self) -> String {
        match (&self.route, &self.controller, &self.action) {
            (Some(route), ..) => route.clone(),
            (None, Some(controller), Some(action)) => format!("{controller}#{action}"),
            (None, Some(one), None) | (None, None, Some(one)) => one.clone(),
            (None, None, None) => String::new(),
        }
    }

    /// Reads one comment; keeps what is known already.
    pub fn read(&mut self, comment: &str) {
        for pair in comment.split(',') {
            let Some((key, value)) = pair.split_once('=').or_else(|| pair.split_once(':')) else { continue };
            let slot = match key.trim() {
                "route" => &mut self.route,
                "controller" => &mut self.controller,
                "action" => &mut self.action,
                "traceparent" => &mut self.traceparent,
                _ => continue,
            };
            let value = decoded(value.trim().trim_matches('\''));
            if slot.is_none() && !value.is_empty() {
                *slot = Some(value);
            }
        }
    }
}

/// Undoes percent escapes and the escaped quotes of sqlcommenter.
fn decoded(value: &str) -> String {
    let bytes = value.as_bytes();
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let hex = value.get(at + 1..at + 3).and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match (byte, hex) {
            (b'%', Some(code)) => {
                out.push(code);
                at += 3;
            }
            (b'\\', _) => at += 1,
            _ => {
                out.push(*byte);
                at += 1;
            }
        }
        if out.len() > 300 {
            break;
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_of_comments_are_read() {
        let mut tags = Tags::default();
        tags.read("controller='polls',db_driver='django',route='%5Epolls/%3Cint:pk%3E',traceparent='00-5bd6-7d-01'");
        assert_eq!(tags.route.as_deref(), Some("^polls/<int:pk>"));
        assert_eq!(tags.traceparent.as_deref(), Some("00-5bd6-7d-01"));
        let mut tags = Tags::default();
        tags.read("application:Shop,controller:posts,action:index");
        assert_eq!(tags.words(), "posts#index");
        let mut tags = Tags::default();
        tags.read("the route we take: none");
        assert!(tags.is_empty());
    }
}
