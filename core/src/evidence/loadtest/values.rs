//! Values that a load test sends: from the shape and the name of a parameter or field to a generator. Languages of
//! scripts spell the same generators, each in its own words.

use super::super::endpoints::{Parameter, Shape};
use super::plan::quoted;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// How a value is made, anew for each request.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Gen {
    Integer(i64, i64),
    Number,
    Boolean,
    /// Letters, from and to so many.
    Word(u32, u32),
    Uuid,
    Date,
    DateTime,
    Time,
    Email,
    Url,
    Choice(Vec<String>),
    /// A row of the table of values that its reader fills in.
    Sample(String),
    List(Box<Gen>),
    Map(Box<Gen>),
    Object(Vec<(String, Gen)>),
    File,
}

/// How the language of a script spells what others spell in another way.
pub(super) trait Spelling {
    /// A small file to send.
    const FILE: &str;

    /// Name of a helper function, given in snake case.
    fn helper(&self, name: &str) -> String;

    /// An object with one member, from expressions.
    fn map(&self, key: &str, item: &str) -> String;

    /// An object of `"name": expression` members.
    fn object(&self, fields: &[String]) -> String;
}

/// Models that hold themselves end here.
const DEEPEST: u32 = 6;

/// Longest text that is made.
const LONGEST: u32 = 40;

impl Gen {
    /// The generator of a parameter that is no path parameter.
    pub(super) fn of(parameter: &Parameter) -> Self {
        Self::at(&parameter.name, &parameter.shape, 0)
    }

    /// The generator of a body.
    pub(super) fn of_body(shape: &Shape) -> Self {
        Self::at("", shape, 0)
    }

    fn at(name: &str, shape: &Shape, depth: u32) -> Self {
        match shape {
            Shape::Integer { min, max } => integer(name, *min, *max),
            Shape::Number => Self::Number,
            Shape::Boolean => Self::Boolean,
            Shape::Text { min, max } => named(name).unwrap_or_else(|| word(name, *min, *max)),
            Shape::Unknown => named(name)
                .unwrap_or_else(|| if counts(name) { integer(name, None, None) } else { word(name, None, None) }),
            Shape::Uuid if is_id(name) => Self::Sample(name.to_owned()),
            Shape::Uuid => Self::Uuid,
            Shape::Date => Self::Date,
            Shape::DateTime => Self::DateTime,
            Shape::Time => Self::Time,
            Shape::Email => Self::Email,
            Shape::Url => Self::Url,
            Shape::Choice(choices) if choices.is_empty() => word(name, None, None),
            Shape::Choice(choices) => Self::Choice(choices.clone()),
            Shape::List(item) => Self::List(Box::new(Self::at(singular(name), item, depth + 1))),
            Shape::Map(value) => Self::Map(Box::new(Self::at(name, value, depth + 1))),
            Shape::Object { .. } if depth > DEEPEST => Self::Object(Vec::new()),
            Shape::Object { fields, .. } => {
                // What may be left out is, unless nothing would remain: a change of a part.
                let all = !fields.iter().any(|field| field.required);
                let sent = fields.iter().filter(|field| all || field.required);
                Self::Object(sent.map(|f| (f.name.clone(), Self::at(&f.name, &f.shape, depth + 1))).collect())
            }
            Shape::File => Self::File,
        }
    }

    /// Adds the names of the helpers that the generator needs.
    pub(super) fn helpers(&self, out: &mut BTreeSet<&'static str>) {
        match self {
            Self::List(inner) => inner.helpers(out),
            Self::Map(inner) => {
                out.insert("random_word");
                inner.helpers(out);
            }
            Self::Object(fields) => fields.iter().for_each(|(_, field)| field.helpers(out)),
            Self::File => {}
            Self::Email | Self::Url => {
                out.insert("random_word");
                out.extend(self.helper());
            }
            _ => out.extend(self.helper()),
        }
    }

