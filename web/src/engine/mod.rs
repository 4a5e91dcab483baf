//! The inside of an engine worker: takes commands one at a time, keeps what later ones need
//! ([`session`]), says how far it is ([`progress`]).

mod input;
mod lookup;
mod measure;
mod notes;
mod pack;
mod panics;
mod progress;
mod session;
mod tokens;
mod warm;

use crate::platform::message::Envelope;
use crate::platform::scope;
use crate::protocol::{Reply, Request};
use session::Session;

/// Starts listening. Returns at once; the browser keeps the worker alive.
pub fn start() {
    panics::report_to_page();
    let mut session = Session::default();
    scope::listen(move |request| match request {
        Ok(envelope) => handle(&mut session, envelope),
        Err(error) => scope::say(Reply::Crashed { message: error, path: None }),
    });
    scope::say(Reply::Ready { version: env!("CARGO_PKG_VERSION").to_owned() });
}

fn handle(session: &mut Session, envelope: Envelope<Request>) {
    let Request { id, command } = envelope.value;
    let reply = match session.run(command, envelope.handles, &envelope.buffers) {
        Ok(None) => return,
        Ok(Some(Envelope { value, handles, buffers })) => {
            Envelope { value: Reply::Answer { id, answer: Ok(value) }, handles, buffers }
        }
        Err(failure) => Envelope::bare(Reply::Answer { id, answer: Err(failure) }),
    };
    scope::take_file_in_hand(None);
    if let Err(message) = scope::post(&reply) {
        scope::say(Reply::Crashed { message, path: None });
    }
}
