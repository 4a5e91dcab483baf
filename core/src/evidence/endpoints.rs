//! The route table as plain data, in no language's words: what a server answers, with the shapes of what it takes.
//! Front ends fill it; load-test generation and the joins by route read it.

use serde::{Deserialize, Serialize};

/// One method of one route.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Endpoint {
    /// Upper case: `GET`; `WEBSOCKET` for a socket.
    pub method: String,
    /// Path from the root, parameters in braces: `/orders/{order_id}`.
    pub path: String,
    /// Parameters of the path, in its order.
    pub path_params: Vec<Parameter>,
    /// Parameters behind the question mark.
    pub query: Vec<Parameter>,
    /// Headers that the handler reads.
    pub headers: Vec<Parameter>,
    /// What the request carries.
    pub body: Option<Body>,
    /// What asks for authentication, in the code's words: `Depends(get_current_user)`.
    pub auth: Option<String>,
    /// Handler, dotted within its file: `OrderView.get`.
    pub handler: String,
    /// File of the handler.
    pub file: String,
    /// First line, decorators included.
    pub line: u32,
    /// Last line.
    pub end_line: u32,
    /// `FastAPI`, `Flask`, `Django`.
    pub framework: String,
    /// What could not be read of it; one sentence each.
    pub doubts: Vec<String>,
}

/// A named value in a path, query or header.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Parameter {
    /// As it is sent.
    pub name: String,
    /// What it holds.
    pub shape: Shape,
    /// Whether the request fails without it.
    pub required: bool,
}

/// What a request carries.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Body {
    /// How it is written.
    pub encoding: Encoding,
    /// What it holds.
    pub shape: Shape,
}

/// How a body is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Encoding {
    /// `application/json`
    Json,
    /// `application/x-www-form-urlencoded`
    Form,
    /// `multipart/form-data`, with files.
    Multipart,
}

/// What a value looks like. Numbers are bounds, both ends included.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shape {
    /// Not known.
    #[default]
    Unknown,
    /// A whole number.
    Integer {
        /// Least.
        min: Option<i64>,
        /// Greatest.
        max: Option<i64>,
    },
    /// Any number.
    Number,
    /// True or false.
    Boolean,
    /// Text.
    Text {
        /// Shortest.
        min: Option<u32>,
        /// Longest.
        max: Option<u32>,
    },
    /// A UUID.
    Uuid,
    /// `2026-01-31`
    Date,
    /// `2026-01-31T12:00:00Z`
    DateTime,
    /// A time of day.
    Time,
    /// An address of mail.
    Email,
    /// An address of a page.
    Url,
    /// One of these texts.
    Choice(Vec<String>),
    /// Several of one shape.
    List(Box<Shape>),
    /// Text keys to values of one shape.
    Map(Box<Shape>),
    /// Named fields.
    Object {
        /// Its class.
        name: String,
        /// Fields, in order.
        fields: Vec<Parameter>,
    },
    /// A file's bytes.
    File,
}

impl Shape {
    /// A whole number without bounds.
    pub const INTEGER: Self = Self::Integer { min: None, max: None };
    /// Text of any length.
    pub const TEXT: Self = Self::Text { min: None, max: None };
}

impl Endpoint {
    /// `GET /orders/{order_id}`
    #[must_use]
    pub fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    /// Whether the method may change data.
    #[must_use]
    pub fn writes(&self) -> bool {
        !matches!(self.method.as_str(), "GET" | "HEAD" | "OPTIONS" | "TRACE" | "WEBSOCKET")
    }
}
