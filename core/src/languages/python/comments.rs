//! Which comments analyses may want: suppressions, and remarks of three words or more.

use super::text::cut;
use crate::model::{Comment, Interner};
use crate::source::LineIndex;

/// Keeps the comments among `ranges` that matter.
pub(super) fn comments(
    source: &str,
    ranges: &[(u32, u32)],
    lines: &LineIndex<'_>,
    names: &mut Interner,
) -> Vec<Comment> {
    let mut kept = Vec::new();
    for &(start, end) in ranges {
        let Some(text) = source.get(start as usize..end as usize) else { continue };
        let text = text.trim_start_matches(['#', '!', ':']).trim();
        if text.split_whitespace().nth(2).is_none() && !text.contains("drydock:") {
            continue;
        }
        let line_start = lines.line_start(start) as usize;
        let own_line = source.get(line_start..start as usize).is_some_and(|before| before.trim_start().is_empty());
        kept.push(Comment { line: lines.position(start).0, own_line, text: names.intern(cut(text)) });
    }
    kept
}
