//! The inside of an engine worker: what it does with a command and keeps for later ones ([`session`]).

mod input;
mod lookup;
mod notes;
mod pack;
mod session;
mod tokens;
mod warm;

/// Starts listening. Returns at once; the browser keeps the worker alive.
pub fn start() {
    crate::worker::serve(session::Session::default());
}
