//! Measured evidence: a worker with a program of its own reads the files, and takes turns with an engine over the
//! report: what the code looks like, what the audit is to change by, the report, what it has of what was measured. For a
//! report on screen a fresh engine makes it again out of the results that the audit left. Both end with that; the worker
//! that stays is replaced, as it has the old report.

use super::run::{RESIDENT, Run};
use crate::platform::inputs::DroppedFile;
use crate::platform::message::bytes_of;
use crate::protocol::{Answer, Command, Event, Evidence, Failure, LoadTests};
use drydock_core::audit::coordinator::{Task, WorkerId};
use drydock_core::report::model::Category;
use js_sys::ArrayBuffer;
use std::collections::BTreeMap;

/// The engine that makes the report on screen again. It is none of the coordinator's, nor is the next.
pub(super) const MEASURER: WorkerId = WorkerId { slot: u32::MAX - 1, epoch: 1 };
/// The worker that reads evidence.
pub(super) const EVIDENCE: WorkerId = WorkerId { slot: u32::MAX - 2, epoch: 1 };

/// What the report was made of, beside results.
#[derive(Clone, Debug, Default)]
pub(super) struct Aggregated {
    pub failed: Vec<(Category, String)>,
    pub unread: Vec<(u32, String)>,
    pub notices: Vec<String>,
}

/// What was measured.
#[derive(Clone, Debug, Default)]
pub(super) struct Dropped {
    pub files: Vec<DroppedFile>,
    /// What lies in the project counts too.
    pub inside: bool,
    /// Targets that were typed in, by scope and metric.
    typed: BTreeMap<(String, String), String>,
    swapped: bool,
}

impl Dropped {
    /// Files as they were dropped.
    pub fn of(files: Vec<DroppedFile>) -> Self {
        Self { files, ..Self::default() }
    }

    /// Whether there is nothing to read.
    pub const fn is_none(&self) -> bool {
        self.files.is_empty() && !self.inside
    }
}

/// `[[slo]]` tables. A JSON string is a TOML string too.
fn slo_toml(typed: &BTreeMap<(String, String), String>) -> String {
    let mut out = String::new();
    for ((scope, metric), target) in typed {
        let quoted = |text: &str| serde_json::to_string(text).unwrap_or_default();
        out.push_str(&format!(
            "[[slo]]\nscope = {}\nmetric = {}\ntarget = {}\n",
            quoted(scope),
            quoted(metric),
            quoted(target)
        ));
    }
    out
}

/// Something in the making for which two workers take turns: a report with what was measured, or load tests.
#[derive(Clone, Debug)]
pub(super) struct Joining {
    /// The worker with the code.
    engine: WorkerId,
    step: Step,
    load_tests: bool,
}

/// Whose turn it is, and with what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    /// The engine says what the code looks like.
    Describe,
    /// The evidence worker says what the audit is to change by.
    Join,
    /// The engine makes the report.
    Aggregate,
    /// The evidence worker says what the report has of what was measured.
    Complete,
    /// The evidence worker writes load tests.
    Write,
}

impl Joining {
    const fn report(engine: WorkerId, step: Step) -> Self {
        Self { engine, step, load_tests: false }
    }

    /// Whether this engine makes the report.
    pub fn is_of(&self, engine: WorkerId) -> bool {
        self.engine == engine
    }
}

impl Run {
    /// Adds files of evidence.
    pub fn measure(&mut self, files: Vec<DroppedFile>) {
        let mut wanted = self.evidence.clone();
        wanted.files.extend(files);
        self.measure_again(wanted);
    }

    /// Takes the earlier of two runs for the later one, and back.
    pub fn swap_runs(&mut self) {
        let wanted = Dropped { swapped: !self.evidence.swapped, ..self.evidence.clone() };
        self.measure_again(wanted);
    }

    /// Holds what was measured against a target that was typed in; without a text, against the one of the files again.
    pub fn set_target(&mut self, scope: &str, metric: &str, target: &str) {
        let mut wanted = self.evidence.clone();
        let key = (scope.to_owned(), metric.to_owned());
        match target.trim() {
            "" => wanted.typed.remove(&key),
            target => wanted.typed.insert(key, target.to_owned()),
        };
        self.measure_again(wanted);
    }

    /// The report of the code alone again.
    pub fn forget_evidence(&mut self) {
        self.measure_again(Dropped::default());
    }

    pub(super) fn measure_again(&mut self, wanted: Dropped) {
        self.before_evidence = std::mem::replace(&mut self.evidence, wanted);
        self.joining = None;
        self.read_evidence();
        match &self.audited {
            Some(report) if self.project.is_none() => {
                let report = report.clone();
                self.complete(MEASURER, report);
            }
            _ => self.start(MEASURER),
        }
    }

