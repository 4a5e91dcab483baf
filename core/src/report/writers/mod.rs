//! One file per output format, each a function from [`super::model::Report`] to text.
