//! The worker that stays after the audit: it answers for exports, sources, searches and what the reader changes.

use super::run::{RESIDENT, Run};
use crate::protocol::{Command, Event, ExportedFile, Failure, LookedUp, SourceFile};

impl Run {
    /// Sends a request to the worker that stays after the audit.
    pub fn ask_resident(&mut self, command: Command) {
        if self.resident_listens {
            let earlier = self.earlier.clone().filter(|_| matches!(command, Command::Revise { .. }));
            let buffers = earlier.into_iter().collect();
            if let Err(reason) = self.slots.send(RESIDENT, command.clone(), Vec::new(), buffers) {
                self.refuse(command, &reason);
            }
        } else if self.report.is_some() {
            self.waiting.push(command);
            self.start_resident();
        } else {
            self.refuse(command, "There is no report yet.");
        }
    }

    pub(super) fn start_resident(&mut self) {
        if self.report.is_some() && self.slots.get(RESIDENT).is_none() {
            self.resident_listens = false;
            self.start(RESIDENT);
        }
    }

    pub(super) fn resident_ready(&mut self) {
        let given = match (&self.saved, self.report.clone()) {
            (Some(file), None) => self.slots.send(RESIDENT, Command::OpenReport, vec![file.handle()], Vec::new()),
            (_, report) => {
                let input = if self.project.is_some() { self.give_input(RESIDENT, true) } else { Ok(()) };
                let report = report.into_iter().chain(self.performance.clone()).collect();
                input.and_then(|()| self.slots.send(RESIDENT, Command::GiveReport, Vec::new(), report))
            }
        };
        if let Err(reason) = given {
            return self.lose(RESIDENT, reason, None);
        }
        self.resident_listens = true;
        // A worker that replaces a lost one.
        if !(self.dismissed.is_empty() && self.earlier.is_none()) && self.waiting.is_empty() {
            self.revise();
        }
        for command in std::mem::take(&mut self.waiting) {
            self.ask_resident(command);
        }
    }

    pub(super) fn refuse(&mut self, command: Command, why: &str) {
        match command {
            Command::Source { path } => self.teller.tell(Event::Source(SourceFile {
                path,
                problem: Some(why.to_owned()),
                ..SourceFile::default()
            })),
            Command::LookUp { query, corpus } => {
                let found = Err(why.to_owned());
                self.teller.tell(Event::Found(LookedUp { query, corpus, found }));
            }
            Command::Note(technology) => self.teller.tell(Event::Note(technology, String::new())),
            Command::Export { format, purpose, .. } => {
                let file = ExportedFile { format, purpose, paths: Vec::new(), problem: Some(why.to_owned()) };
                self.teller.tell(Event::Exported(file, Vec::new()));
            }
            Command::Revise { .. } => self.teller.tell(Event::Refused(Failure {
                title: "The report stays as it is.".to_owned(),
                why: why.to_owned(),
                action: String::new(),
                details: String::new(),
            })),
            _ => {}
        }
    }
}
