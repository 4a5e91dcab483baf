//! Progress as figures: the whole in percent, and a lane before anything happened.

use crate::protocol::{CheckDot, DotState, LaneProgress, LaneState, Overall};
use drydock_core::checks::CATALOGUE;
use drydock_core::report::model::{Category, Counts};

/// Progress in whole percent.
#[must_use]
pub fn percent(overall: &Overall) -> u32 {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 100")]
    let percent = (overall.fraction.clamp(0.0, 1.0) * 100.0) as u32;
    percent
}

/// A lane before anything happened.
#[must_use]
pub fn idle_lane(category: Category) -> LaneProgress {
    LaneProgress {
        category,
        state: LaneState::Starting,
        files_done: 0,
        files_total: 0,
        bytes_done: 0,
        bytes_total: 0,
        current_file: None,
        findings: Counts::default(),
        checks: CATALOGUE
            .iter()
            .filter(|check| check.category == category && check.available)
            .map(|check| CheckDot { check: check.id.to_owned(), state: DotState::Waiting })
            .collect(),
        elapsed_ms: 0,
    }
}
