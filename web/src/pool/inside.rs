//! Evidence that lies in the project itself. Once a report is on screen, a worker looks for it where paths say that there
//! may be some; it is read when the reader asks for it, as the command line does with `--evidence auto`. A project without
//! any code that is evidence after all is read as such.

use super::run::Run;
use crate::platform::inputs::DroppedFile;
use crate::protocol::{Command, Event, InputKind, InsideFile, PlanSummary, ProjectFiles};
use drydock_core::audit::coordinator::WorkerId;
use wasm_bindgen::JsValue;

/// The worker that looks. It is none of the coordinator's.
pub(super) const LOOKER: WorkerId = WorkerId { slot: u32::MAX - 3, epoch: 1 };

/// What is known of the evidence in the project.
#[derive(Debug, Default)]
pub(super) struct Inside {
    /// What the plan says of it.
    plan: Option<PlanSummary>,
    /// Looked for already, or on the way.
    looked: bool,
    /// Of a stream, what may be evidence.
    unpacked: Vec<DroppedFile>,
    found: Vec<InsideFile>,
}

impl Inside {
    /// Keeps the first plan: workers that read parts know less.
    pub fn plan(&mut self, plan: &PlanSummary) {
        self.plan.get_or_insert_with(|| plan.clone());
    }
}

impl Run {
    /// Looks for evidence among the files of the project, once.
    pub(super) fn look_inside(&mut self) {
        let likely = self.inside.plan.as_ref().is_some_and(|plan| plan.likely > 0);
        let Some(project) = self.project.as_ref().filter(|_| likely) else { return };
        if std::mem::replace(&mut self.inside.looked, true) {
            return;
        }
        if project.kind == InputKind::Stream {
            self.ask_resident(Command::Unpack);
        } else {
            self.start(LOOKER);
        }
    }

    /// The engine has no use for the project: perhaps it is evidence. `true` while that is looked into.
    pub(super) fn look_instead(&mut self) -> bool {
        let Some(kind) = self.project.as_ref().map(|project| project.kind.clone()) else { return false };
        if self.refusal.is_none() || kind == InputKind::Pack || std::mem::replace(&mut self.inside.looked, true) {
            return false;
        }
        if kind == InputKind::Stream {
            // Nobody can look into a stream without unpacking all of it: the reader of evidence does that.
            let files = self.project.take().map(|project| project.files).unwrap_or_default();
            self.coordinator = None;
            self.measure(files);
        } else {
            self.start(LOOKER);
        }
        true
    }

    /// What the stream has that may be evidence.
    pub(super) fn unpacked(&mut self, paths: Vec<String>, handles: Vec<JsValue>) {
        self.inside.unpacked =
            paths.into_iter().zip(handles).map(|(path, file)| DroppedFile::new(path, file)).collect();
        if !self.inside.unpacked.is_empty() {
            self.start(LOOKER);
        }
    }

    pub(super) fn looker_ready(&mut self) {
        let Some(project) = &self.project else { return };
        let handles = |files: &[DroppedFile]| files.iter().map(DroppedFile::handle).collect();
        let (paths, handles) = match &project.kind {
            InputKind::Folder(paths) => (Some(paths.clone()), handles(&project.files)),
            InputKind::File => (None, handles(&project.files)),
            InputKind::Stream | InputKind::Pack => {
                let files = &self.inside.unpacked;
                (Some(files.iter().map(|file| file.path.clone()).collect()), handles(files))
            }
        };
        let root = self.inside.plan.as_ref().and_then(|plan| plan.root.clone());
        let command = Command::LookInside(ProjectFiles { paths, root });
        if let Err(reason) = self.slots.send(LOOKER, command, handles, Vec::new()) {
            self.lose(LOOKER, reason, None);
        }
    }

    /// What the looker found; nothing when it was lost.
    pub(super) fn found_inside(&mut self, found: Vec<InsideFile>) {
        self.slots.stop(LOOKER);
        self.inside.found = found;
        if self.report.is_none() {
            return self.read_instead();
        }
        if !self.inside.found.is_empty() {
            self.teller.tell(Event::Inside(self.inside.found.clone()));
        }
    }

    /// A project without code, as evidence.
    fn read_instead(&mut self) {
        let project = self.project.take();
        match project {
            Some(project) if !self.inside.found.is_empty() => {
                let found = std::mem::take(&mut self.inside.found);
                let files = match project.kind {
                    InputKind::File => project.files,
                    _ => found.iter().filter_map(|one| project.files.get(one.entry as usize).cloned()).collect(),
                };
                // There is no audit to come back to.
                self.coordinator = None;
                self.measure(files);
            }
            _ => {
                if let Some(refusal) = self.refusal.take() {
                    self.teller.fail(refusal);
                }
            }
        }
    }

    /// Reads what was found, beside what was handed over.
    pub fn read_inside(&mut self) {
        let mut wanted = self.evidence.clone();
        wanted.inside = true;
        self.measure_again(wanted);
    }

    /// Which files the evidence worker is to read: those of a zip by their entries, all others by handles.
    pub(super) fn evidence_files(&self) -> (Vec<String>, Vec<InsideFile>, Vec<JsValue>) {
        let (mut names, mut zipped, mut handles) = (Vec::new(), Vec::new(), Vec::new());
        let mut archive = None;
        if let Some(project) = self.project.as_ref().filter(|_| self.evidence.inside) {
            let files = if self.inside.unpacked.is_empty() { &project.files } else { &self.inside.unpacked };
            if project.kind == InputKind::File {
                zipped.clone_from(&self.inside.found);
                archive = project.files.first().map(DroppedFile::handle);
            } else {
                for found in &self.inside.found {
                    if let Some(file) = files.get(found.entry as usize) {
                        names.push(found.path.clone());
                        handles.push(file.handle());
                    }
                }
            }
        }
        names.extend(self.evidence.files.iter().map(|file| file.path.clone()));
        handles.extend(self.evidence.files.iter().map(DroppedFile::handle));
        handles.extend(archive);
        (names, zipped, handles)
    }
}
