//! Names of routes as load tests and targets write them: addresses, paths, templates, plain words.

/// The path of an address: without scheme, host, query and fragment. Anything else stays as it is.
#[must_use]
pub fn path(name: &str) -> &str {
    let rest = match name.split_once("://") {
        Some((scheme, rest)) if scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'+') => {
            match rest.find('/') {
                Some(slash) => rest.get(slash..).unwrap_or("/"),
                None => "/",
            }
        }
        _ => name,
    };
    let end = rest.find(['?', '#']).filter(|_| rest.starts_with('/')).unwrap_or(rest.len());
    rest.get(..end).unwrap_or(rest)
}

/// The host of an address, with its scheme.
#[must_use]
pub fn host(name: &str) -> Option<&str> {
    let (scheme, rest) = name.split_once("://")?;
    let host = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    name.get(..scheme.len() + 3 + host.len())
}

/// A path with numbers, UUIDs and long hashes as `{id}`: requests for single things become one route.
#[must_use]
pub fn template(path: &str) -> String {
    path.split('/').map(|segment| if is_id(segment) { "{id}" } else { segment }).collect::<Vec<_>>().join("/")
}

fn is_id(segment: &str) -> bool {
    let digits = segment.bytes().filter(u8::is_ascii_digit).count();
    let hex = segment.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
    let uuid = segment.len() == 36 && segment.bytes().filter(|byte| *byte == b'-').count() == 4;
    digits > 0 && (digits == segment.len() || (hex && (uuid || segment.len() >= 16)))
}

/// Whether a segment of a template stands for anything: `{id}`, `:id`, `<int:id>`, `[id]`, `*`, `${…}`.
fn is_hole(segment: &str) -> bool {
    segment == "*"
        || segment.starts_with(':')
        || segment.contains('{')
        || (segment.starts_with('<') && segment.ends_with('>'))
        || (segment.starts_with('[') && segment.ends_with(']'))
}

/// Whether a target's method and path mean this route. Paths are compared by segments, other names by their letters.
#[must_use]
pub fn same(method: &str, wanted: &str, route_method: &str, route_name: &str) -> bool {
    let (name_method, name) = split(route_name);
    // A name that holds its method, as k6 tags often do, may stand on either side.
    let (wanted_method, wanted_path) = split(wanted);
    let (method, wanted) = if wanted_method.is_empty() {
        (method, wanted)
    } else {
        (if method.is_empty() { wanted_method } else { method }, wanted_path)
    };
    let route_method = if route_method.is_empty() { name_method } else { route_method };
    let name = if name_method.is_empty() { route_name } else { name };
    if !method.is_empty() && !route_method.is_empty() && !method.eq_ignore_ascii_case(route_method) {
        return false;
    }
    let (wanted, name) = (path(wanted), path(name));
    if !wanted.starts_with('/') || !name.starts_with('/') {
        return wanted.eq_ignore_ascii_case(name);
    }
    let segments = |path: &str| path.trim_end_matches('/').split('/').map(str::to_owned).collect::<Vec<_>>();
    let (wanted, name) = (segments(wanted), segments(name));
    wanted.len() == name.len()
        && wanted.iter().zip(&name).all(|(a, b)| a == b || (is_hole(a) && !b.is_empty()) || (is_hole(b) && is_id(a)))
}

/// `GET /api/posts` into its method and path; no method when it does not begin with one.
#[must_use]
pub fn split(name: &str) -> (&str, &str) {
    const METHODS: [&str; 7] = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];
    match name.split_once(' ') {
        Some((method, path)) if METHODS.contains(&method) => (method, path.trim()),
        _ => ("", name),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

    use super::*;

    #[test]
    fn paths_of_addresses() {
        assert_eq!(path("http://127.0.0.1:8000/api/posts?page=2#x"), "/api/posts");
        assert_eq!(path("https://example.org"), "/");
        assert_eq!(path("/api/posts?page=2"), "/api/posts");
        assert_eq!(path("what? a name"), "what? a name");
        assert_eq!(host("http://127.0.0.1:8000/api"), Some("http://127.0.0.1:8000"));
        assert_eq!(host("/api"), None);
    }

    #[test]
    fn single_things_become_one_route() {
        assert_eq!(template("/posts/17/comments"), "/posts/{id}/comments");
        assert_eq!(template("/u/0b5f5d3e-1f7e-4a52-9c33-5a2f6a1b2c3d"), "/u/{id}");
        assert_eq!(template("/api/v1/feedface"), "/api/v1/feedface");
    }

    #[test]
    fn targets_mean_routes() {
        assert!(same("GET", "/api/posts/{id}", "GET", "http://localhost/api/posts/17?x=1"));
        assert!(same("GET", "/api/posts/17", "", "GET /api/posts/{id}"));
        assert!(same("", "posts", "GET", "Posts"));
        assert!(same("GET", "/api/posts/", "GET", "/api/posts"));
        assert!(same("", "GET /api/posts", "", "GET /api/posts"));
        assert!(!same("", "GET /api/posts", "", "POST /api/posts"));
        assert!(!same("GET", "/api/posts", "POST", "/api/posts"));
        assert!(!same("GET", "/api/posts/{id}", "GET", "/api/posts"));
        assert!(!same("GET", "/api/posts", "GET", "/api/users"));
        assert!(!same("GET", "/api/posts/new", "GET", "/api/posts/{id}"));
    }
}
