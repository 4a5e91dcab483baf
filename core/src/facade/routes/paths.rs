//! Route templates of frameworks, rewritten to one form: `/orders/{order_id}`, with the shapes that converters state.

use crate::evidence::endpoints::{Parameter, Shape};
use crate::languages::sql::HOLE;

/// A route template in one form.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Template {
    /// With braces.
    pub(super) path: String,
    /// What the braces hold.
    pub(super) params: Vec<Parameter>,
    /// A part of it is computed at run time.
    pub(super) computed: bool,
}

/// Joins a prefix and a path, one slash between them.
pub(super) fn joined(prefix: &str, path: &str) -> String {
    let out = match (prefix.ends_with('/'), path.starts_with('/')) {
        (true, true) => format!("{}{path}", prefix.trim_end_matches('/')),
        (false, false) if !prefix.is_empty() && !path.is_empty() => format!("{prefix}/{path}"),
        _ => format!("{prefix}{path}"),
    };
    if out.starts_with('/') { out } else { format!("/{out}") }
}

/// `/orders/{order_id:path}` of Starlette.
pub(super) fn braces(text: &str) -> Template {
    marked(text, '{', '}', |inner| {
        let (name, converter) = inner.split_once(':').unwrap_or((inner, ""));
        (name, converter)
    })
}

/// `/orders/<int:order_id>` of Flask and Django.
pub(super) fn angles(text: &str) -> Template {
    marked(text, '<', '>', |inner| {
        let (converter, name) = inner.rsplit_once(':').unwrap_or(("", inner));
        (name, converter)
    })
}

fn marked<'a>(text: &'a str, open: char, close: char, split: impl Fn(&'a str) -> (&'a str, &'a str)) -> Template {
    let mut out = Template { computed: text.contains(HOLE), ..Template::default() };
    let mut rest = text;
    while let Some((before, inner)) = rest.split_once(open) {
        let Some((inside, after)) = inner.split_once(close) else { break };
        let (name, converter) = split(inside);
        out.path.push_str(before);
        out.path.push('{');
        out.path.push_str(name.trim());
        out.path.push('}');
        let shape = converted(converter.trim());
        out.params.push(Parameter { name: name.trim().to_owned(), shape, required: true });
        rest = after;
    }
    out.path.push_str(rest);
    out.path = out.path.replace(HOLE, "{?}");
    out
}

/// What a converter of a route lets through: `int`, `any(a, b)`, `string(length=2)`.
fn converted(converter: &str) -> Shape {
    let (name, arguments) = converter.split_once('(').unwrap_or((converter, ""));
    match name {
        "int" => Shape::INTEGER,
        "float" => Shape::Number,
        "uuid" => Shape::Uuid,
        // It may hold slashes, which must stay as they are.
        "path" => Shape::Url,
        "str" | "string" | "slug" => Shape::TEXT,
        "any" => Shape::Choice(
            arguments.trim_end_matches(')').split(',').map(|s| s.trim().trim_matches(['\'', '"']).to_owned()).collect(),
        ),
        _ => Shape::Unknown,
    }
}

/// `^orders/(?P<order_id>\d+)/$` of Django; `None` when it is more than a template with groups.
pub(super) fn pattern(text: &str) -> Option<Template> {
    let mut out = Template { computed: text.contains(HOLE), ..Template::default() };
    let mut rest = text.trim_start_matches('^');
    rest = rest.strip_suffix('$').or_else(|| rest.strip_suffix("\\Z")).unwrap_or(rest);
    let mut unnamed = 0;
    while !rest.is_empty() {
        if rest.starts_with('(') {
            let end = closing(rest)?;
            let group = rest.get(1..end)?;
            rest = rest.get(end + 1..)?.trim_start_matches(['?', '+', '*']);
            if let Some(inner) = group.strip_prefix("?:") {
                // An optional end, `(?:\.json)`, is left out.
                if inner.contains('(') {
                    return None;
                }
                continue;
            }
            let (name, inner) = match group.strip_prefix("?P<").and_then(|named| named.split_once('>')) {
                Some((name, inner)) => (name.to_owned(), inner),
                None => {
                    unnamed += 1;
                    (format!("arg{unnamed}"), group)
                }
            };
            let digits = inner.starts_with("\\d") || inner.starts_with("[0-9]");
            let shape = if digits {
                Shape::INTEGER
            } else if inner.contains("a-f") {
                Shape::Uuid
            } else {
                Shape::TEXT
            };
            out.path.push_str(&format!("{{{name}}}"));
            out.params.push(Parameter { name, shape, required: true });
            continue;
        }
        let c = rest.chars().next()?;
        rest = rest.get(c.len_utf8()..)?;
        match c {
            '\\' => {
                let escaped = rest.chars().next()?;
                if escaped.is_alphanumeric() {
                    return None;
                }
                out.path.push(escaped);
                rest = rest.get(escaped.len_utf8()..)?;
            }
            // `/?`: the slash may be missing.
            '?' if out.path.ends_with('/') => {}
            '[' | ']' | '*' | '+' | '|' | '?' | '$' | '^' | ')' => return None,
            '.' => out.path.push('.'),
            other => out.path.push(other),
        }
    }
    out.path = out.path.replace(HOLE, "{?}");
    Some(out)
}

/// Where the parenthesis that begins the text is closed.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 0_u32;
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '(' => depth += 1,
            ')' => {
                depth -= 1;
                if depth == 0 {
                    return Some(at);
                }
            }
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::*;

    #[test]
    fn templates_of_all_frameworks_become_one_form() {
        assert_eq!(braces("/files/{name:path}").path, "/files/{name}");
        assert_eq!(braces("/files/{name:path}").params[0].shape, Shape::Url);
        let flask = angles("/o/<int:order_id>/<any(a, 'b'):kind>/<slug>");
        assert_eq!(flask.path, "/o/{order_id}/{kind}/{slug}");
        let shapes: Vec<_> = flask.params.into_iter().map(|p| p.shape).collect();
        assert_eq!(shapes, [Shape::INTEGER, Shape::Choice(vec!["a".into(), "b".into()]), Shape::Unknown]);
        let django = pattern(r"^orders/(?P<pk>\d+)/lines/([\w-]+)/?$").unwrap();
        assert_eq!(django.path, "orders/{pk}/lines/{arg1}/");
        assert_eq!(pattern(r"^a(b|c)?\.json$").map(|t| t.path), Some("a{arg1}.json".to_owned()));
        assert_eq!(pattern(r"^[a-z]+$"), None);
        assert!(braces(&format!("/a/{HOLE}")).computed);
    }

    #[test]
    fn one_slash_stands_between_prefix_and_path() {
        for (prefix, path, out) in
            [("", "", "/"), ("/api/", "/x", "/api/x"), ("api", "x/", "/api/x/"), ("/api", "", "/api"), ("", "x", "/x")]
        {
            assert_eq!(joined(prefix, path), out);
        }
    }
}
