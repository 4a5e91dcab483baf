//! Every word the page shows, in one place.
