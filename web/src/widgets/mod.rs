//! Small parts that the screens share. Each is a function from values or signals to a view.

pub mod button;
pub mod code;
pub mod dialog;
pub mod gauge;
pub mod icon;
pub mod inline;
pub mod live;
pub mod severity;
pub mod table;
pub mod tabs;
pub mod viewport;
