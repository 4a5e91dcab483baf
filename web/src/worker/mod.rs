//! What every program inside a worker has in common: it takes commands one at a time ([`serve`]), says how far it is
//! ([`progress`]) and what made it stop ([`panics`]), and passes bulk data on as JSON in buffers.

mod panics;
pub mod progress;

use crate::platform::message::{Envelope, buffer_of, bytes_of};
use crate::platform::scope;
use crate::protocol::{Answer, Command, Failure, Reply, Request};
use drydock_core::intake::IntakeError;
use js_sys::ArrayBuffer;
use wasm_bindgen::JsValue;

/// What came of a command. `None`: there is nothing to answer.
pub type Answered = Result<Option<Envelope<Answer>>, Failure>;

/// What a program knows between commands, and what each command does with it.
pub trait Session {
    /// Carries a command out.
    fn run(&mut self, command: Command, handles: Vec<JsValue>, buffers: &[ArrayBuffer]) -> Answered;
}

/// Starts listening. Returns at once; the browser keeps the worker alive.
pub fn serve(mut session: impl Session + 'static) {
    panics::report_to_page();
    scope::listen(move |request| match request {
        Ok(envelope) => handle(&mut session, envelope),
        Err(error) => scope::say(Reply::Crashed { message: error, path: None }),
    });
    scope::say(Reply::Ready { version: env!("CARGO_PKG_VERSION").to_owned() });
}

fn handle(session: &mut impl Session, envelope: Envelope<Request>) {
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

/// An answer whose data is in the buffer.
#[must_use]
pub fn with_buffer(value: Answer, buffer: ArrayBuffer) -> Envelope<Answer> {
    Envelope { value, handles: Vec::new(), buffers: vec![buffer] }
}

/// As it travels in a buffer.
///
/// # Errors
/// When it cannot be written.
pub fn to_json(value: &impl serde::Serialize) -> Result<ArrayBuffer, Failure> {
    serde_json::to_vec(value).map(|bytes| buffer_of(&bytes)).map_err(|error| internal(error.to_string()))
}

/// Reads [`to_json`]'s buffer.
///
/// # Errors
/// When it is missing or something else.
pub fn from_json<T: serde::de::DeserializeOwned>(buffer: Option<&ArrayBuffer>) -> Result<T, Failure> {
    let bytes = buffer.map(bytes_of).unwrap_or_default();
    serde_json::from_slice(&bytes).map_err(|error| internal(error.to_string()))
}

/// An intake error in the form the app shows.
#[must_use]
pub fn failure(error: &IntakeError) -> Failure {
    Failure {
        title: error.to_string(),
        why: String::new(),
        action: error.action().to_owned(),
        details: error.details(),
    }
}

/// A failure of ours, not of the input.
#[must_use]
pub fn internal(details: impl Into<String>) -> Failure {
    Failure {
        title: "The audit stopped because of a defect in Drydock.".to_owned(),
        why: String::new(),
        action: "Reload the page and try again, or run the command line: `drydock audit .`".to_owned(),
        details: details.into(),
    }
}
