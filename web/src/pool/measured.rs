//! Measured evidence: a fresh worker reads the files and makes the report again with them, out of the results that the
//! audit left. It ends with that; the worker that stays is replaced, as it has the old report.

use super::run::{RESIDENT, Run};
use crate::platform::inputs::DroppedFile;
use crate::platform::message::bytes_of;
use crate::protocol::{Command, Event, Evidence, Failure};
use drydock_core::audit::coordinator::{Task, WorkerId};
use drydock_core::report::model::Category;
use js_sys::ArrayBuffer;
use std::collections::BTreeMap;

/// The worker that reads evidence. It is none of the coordinator's.
pub(super) const MEASURER: WorkerId = WorkerId { slot: u32::MAX - 1, epoch: 1 };

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
    /// Targets that were typed in, by scope and metric.
    typed: BTreeMap<(String, String), String>,
    swapped: bool,
}

impl Dropped {
    /// Files as they were dropped.
    pub fn of(files: Vec<DroppedFile>) -> Self {
        Self { files, ..Self::default() }
    }

    /// As it is told to a worker.
    pub fn evidence(&self) -> Evidence {
        Evidence {
            names: self.files.iter().map(|file| file.path.clone()).collect(),
            typed: slo_toml(&self.typed),
            swapped: self.swapped,
        }
    }
}

/// `[[slo]]` tables. A JSON string is a TOML string too.
fn slo_toml(typed: &BTreeMap<(String, String), String>) -> String {
    let mut out = String::new();
    for ((scope, metric), target) in typed {
        let quoted = |text: &str| serde_json::Value::from(text).to_string();
        out.push_str(&format!(
            "[[slo]]\nscope = {}\nmetric = {}\ntarget = {}\n",
            quoted(scope),
            quoted(metric),
            quoted(target)
        ));
    }
    out
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

    fn measure_again(&mut self, wanted: Dropped) {
        self.before_evidence = std::mem::replace(&mut self.evidence, wanted);
        self.start(MEASURER);
    }

    pub(super) fn measurer_ready(&mut self) {
        let sent = if self.project.is_some() {
            let Aggregated { failed, unread, notices } = self.aggregated.clone();
            let task = Task::Aggregate { failed, unread, notices };
            self.give(MEASURER, &task).and_then(|()| self.send_task(MEASURER, task))
        } else {
            let command = Command::Measure { evidence: self.evidence.evidence(), date: self.date.clone() };
            let handles = self.evidence.files.iter().map(DroppedFile::handle).collect();
            self.slots.send(MEASURER, command, handles, self.audited.clone().into_iter().collect())
        };
        if let Err(reason) = sent {
            self.not_measured(no_evidence(reason));
        }
    }

    /// The report with what was measured.
    pub(super) fn measured(&mut self, report: Option<ArrayBuffer>) {
        self.slots.stop(MEASURER);
        self.slots.stop(RESIDENT);
        self.resident_listens = false;
        self.refusal = None;
        let bytes = report.as_ref().map(bytes_of).unwrap_or_default();
        self.report = report;
        self.parse(&bytes);
    }

    /// The file is no report of ours: perhaps it is something measured. If not, `failure` says what is wrong with it.
    pub(super) fn no_report(&mut self, failure: Failure) {
        self.slots.stop(RESIDENT);
        self.refusal = Some(failure);
        let files = self.saved.take().into_iter().collect();
        self.measure(files);
    }

    /// The report stays as it was.
    pub(super) fn not_measured(&mut self, failure: Failure) {
        self.slots.stop(MEASURER);
        self.evidence = std::mem::take(&mut self.before_evidence);
        if self.report.is_none() {
            let refusal = self.refusal.take();
            self.teller.fail(refusal.unwrap_or(failure));
        } else {
            self.teller.tell(Event::Refused(failure));
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
