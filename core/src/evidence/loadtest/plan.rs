//! What is sent, before any language of scripts: requests with generators, the table of values to fill in, limits.

use super::super::endpoints::{Encoding, Endpoint, Parameter, Shape};
use super::values::{Gen, is_id, sample_values};
use super::{Measure, Wanted};
use crate::order::InOrder as _;
use crate::words::counted;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// A load test in the making.
pub(super) struct Plan<'a> {
    pub(super) wanted: &'a Wanted<'a>,
    pub(super) requests: Vec<Request>,
    /// The table of values: key, values to begin with, the requests that read it.
    pub(super) samples: Vec<Sample>,
    /// Limits of the whole run.
    pub(super) limits: Vec<Measure>,
    pub(super) notes: Vec<String>,
}

/// A row of the table of values.
pub(super) struct Sample {
    pub(super) key: String,
    pub(super) values: Vec<Value>,
    pub(super) read_by: Vec<String>,
}

/// A request.
pub(super) struct Request {
    /// `GET /orders/{order_id}`
    pub(super) name: String,
    pub(super) method: String,
    /// The route.
    pub(super) template: String,
    /// The path as sent.
    pub(super) parts: Vec<Part>,
    pub(super) query: Vec<(String, Gen)>,
    pub(super) headers: Vec<(String, Gen)>,
    pub(super) body: Option<(Encoding, Gen)>,
    pub(super) auth: Option<String>,
    pub(super) writes: bool,
    /// `app/api/orders.py:27 list_orders`
    pub(super) place: String,
    /// Parameters that are left out.
    pub(super) optional: Vec<String>,
    pub(super) doubts: Vec<String>,
    pub(super) limits: Vec<Measure>,
    /// A name for a function, unique: `get_orders_order_id`.
    pub(super) ident: String,
}

impl Request {
    /// What a reader of the script has to know of it, line by line.
    pub(super) fn remarks(&self) -> Vec<String> {
        let mut out = vec![self.place.clone()];
        out.extend(self.auth.as_ref().map(|auth| format!("asks for authentication: {}", clean(auth))));
        if !self.optional.is_empty() {
            out.push(format!("left out, optional: {}", clean(&self.optional.join(", "))));
        }
        out.extend(self.doubts.iter().map(|doubt| format!("check this: {doubt}")));
        out
    }
}

/// A piece of a path.
pub(super) enum Part {
    Text(String),
    /// A row of the table of values; `slashes` when it may hold some.
    Sample {
        key: String,
        slashes: bool,
    },
}

impl<'a> Plan<'a> {
    pub(super) fn new(wanted: &'a Wanted<'a>) -> Self {
        let mut notes = Vec::new();
        let mut endpoints: Vec<&Endpoint> = Vec::new();
        let (mut sockets, mut others, mut streams) = (0_u64, 0_u64, 0_u64);
        for endpoint in wanted.endpoints {
            match endpoint.method.as_str() {
                "WEBSOCKET" => sockets += 1,
                _ if endpoint.streams => streams += 1,
                "HEAD" | "OPTIONS" | "TRACE" | "CONNECT" => others += 1,
                _ => endpoints.push(endpoint),
            }
        }
        if sockets > 0 {
            notes.push(format!(
                "{} left out: write these by hand",
                counted(sockets, "WebSocket route", "WebSocket routes")
            ));
        }
        if streams > 0 {
            let routes = counted(streams, "route", "routes");
            notes.push(format!("{routes} left out whose responses are streams: they end only with the connection"));
        }
        if others > 0 {
            notes.push(format!("{} of HEAD, OPTIONS or TRACE left out", counted(others, "route", "routes")));
        }
        endpoints.order_by(|a, b| (&a.path, &a.method, &a.file, a.line).cmp(&(&b.path, &b.method, &b.file, b.line)));
        let mut plan = Self { wanted, requests: Vec::new(), samples: Vec::new(), limits: Vec::new(), notes };
        let mut idents = BTreeSet::new();
        let mut names = BTreeSet::new();
        let mut rows: BTreeMap<String, (Vec<Value>, Vec<String>)> = BTreeMap::new();
        for endpoint in endpoints {
            if names.insert(endpoint.name()) {
                let request = request(endpoint, wanted, &mut idents, &mut rows);
                plan.requests.push(request);
            } else {
                let place = format!("{}:{}", endpoint.file, endpoint.line);
                plan.notes.push(format!("`{}` is routed twice; the handler at {place} is left out", endpoint.name()));
            }
        }
        plan.samples = rows.into_iter().map(|(key, (values, read_by))| Sample { key, values, read_by }).collect();
        plan.limit();
        plan
    }

    /// Spreads the targets; says which of them nothing here can check.
    fn limit(&mut self) {
        for target in self.wanted.targets {
            if target.scope.is_none() {
                self.limits.push(target.measure);
            } else if !self.wanted.endpoints.iter().any(|endpoint| target.is_for(endpoint)) {
                let scope = target.scope.as_deref().unwrap_or_default();
                self.notes.push(format!("No route matches the target's scope `{scope}`"));
            }
        }
        if !self.limits.iter().any(|limit| matches!(limit, Measure::Errors { .. })) {
            self.limits.push(Measure::Errors { below: 0.01 });
        }
        if self.requests.is_empty() {
            self.notes.push("No routes were found: there is nothing to send".to_owned());
        } else if self.requests.iter().all(|request| request.writes) {
            self.notes
                .push("All requests may change data: run it with WRITES=1, against a copy of the data".to_owned());
        }
    }

