//! The inside of an engine worker: takes requests one at a time, keeps what later ones need.

mod panics;

use crate::platform::message::Envelope;
use crate::platform::scope;
use crate::protocol::{Answer, Command, Failure, Reply, Request};

/// Starts listening. Returns at once; the browser keeps the worker alive.
pub fn start() {
    panics::report_to_page();
    scope::listen(|request| match request {
        Ok(envelope) => handle(envelope),
        Err(error) => scope::say(Reply::Crashed { message: error, path: None }),
    });
    scope::say(Reply::Ready { version: env!("CARGO_PKG_VERSION").to_owned() });
}

fn handle(envelope: Envelope<Request>) {
    let Request { id, command } = envelope.value;
    let answer: Result<Answer, Failure> = match command {
        #[expect(clippy::panic, reason = "this command exists to test what a panic does")]
        Command::Crash => panic!("the engine was asked to crash"),
        _ => Err(Failure { title: String::new(), why: String::new(), action: String::new(), details: String::new() }),
    };
    scope::say(Reply::Answer { id, answer });
}
