//! The inside of the worker for runtime evidence: it reads what was measured ([`measurements`]), joins it to what the
//! engine says the code looks like, and says what the report has of it; it writes load tests ([`loadtests`]). A program of its own, without parsers of source
//! code: the page starts it only when something measured was dropped, or a load test is wanted.

mod loadtests;
mod measurements;

use crate::platform::message::Envelope;
use crate::protocol::{Answer, Command};
use crate::worker::{self, Answered, from_json, internal, to_json, with_buffer};
use drydock_core::evidence::code::CodeIndex;
use js_sys::ArrayBuffer;
use measurements::Measurements;
use wasm_bindgen::JsValue;

/// Starts listening. Returns at once; the browser keeps the worker alive.
pub fn start() {
    worker::serve(Session::default());
}

/// What the worker knows.
#[derive(Debug, Default)]
struct Session {
    measured: Measurements,
    /// What the code looks like, once it was joined.
    code: Option<CodeIndex>,
}

impl worker::Session for Session {
    fn run(&mut self, command: Command, handles: Vec<JsValue>, buffers: &[ArrayBuffer]) -> Answered {
        match command {
            Command::LookInside(files) => {
                Ok(Some(Envelope::bare(Answer::Inside(measurements::look_inside(&files, &handles)))))
            }
            Command::GiveEvidence(evidence) => {
                self.measured = Measurements::read(&evidence, &handles);
                self.code = None;
                Ok(None)
            }
            Command::Join => {
                let code = self.code.insert(from_json(buffers.first())?);
                let joined = to_json(&self.measured.join(code))?;
                Ok(Some(with_buffer(Answer::Joined, joined)))
            }
            Command::Complete { no_code } => {
                let known = from_json(buffers.first())?;
                let section = self.measured.section(known, self.code.as_ref(), no_code)?;
                Ok(Some(with_buffer(Answer::Completed, to_json(&section)?)))
            }
            Command::WriteLoadTests { project } => {
                let code: CodeIndex = from_json(buffers.first())?;
                let written = loadtests::load_tests(&project, &code.endpoints, &self.measured.thresholds(&code));
                Ok(Some(Envelope::bare(Answer::LoadTests(written))))
            }
            #[expect(clippy::panic, reason = "this command exists to test what a panic does")]
            Command::Crash => panic!("a test asked the evidence worker to stop"),
            _ => Err(internal("the evidence worker was asked for what only the engine can do")),
        }
    }
}