    /// Names of helpers that the script needs.
    pub(super) fn helpers(&self) -> BTreeSet<&'static str> {
        let mut out = BTreeSet::new();
        for request in &self.requests {
            if request.parts.iter().any(|part| matches!(part, Part::Sample { .. })) {
                out.insert("sample");
            }
            let all = request.query.iter().chain(&request.headers).map(|(_, value)| value);
            all.chain(request.body.as_ref().map(|(_, value)| value)).for_each(|value| value.helpers(&mut out));
        }
        out
    }

    /// Requests that need authentication.
    pub(super) fn guarded(&self) -> usize {
        self.requests.iter().filter(|request| request.auth.is_some()).count()
    }
}

fn request(
    endpoint: &Endpoint,
    wanted: &Wanted<'_>,
    idents: &mut BTreeSet<String>,
    rows: &mut BTreeMap<String, (Vec<Value>, Vec<String>)>,
) -> Request {
    let name = endpoint.name();
    let mut read = |key: &str, values: Vec<Value>| {
        let row = rows.entry(key.to_owned()).or_insert_with(|| (values, Vec::new()));
        if !row.1.contains(&name) {
            row.1.push(name.clone());
        }
    };
    let parts = parts(endpoint, &mut read);
    let sent = |list: &[Parameter]| -> Vec<(String, Gen)> {
        list.iter().filter(|p| p.required).map(|p| (p.name.clone(), Gen::of(p))).collect()
    };
    let (query, headers) = (sent(&endpoint.query), sent(&endpoint.headers));
    let body = endpoint.body.as_ref().map(|body| (body.encoding, Gen::of_body(&body.shape)));
    let mut samples = Vec::new();
    for value in query.iter().chain(&headers).map(|(_, value)| value).chain(body.as_ref().map(|(_, value)| value)) {
        value.samples(&mut samples);
    }
    samples.into_iter().for_each(|(key, values)| read(&key, values));
    let mut optional: Vec<String> = endpoint.query.iter().filter(|p| !p.required).map(|p| p.name.clone()).collect();
    optional.dedup();
    Request {
        ident: ident(endpoint, idents),
        method: endpoint.method.clone(),
        template: endpoint.path.clone(),
        parts,
        query,
        headers,
        body,
        auth: endpoint.auth.clone(),
        writes: endpoint.writes(),
        place: clean(&format!("{}:{} {}", endpoint.file, endpoint.line, endpoint.handler)),
        optional,
        doubts: endpoint.doubts.iter().map(|doubt| clean(doubt)).collect(),
        limits: wanted.targets.iter().filter(|target| target.is_for(endpoint)).map(|target| target.measure).collect(),
        name,
    }
}

/// The path in pieces; parameters become rows of the table of values.
fn parts(endpoint: &Endpoint, read: &mut impl FnMut(&str, Vec<Value>)) -> Vec<Part> {
    let mut out = Vec::new();
    let mut rest = endpoint.path.as_str();
    let mut before = String::new();
    while let Some((text, inner)) = rest.split_once('{') {
        let Some((name, after)) = inner.split_once('}') else { break };
        out.push(Part::Text(text.to_owned()));
        if let Some(folder) = text.trim_end_matches('/').rsplit('/').next().filter(|folder| !folder.is_empty()) {
            before = folder.to_owned();
        }
        let stated = endpoint.path_params.iter().find(|parameter| parameter.name == name);
        // `/orders/{id}` and `/users/{id}` are different rows.
        let general = matches!(name, "id" | "pk" | "slug" | "uuid" | "name" | "key");
        let key = if general && !before.is_empty() { format!("{before}_{name}") } else { name.to_owned() };
        let key = identifier(&key);
        let shape = match stated.map(|parameter| &parameter.shape) {
            None | Some(Shape::Unknown) if is_id(name) => Shape::INTEGER,
            None => Shape::Unknown,
            Some(shape) => shape.clone(),
        };
        read(&key, sample_values(&shape));
        let slashes = matches!(&shape, Shape::Url);
        out.push(Part::Sample { key, slashes });
        rest = after;
    }
    if !rest.is_empty() || out.is_empty() {
        out.push(Part::Text(rest.to_owned()));
    }
    out.retain(|part| !matches!(part, Part::Text(text) if text.is_empty()));
    out
}

fn ident(endpoint: &Endpoint, taken: &mut BTreeSet<String>) -> String {
    let words = identifier(&format!("{} {}", endpoint.method.to_ascii_lowercase(), endpoint.path));
    let mut out = words.clone();
    let mut number = 2;
    while !taken.insert(out.clone()) {
        out = format!("{words}_{number}");
        number += 1;
    }
    out
}

/// Letters, digits and single underscores.
fn identifier(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        if c.is_ascii_alphanumeric() {
            out.push(c);
        } else if !out.ends_with('_') && !out.is_empty() {
            out.push('_');
        }
    }
    let out = out.trim_end_matches('_').to_owned();
    if out.is_empty() || out.starts_with(|c: char| c.is_ascii_digit()) { format!("p_{out}") } else { out }
}

/// One line, for a comment.
pub(super) fn clean(text: &str) -> String {
    text.chars().map(|c| if c.is_control() || c == '\u{2028}' || c == '\u{2029}' { ' ' } else { c }).collect()
}

/// A text in quotes, as JavaScript, Python and YAML read it.
pub(super) fn quoted(text: &str) -> String {
    written(&Value::from(text))
}

/// A value as JSON writes it; the two characters that end a line in some scripts are escaped.
pub(super) fn written(value: &Value) -> String {
    value.to_string().replace('\u{2028}', "\\u2028").replace('\u{2029}', "\\u2029")
}

/// `95.0` -> `95`
pub(super) fn short(number: f64) -> String {
    if number.is_finite() { format!("{number}") } else { "0".to_owned() }
}