    /// The helper that makes it.
    pub(super) const fn helper(&self) -> Option<&'static str> {
        Some(match self {
            Self::Integer(..) => "random_integer",
            Self::Number => "random_number",
            Self::Boolean => "random_boolean",
            Self::Word(..) => "random_word",
            Self::Uuid => "random_uuid",
            Self::Date => "random_date",
            Self::DateTime => "random_datetime",
            Self::Time => "random_time",
            Self::Email => "random_email",
            Self::Url => "random_url",
            Self::Choice(_) => "choice",
            Self::Sample(_) => "sample",
            Self::List(_) | Self::Map(_) | Self::Object(_) | Self::File => return None,
        })
    }

    /// The expression that makes it.
    pub(super) fn spell<S: Spelling>(&self, script: &S) -> String {
        let call = |arguments: &str| format!("{}({arguments})", script.helper(self.helper().unwrap_or_default()));
        match self {
            Self::Integer(min, max) => call(&format!("{min}, {max}")),
            Self::Word(min, max) => call(&format!("{min}, {max}")),
            Self::Choice(choices) => {
                let choices: Vec<String> = choices.iter().map(|choice| quoted(choice)).collect();
                call(&format!("[{}]", choices.join(", ")))
            }
            Self::Sample(key) => call(&quoted(key)),
            Self::List(item) => {
                let item = item.spell(script);
                format!("[{item}, {item}]")
            }
            Self::Map(item) => script.map(&Self::Word(5, 10).spell(script), &item.spell(script)),
            Self::Object(fields) => Self::spell_object(fields, script),
            Self::File => S::FILE.to_owned(),
            _ => call(""),
        }
    }

    /// An object with a generator for each field.
    pub(super) fn spell_object<S: Spelling>(fields: &[(String, Self)], script: &S) -> String {
        let fields: Vec<String> =
            fields.iter().map(|(name, value)| format!("{}: {}", quoted(name), value.spell(script))).collect();
        script.object(&fields)
    }

    /// Adds the rows of the table of values that the generator reads, each with values to begin with.
    pub(super) fn samples(&self, out: &mut Vec<(String, Vec<Value>)>) {
        match self {
            Self::Sample(key) => out.push((key.clone(), sample_values(&Shape::INTEGER))),
            Self::List(inner) | Self::Map(inner) => inner.samples(out),
            Self::Object(fields) => fields.iter().for_each(|(_, field)| field.samples(out)),
            _ => {}
        }
    }

    /// Fixed values of the same kind, for tools whose configs cannot make any.
    pub(super) fn fixed(&self) -> Vec<Value> {
        match self {
            Self::Integer(min, max) => (0..FIXED).map(|n| json!(min + (max - min) * n / (FIXED - 1).max(1))).collect(),
            Self::Number => (1..=FIXED).map(|n| json!(n as f64 + 0.5)).collect(),
            Self::Boolean => vec![json!(true), json!(false)],
            Self::Word(min, max) => WORDS.iter().map(|word| json!(fitted(word, *min, *max))).collect(),
            Self::Uuid => sample_values(&Shape::Uuid),
            Self::Date => vec![json!("2026-01-31"), json!("2026-06-15")],
            Self::DateTime => vec![json!("2026-01-31T12:00:00Z"), json!("2026-06-15T08:30:00Z")],
            Self::Time => vec![json!("08:30:00"), json!("12:00:00")],
            Self::Email => WORDS.iter().map(|word| json!(format!("{word}@example.com"))).collect(),
            Self::Url => WORDS.iter().map(|word| json!(format!("https://example.com/{word}"))).collect(),
            Self::Choice(choices) => choices.iter().map(|choice| json!(choice)).collect(),
            Self::Sample(_) | Self::List(_) | Self::Map(_) | Self::Object(_) | Self::File => Vec::new(),
        }
    }
}

const FIXED: i64 = 5;
const WORDS: [&str; 5] = ["amber", "birch", "coral", "delta", "ember"];

/// A word of a length between two.
fn fitted(word: &str, min: u32, max: u32) -> String {
    let least = word.chars().cycle().take((min as usize).max(word.len()));
    least.take((max as usize).max(1)).collect()
}

/// Values to begin with for a row of the table of values.
pub(super) fn sample_values(shape: &Shape) -> Vec<Value> {
    match shape {
        Shape::Integer { min, max } => {
            let first = min.unwrap_or(1);
            let last = max.unwrap_or(i64::MAX).min(first.saturating_add(9)).max(first);
            (first..=last).map(|n| json!(n)).collect()
        }
        Shape::Number => vec![json!(1.5), json!(2.5)],
        Shape::Boolean => vec![json!(true), json!(false)],
        Shape::Uuid => (1..=3).map(|n| json!(format!("00000000-0000-4000-8000-{n:012}"))).collect(),
        Shape::Date => vec![json!("2026-01-31")],
        Shape::DateTime => vec![json!("2026-01-31T12:00:00Z")],
        Shape::Time => vec![json!("12:00:00")],
        Shape::Email => vec![json!("amber@example.com")],
        Shape::Url => vec![json!("https://example.com/")],
        Shape::Choice(choices) if !choices.is_empty() => choices.iter().map(|choice| json!(choice)).collect(),
        _ => vec![json!("example")],
    }
}

/// Whether a name is that of a row's key: such rows must exist.
pub(super) fn is_id(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    lower == "id" || lower == "pk" || lower.ends_with("_id") || name.ends_with("Id")
}

