//! What Python lowers to.
