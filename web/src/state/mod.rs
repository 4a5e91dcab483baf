//! What the page knows: one store with a phase, and pure functions over the report.
