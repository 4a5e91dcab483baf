//! One worker as seen from the page: made from the locked blob address, spoken to in
//! envelopes, gone when dropped.

use super::boot::{Engine, Program};
use super::message::{Envelope, error_text};
use crate::protocol::{Reply, Request};
use wasm_bindgen::prelude::*;

/// What arrives from a worker.
#[derive(Debug)]
pub enum Incoming {
    /// A message.
    Message(Envelope<Reply>),
    /// The worker stopped, with the browser's words.
    Lost(String),
}

/// A running worker. Dropping it terminates it and gives its memory back.
#[derive(Debug)]
pub struct EngineWorker {
    worker: web_sys::Worker,
    _on_message: Closure<dyn Fn(web_sys::MessageEvent)>,
    _on_error: Closure<dyn Fn(web_sys::ErrorEvent)>,
}

impl EngineWorker {
    /// Starts a worker. It is silent until [`Reply::Ready`], which never comes before this returns.
    pub fn start(
        engine: Engine,
        program: Program,
        on_incoming: impl Fn(Incoming) + Clone + 'static,
    ) -> Result<Self, String> {
        let worker = engine.worker(program)?;
        let forward = on_incoming.clone();
        let on_message = Closure::<dyn Fn(_)>::new(move |event: web_sys::MessageEvent| {
            forward(match Envelope::decode(&event.data()) {
                Ok(Envelope { value: Reply::Crashed { message, path }, handles, buffers }) => {
                    let value = Reply::Crashed { message: plain(&message), path };
                    Incoming::Message(Envelope { value, handles, buffers })
                }
                Ok(envelope) => Incoming::Message(envelope),
                Err(error) => Incoming::Lost(format!("a message could not be read: {error}")),
            });
        });
        let on_error = Closure::<dyn Fn(_)>::new(move |event: web_sys::ErrorEvent| {
            event.prevent_default();
            on_incoming(Incoming::Lost(plain(&event.message())));
        });
        worker.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        worker.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        Ok(Self { worker, _on_message: on_message, _on_error: on_error })
    }

    /// Sends a request. Its buffers are copied, so that the page can send them to others too.
    pub fn send(&self, request: &Envelope<Request>) -> Result<(), String> {
        let sent = request.encode().and_then(|(value, _)| self.worker.post_message(&value));
        sent.map_err(|error| error_text(&error))
    }
}

impl Drop for EngineWorker {
    fn drop(&mut self) {
        self.worker.set_onmessage(None);
        self.worker.set_onerror(None);
        self.worker.terminate();
    }
}

/// A trap in plain words. A panic names itself before it traps; one without is memory or stack.
fn plain(message: &str) -> String {
    let says = |words: &str| message.contains(words);
    if message.is_empty() {
        "the worker could not start".to_owned()
    } else if says("Maximum call stack") || says("too much recursion") || says("memory access out of bounds") {
        "the code is nested too deeply for the browser".to_owned()
    } else if says("RuntimeError: unreachable") || says("Out of memory") || says("Array buffer allocation failed") {
        "out of memory".to_owned()
    } else {
        message.to_owned()
    }
}
