//! Pictures of measured things, small enough for a report: the call tree of a profile and the tree of a plan.

use serde::{Deserialize, Serialize};

/// A tree of boxes; a box's width is its value.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Picture {
    /// Index of the file in `Performance::files`.
    pub file: u32,
    /// What it shows: `py-spy 0.4.3: 12.4 s`, `Plan of SELECT ... FROM orders`.
    pub title: String,
    /// What it is.
    pub kind: PictureKind,
    /// Unit of all values: `ms`, `samples`, `MB`, `cost`.
    pub unit: String,
    /// Value of all roots together.
    pub whole: f64,
    /// The boxes, each after its parent, siblings from large to small (inputs of a plan in their order).
    pub boxes: Vec<PictureBox>,
    /// Boxes left out because they are too small to see.
    pub left_out: u32,
    /// How the tree was made, when that is not what the tool recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// Kinds of pictures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PictureKind {
    /// Who called whom.
    #[default]
    Calls,
    /// Steps of a query.
    Plan,
}

/// A box of a picture.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PictureBox {
    /// Index of the box that it hangs below.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<u32>,
    /// Function or step.
    pub name: String,
    /// `path:line`, or the condition of the step; may be empty.
    pub place: String,
    /// With everything below it.
    pub value: f64,
    /// Without.
    pub own: f64,
    /// Figures and what they mean, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub says: Option<String>,
    /// The box that took most by itself.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub hot: bool,
}