    /// Starts the evidence worker, which begins to read; nothing when nothing was dropped beside code.
    pub(super) fn read_evidence(&mut self) {
        self.stop_evidence();
        if self.project.is_none() || !self.evidence.is_none() {
            self.start(EVIDENCE);
        }
    }

    /// Has load tests written for the routes of the project.
    pub fn write_load_tests(&mut self) {
        self.wants_load_tests = true;
        if self.project.is_none() {
            return self.wrote(LoadTests::none("Routes are read from code: drop the project itself."));
        }
        // What is in the making comes first, and then this.
        if self.joining.is_some() || self.slots.get(MEASURER).is_some() {
            return;
        }
        self.stop_evidence();
        self.start(EVIDENCE);
        match self.described.clone() {
            Some(described) => self.write(described),
            None => {
                self.joining = Some(Joining { engine: MEASURER, step: Step::Describe, load_tests: true });
                self.start(MEASURER);
            }
        }
    }

    fn write(&mut self, described: ArrayBuffer) {
        self.slots.stop(MEASURER);
        self.joining = Some(Joining { engine: MEASURER, step: Step::Write, load_tests: true });
        let project = self.project.as_ref().map(|project| project.name.clone()).unwrap_or_default();
        self.ask_evidence(Command::WriteLoadTests { project }, described);
    }

    fn wrote(&mut self, tests: LoadTests) {
        self.joining = None;
        self.wants_load_tests = false;
        self.slots.stop(MEASURER);
        self.stop_evidence();
        self.teller.tell(Event::LoadTests(tests));
    }

    /// What was in the making is made: load tests that were wanted meanwhile come next.
    fn write_wanted(&mut self) {
        if self.wants_load_tests {
            self.write_load_tests();
        }
    }

    fn stop_evidence(&mut self) {
        self.slots.stop(EVIDENCE);
        self.evidence_listens = false;
        self.for_evidence.clear();
    }

    pub(super) fn evidence_ready(&mut self) {
        self.evidence_listens = true;
        let (names, zipped, handles) = self.evidence_files();
        let command = if self.take_test_crash("evidence") {
            Command::Crash
        } else {
            let Dropped { typed, swapped, .. } = &self.evidence;
            Command::GiveEvidence(Evidence { names, zipped, typed: slo_toml(typed), swapped: *swapped })
        };
        let waiting = std::mem::take(&mut self.for_evidence);
        let given = self.slots.send(EVIDENCE, command, handles, Vec::new());
        let sent = given.and_then(|()| {
            waiting
                .into_iter()
                .try_for_each(|(command, buffer)| self.slots.send(EVIDENCE, command, Vec::new(), vec![buffer]))
        });
        if let Err(reason) = sent {
            self.lose(EVIDENCE, reason, None);
        }
    }

    /// Asks the evidence worker, as soon as it listens.
    fn ask_evidence(&mut self, command: Command, buffer: ArrayBuffer) {
        if !self.evidence_listens {
            self.for_evidence.push((command, buffer));
        } else if let Err(reason) = self.slots.send(EVIDENCE, command, Vec::new(), vec![buffer]) {
            self.lose(EVIDENCE, reason, None);
        }
    }

    pub(super) fn measurer_ready(&mut self) {
        let sent = if self.joining.as_ref().is_some_and(|joining| joining.load_tests) {
            self.give(MEASURER, &Task::Prepare)
                .and_then(|()| self.slots.send(MEASURER, Command::Describe, Vec::new(), Vec::new()))
        } else if self.project.is_some() {
            let Aggregated { failed, unread, notices } = self.aggregated.clone();
            let task = Task::Aggregate { failed, unread, notices };
            self.give(MEASURER, &task).and_then(|()| self.send_task(MEASURER, task))
        } else {
            self.joining = Some(Joining::report(MEASURER, Step::Aggregate));
            let command = Command::ReportNothing { date: self.date.clone() };
            self.slots.send(MEASURER, command, Vec::new(), Vec::new())
        };
        if let Err(reason) = sent {
            self.not_measured(no_evidence(reason));
        }
    }

    /// Asks `engine` for the report: at once, or, when something was measured, for what it takes to join it first.
    pub(super) fn aggregate(&mut self, engine: WorkerId) -> Result<(), String> {
        if self.evidence.is_none() {
            self.joining = None;
            self.performance = None;
            return self.send_aggregate(engine, None);
        }
        // It ended with the report before.
        if self.slots.get(EVIDENCE).is_none() {
            self.read_evidence();
        }
        let step = if self.described.is_some() { Step::Join } else { Step::Describe };
        self.joining = Some(Joining::report(engine, step));
        match self.described.clone() {
            Some(described) => self.ask_evidence(Command::Join, described),
            None => return self.slots.send(engine, Command::Describe, Vec::new(), Vec::new()),
        }
        Ok(())
    }

