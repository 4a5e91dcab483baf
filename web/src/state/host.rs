//! What the views ask of the program behind the page, and what stands in front of it: plain values.

use crate::protocol::{Command, ExportFormat, Failure, Purpose};
use crate::state::editor::Spot;
use drydock_core::report::model::Category;

/// What the page can have done: implemented by the browser program, and by the preview.
pub trait Host {
    /// Opens the picker for archives and files. With a role, what is chosen is compared with the report.
    fn choose_files(&self, role: Option<Role>);
    /// Opens the picker for a folder.
    fn choose_folder(&self);
    /// Audits the bundled example.
    fn try_example(&self);
    /// Stops the audit.
    fn cancel(&self);
    /// Runs a failed category again.
    fn retry(&self, category: Category);
    /// Goes on without the file that a lane sits on.
    fn skip_file(&self, category: Category);
    /// Asks the engine for a file's text, a search, a note. Each has its event as answer.
    fn ask(&self, command: Command);
    /// Asks for the report as a file. Answer: [`Event::Exported`].
    fn export(&self, format: ExportFormat, purpose: Purpose);
    /// Has the report made again without what the store's `dismissed` names.
    fn dismiss(&self);
    /// Shows the report alone again.
    fn stop_comparing(&self);
    /// Takes the earlier of two measured runs for the later one, and back.
    fn swap_runs(&self);
    /// Holds what was measured against a target that was typed in: scope, metric, text.
    fn set_target(&self, scope: &str, metric: &str, target: &str);
    /// Shows the report of the code alone again.
    fn forget_evidence(&self);
    /// Reads the evidence that lies in the project.
    fn read_inside(&self);
    /// Has load tests written for the routes of the project. Answer: [`Event::LoadTests`](crate::protocol::Event).
    fn write_load_tests(&self);
    /// Ends what runs and forgets the project.
    fn close(&self);
    /// The user said what the drop over a report is meant to be.
    fn accept_pending(&self, role: Role);
    /// Of two dropped versions the user named the earlier one, by its position.
    fn accept_pair(&self, earlier: usize);
    /// Compares the two versions that were chosen one by one.
    fn compare_versions(&self);
}

/// What something handed over is to the report on screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// It takes its place.
    Alone,
    /// An earlier version.
    Earlier,
    /// A later version.
    Later,
    /// What was measured of its project.
    Evidence,
    /// One of two that will be compared: 0 is the earlier one.
    Version(usize),
}

/// The modal in front of the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Dialog {
    /// Keyboard sheet.
    Keys,
    /// Network lock.
    Lock,
    /// Leaving for an address.
    Leave(String),
    /// A drop over a report; whether that can be compared with.
    Replace(String, bool),
    /// Two versions in one drop.
    Pair(String, String),
    /// How a file begins, and how many bytes follow.
    Preview(ExportFormat, String, usize),
    /// A finding to dismiss, by position.
    Dismiss(usize),
    /// Where the project lies and which editor opens it; the place that will be opened.
    Editor(Spot),
    /// Two versions to choose.
    Versions,
    /// Command palette.
    Palette,
    /// A results log without a project.
    Log(String),
    /// What could not be done to the report, which stays.
    Refused(Failure),
}

/// What the live regions say, and the toast.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Spoken {
    /// Said when the reader pauses.
    pub polite: String,
    /// Said at once.
    pub assertive: String,
    /// Shown for a moment.
    pub toast: Option<String>,
}

/// Parts of the files tab.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FilesPart {
    /// Audited files.
    #[default]
    Audited,
    /// The same, as a map.
    Map,
    /// Skipped files.
    Skipped,
    /// Partly read files.
    Problems,
}