fn integer(name: &str, min: Option<i64>, max: Option<i64>) -> Gen {
    let lower = name.to_ascii_lowercase();
    if is_id(name) {
        return Gen::Sample(name.to_owned());
    }
    let (least, most) = match lower.as_str() {
        "page" => (1, 5),
        "limit" | "size" | "page_size" | "per_page" | "count_per_page" => (10, 50),
        "offset" | "skip" | "start" => (0, 100),
        _ => (1, 100),
    };
    let least = min.unwrap_or_else(|| max.map_or(least, |max| least.min(max)));
    let most = max.map_or_else(|| most.max(least), |max| max.min(most.max(least)));
    Gen::Integer(least, most.max(least))
}

fn word(name: &str, min: Option<u32>, max: Option<u32>) -> Gen {
    let (least, most) = if name.to_ascii_lowercase().contains("password") { (12, 16) } else { (5, 10) };
    let least = min.map_or(least, |min| min.min(LONGEST).max(least)).min(max.unwrap_or(LONGEST).max(1));
    Gen::Word(least, max.map_or_else(|| most.max(least), |max| most.max(least).min(max.max(1))))
}

/// What the name of a text says of it.
fn named(name: &str) -> Option<Gen> {
    let lower = name.to_ascii_lowercase();
    if is_id(name) {
        return Some(Gen::Sample(name.to_owned()));
    }
    let ends = |ends: &[&str]| ends.iter().any(|end| lower.ends_with(end));
    Some(match () {
        () if lower.contains("email") => Gen::Email,
        () if ends(&["url", "uri", "link", "website", "homepage"]) => Gen::Url,
        () if ends(&["uuid", "guid"]) => Gen::Uuid,
        () if ends(&["_at", "datetime", "timestamp"]) => Gen::DateTime,
        () if ends(&["_date", "_on"]) || lower == "date" || lower == "birthday" => Gen::Date,
        () => return None,
    })
}

/// Whether the name of a value without a type is that of a number.
fn counts(name: &str) -> bool {
    const NUMBERS: &[&str] = &[
        "age", "amount", "cents", "count", "limit", "number", "offset", "page", "per_page", "price", "qty", "quantity",
        "size", "skip", "total", "year",
    ];
    let last = name.rsplit('_').next().unwrap_or(name);
    NUMBERS.contains(&name) || NUMBERS.contains(&last)
}

/// `order_ids` -> `order_id`
fn singular(name: &str) -> &str {
    name.strip_suffix('s').unwrap_or(name)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::panic, clippy::indexing_slicing)]
    use super::*;

    fn of(name: &str, shape: Shape) -> Gen {
        Gen::of(&Parameter { name: name.to_owned(), shape, required: true })
    }

    #[test]
    fn names_and_bounds_decide_what_is_sent() {
        assert_eq!(of("page", Shape::INTEGER), Gen::Integer(1, 5));
        assert_eq!(of("limit", Shape::Integer { min: Some(1), max: Some(20) }), Gen::Integer(1, 20));
        assert_eq!(of("level", Shape::Integer { min: Some(500), max: None }), Gen::Integer(500, 500));
        assert_eq!(of("level", Shape::Integer { min: None, max: Some(-3) }), Gen::Integer(-3, -3));
        assert_eq!(of("customer_id", Shape::INTEGER), Gen::Sample("customer_id".to_owned()));
        assert_eq!(of("contact_email", Shape::TEXT), Gen::Email);
        assert_eq!(of("code", Shape::Text { min: Some(2), max: Some(2) }), Gen::Word(2, 2));
        assert_eq!(of("bio", Shape::Text { min: Some(900), max: None }), Gen::Word(LONGEST, LONGEST));
        assert_eq!(of("quantity", Shape::Unknown), Gen::Integer(1, 100));
        assert_eq!(of("order_ids", Shape::List(Box::new(Shape::INTEGER))), {
            Gen::List(Box::new(Gen::Sample("order_id".to_owned())))
        });
    }

    #[test]
    fn optional_fields_are_sent_only_when_nothing_else_would_be() {
        let field = |name: &str, required| Parameter { name: name.to_owned(), shape: Shape::Boolean, required };
        let object = |fields: Vec<Parameter>| Gen::of_body(&Shape::Object { name: "M".to_owned(), fields });
        let sent = |fields| match object(fields) {
            Gen::Object(fields) => fields.into_iter().map(|(name, _)| name).collect::<Vec<_>>(),
            other => panic!("{other:?}"),
        };
        assert_eq!(sent(vec![field("a", true), field("b", false)]), ["a"]);
        assert_eq!(sent(vec![field("a", false), field("b", false)]), ["a", "b"]);
    }

    #[test]
    fn fixed_values_keep_the_bounds() {
        assert_eq!(Gen::Integer(3, 7).fixed(), [json!(3), json!(4), json!(5), json!(6), json!(7)]);
        assert_eq!(Gen::Word(2, 3).fixed()[0], json!("amb"));
        assert_eq!(Gen::Word(8, 8).fixed()[0], json!("amberamb"));
        assert_eq!(sample_values(&Shape::Integer { min: Some(5), max: Some(6) }), [json!(5), json!(6)]);
    }
}