    fn send_aggregate(&mut self, engine: WorkerId, measured: Option<ArrayBuffer>) -> Result<(), String> {
        let Aggregated { failed, unread, notices } = self.aggregated.clone();
        let command =
            Command::Aggregate { failed, unread, date: self.date.clone(), notices, measured: measured.is_some() };
        let buffers = measured.into_iter().chain(self.results.iter().flatten().cloned()).collect();
        self.slots.send(engine, command, Vec::new(), buffers)
    }

    fn complete(&mut self, engine: WorkerId, report: ArrayBuffer) {
        self.joining = Some(Joining::report(engine, Step::Complete));
        let no_code = self.project.is_none() && self.audited.is_none();
        self.completing = Some(report.clone());
        self.ask_evidence(Command::Complete { no_code }, report);
    }

    /// Takes an answer on the way to the report with what was measured, unless it is none. `true`: it was one.
    pub(super) fn join(&mut self, id: WorkerId, answer: &Answer, buffer: Option<&ArrayBuffer>) -> bool {
        let Some(Joining { engine, step, load_tests }) = self.joining.clone() else { return id == EVIDENCE };
        if let (Step::Write, Answer::LoadTests(tests)) = (step, answer) {
            self.wrote(tests.clone());
            return true;
        }
        let Some(buffer) = buffer.cloned().filter(|_| id == engine || id == EVIDENCE) else { return id == EVIDENCE };
        match (step, answer) {
            (Step::Describe, Answer::Described) if load_tests => {
                self.described = Some(buffer.clone());
                self.write(buffer);
            }
            (Step::Describe, Answer::Described) => {
                self.described = Some(buffer.clone());
                self.joining = Some(Joining::report(engine, Step::Join));
                self.ask_evidence(Command::Join, buffer);
            }
            (Step::Join, Answer::Joined) => {
                self.joining = Some(Joining::report(engine, Step::Aggregate));
                if let Err(reason) = self.send_aggregate(engine, Some(buffer)) {
                    self.lose(engine, reason, None);
                }
            }
            (Step::Aggregate, Answer::Reported) => self.complete(engine, buffer),
            (Step::Complete, Answer::Completed) => {
                self.joining = None;
                self.stop_evidence();
                self.performance = Some(buffer);
                let report = self.completing.take();
                if engine == MEASURER {
                    self.measured(report);
                } else {
                    self.aggregated_by(engine, report);
                }
            }
            _ => return id == EVIDENCE,
        }
        true
    }

    /// The report with what was measured.
    pub(super) fn measured(&mut self, report: Option<ArrayBuffer>) {
        self.slots.stop(MEASURER);
        self.slots.stop(RESIDENT);
        self.resident_listens = false;
        self.refusal = None;
        let bytes = report.as_ref().map(bytes_of).unwrap_or_default();
        self.report = report;
        self.parse(&bytes, true);
        self.write_wanted();
    }

    /// The file is no report of ours: perhaps it is something measured. If not, `failure` says what is wrong with it.
    pub(super) fn no_report(&mut self, failure: Failure) {
        self.slots.stop(RESIDENT);
        self.refusal = Some(failure);
        let files = self.saved.take().into_iter().collect();
        self.measure(files);
    }

    /// The report stays as it was; one in the making is made without what was measured.
    pub(super) fn not_measured(&mut self, failure: Failure) {
        self.slots.stop(MEASURER);
        self.stop_evidence();
        let joining = self.joining.take();
        if joining.as_ref().is_some_and(|joining| joining.load_tests) {
            return self.wrote(LoadTests::none(&failure.title));
        }
        self.evidence = std::mem::take(&mut self.before_evidence);
        if self.report.is_some() || self.coordinates() {
            self.teller.tell(Event::Refused(failure));
        } else {
            let refusal = self.refusal.take();
            self.teller.fail(refusal.unwrap_or(failure));
        }
        // Its worker has given away what it made the report of.
        if let Some(Joining { engine, .. }) = joining.filter(|joining| joining.engine != MEASURER) {
            self.lose(engine, "it waited for what was measured".to_owned(), None);
        } else {
            self.write_wanted();
        }
    }
}

/// The worker was lost over the evidence.
pub(super) fn no_evidence(details: String) -> Failure {
    Failure {
        title: "What was measured could not be read.".to_owned(),
        why: "The engine stopped while reading it, most likely because memory ran out.".to_owned(),
        action: "Drop fewer files, or run the command line: `drydock performance FILES`".to_owned(),
        details,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typed_targets_become_a_settings_file() {
        let typed = BTreeMap::from([(("GET /\"a\"".to_owned(), "latency.p95".to_owned()), "< 200 ms".to_owned())]);
        assert_eq!(
            slo_toml(&typed),
            "[[slo]]\nscope = \"GET /\\\"a\\\"\"\nmetric = \"latency.p95\"\ntarget = \"< 200 ms\"\n"
        );
    }
}
