//! Which file is from before the change and which from after: labels in `slo.toml`, words in paths, times.

use crate::evidence::model::targets::RunFiles;
use crate::evidence::model::{Artefact, Evidence, Run};
use crate::order::InOrder as _;
use serde::{Deserialize, Serialize};

/// The side of every artefact.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Pairing {
    /// Side by artefact; nothing for what belongs to no side.
    pub sides: Vec<Option<Run>>,
    /// What decided.
    pub by: PairedBy,
    /// One sentence for people.
    pub reason: String,
}

/// What decided which side a file is on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PairedBy {
    /// Nothing: there is one side only.
    #[default]
    Nothing,
    /// The user, or the file itself.
    Label,
    /// `slo.toml`.
    Slo,
    /// Words in paths.
    Words,
    /// Times in the files: the user should be asked.
    Times,
}

impl Pairing {
    /// The same with the sides swapped.
    #[must_use]
    pub fn swapped(mut self) -> Self {
        for side in &mut self.sides {
            *side = side.map(|run| match run {
                Run::Baseline => Run::Optimized,
                Run::Optimized => Run::Baseline,
            });
        }
        self
    }

    fn complete(&self) -> bool {
        self.sides.contains(&Some(Run::Baseline)) && self.sides.contains(&Some(Run::Optimized))
    }
}

const BEFORE: [&str; 7] = ["before", "baseline", "base", "old", "main", "master", "\u{434}\u{43e}"];
const AFTER: [&str; 9] = [
    "after",
    "optimized",
    "optimised",
    "new",
    "fix",
    "fixed",
    "improved",
    "candidate",
    "\u{43f}\u{43e}\u{441}\u{43b}\u{435}",
];

/// Decides the sides.
#[must_use]
pub fn pair(artefacts: &[Artefact]) -> Pairing {
    let label: Vec<Option<Run>> = artefacts.iter().map(|artefact| artefact.run).collect();
    let labelled = Pairing { sides: label, by: PairedBy::Label, reason: "as labelled".to_owned() };
    if labelled.complete() {
        return labelled;
    }
    let named: Vec<&RunFiles> = artefacts
        .iter()
        .flat_map(|artefact| &artefact.evidence)
        .filter_map(|evidence| match evidence {
            Evidence::Targets(targets) => Some(&targets.runs),
            _ => None,
        })
        .flatten()
        .collect();
    if !named.is_empty() {
        let side = |artefact: &Artefact| {
            let fits = |files: &&&RunFiles| files.files.iter().any(|pattern| glob(pattern, &artefact.path));
            named.iter().find(fits).map(|files| files.run)
        };
        let pairing = Pairing {
            sides: artefacts.iter().map(side).collect(),
            by: PairedBy::Slo,
            reason: "as slo.toml names the files".to_owned(),
        };
        if pairing.complete() {
            return pairing;
        }
    }
    let words = Pairing {
        sides: artefacts.iter().map(|artefact| by_words(artefact).filter(|_| is_measured(artefact))).collect(),
        by: PairedBy::Words,
        reason: "by words such as baseline and optimized in the paths".to_owned(),
    };
    if words.complete() {
        return words;
    }
    by_times(artefacts).unwrap_or_else(|| Pairing {
        sides: vec![None; artefacts.len()],
        by: PairedBy::Nothing,
        reason: "nothing says which file is from before and which from after the change".to_owned(),
    })
}

/// Whether a file holds anything that was measured.
fn is_measured(artefact: &Artefact) -> bool {
    artefact.evidence.iter().any(|evidence| !matches!(evidence, Evidence::Targets(_)))
}

/// The side that the words of a path tell: the file's name before its folders.
fn by_words(artefact: &Artefact) -> Option<Run> {
    artefact.path.rsplit(['/', '\\', '!']).find_map(|part| {
        let lower = part.to_lowercase();
        let words: Vec<&str> = lower.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty()).collect();
        let before = words.iter().any(|word| BEFORE.contains(word));
        let after = words.iter().any(|word| AFTER.contains(word));
        match (before, after) {
            (true, false) => Some(Run::Baseline),
            (false, true) => Some(Run::Optimized),
            _ => None,
        }
    })
}

/// Exactly two files of a kind with different times: the older is from before.
fn by_times(artefacts: &[Artefact]) -> Option<Pairing> {
    let mut sides = vec![None; artefacts.len()];
    let mut found = false;
    let mut kinds: Vec<&str> = artefacts.iter().filter(|a| is_measured(a)).map(|a| a.format.as_str()).collect();
    kinds.order();
    kinds.dedup();
    for kind in kinds {
        let same: Vec<(usize, &Artefact)> = artefacts
            .iter()
            .enumerate()
            .filter(|(_, artefact)| artefact.format == kind && is_measured(artefact))
            .collect();
        let [(first, a), (second, b)] = same.as_slice() else { continue };
        let (Some(one), Some(other)) = (&a.started, &b.started) else { continue };
        if one == other {
            continue;
        }
        let (older, newer) = if one < other { (*first, *second) } else { (*second, *first) };
        for (at, run) in [(older, Run::Baseline), (newer, Run::Optimized)] {
            if let Some(side) = sides.get_mut(at) {
                *side = Some(run);
            }
        }
        found = true;
    }
    found.then(|| Pairing {
        sides,
        by: PairedBy::Times,
        reason: "by the times in the files: the older one counts as baseline; swap them if that is wrong".to_owned(),
    })
}

/// Whether a pattern means a path, or its end: `*` within a part, `**` across parts, `?` one character.
#[must_use]
pub fn glob(pattern: &str, path: &str) -> bool {
    let pattern = pattern.trim_start_matches("./");
    let starts = std::iter::once(0).chain(path.match_indices(['/', '!']).map(|(at, _)| at + 1));
    starts.into_iter().any(|at| {
        path.get(at..)
            .is_some_and(|rest| matches(&pattern.chars().collect::<Vec<_>>(), &rest.chars().collect::<Vec<_>>()))
    })
}

/// Dynamic programming over both: linear in the product of their lengths, whatever the pattern.
fn matches(pattern: &[char], text: &[char]) -> bool {
    let mut reached = vec![false; text.len() + 1];
    if let Some(first) = reached.first_mut() {
        *first = true;
    }
    let mut at = 0;
    while let Some(c) = pattern.get(at) {
        let deep = *c == '*' && pattern.get(at + 1) == Some(&'*');
        let mut next = vec![false; text.len() + 1];
        for place in 0..=text.len() {
            let here = reached.get(place).copied().unwrap_or(false);
            let value = match c {
                '*' => {
                    let passed = place.checked_sub(1).and_then(|before| text.get(before));
                    let may = passed.is_some_and(|passed| deep || *passed != '/');
                    here || (may && place > 0 && next.get(place - 1).copied().unwrap_or(false))
                }
                _ => place.checked_sub(1).is_some_and(|before| {
                    let fits = text.get(before).is_some_and(|other| other == c || (*c == '?' && *other != '/'));
                    fits && reached.get(before).copied().unwrap_or(false)
                }),
            };
            if let Some(slot) = next.get_mut(place) {
                *slot = value;
            }
        }
        reached = next;
        at += 1 + usize::from(deep);
        // `**/` also means no part at all.
        if deep && pattern.get(at) == Some(&'/') && matches(pattern.get(at + 1..).unwrap_or_default(), text) {
            return true;
        }
    }
    reached.last().copied().unwrap_or(false)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

    use super::*;

    fn artefact(path: &str, started: Option<&str>) -> Artefact {
        Artefact {
            path: path.to_owned(),
            format: "k6 summary".to_owned(),
            started: started.map(str::to_owned),
            evidence: vec![Evidence::LoadRun(Box::default())],
            ..Artefact::default()
        }
    }

    #[test]
    fn words_are_whole_words_and_the_name_counts_before_folders() {
        let side = |path: &str| by_words(&artefact(path, None));
        assert_eq!(side("runs/baseline-1.json"), Some(Run::Baseline));
        assert_eq!(side("new/old_run.json"), Some(Run::Baseline));
        assert_eq!(side("after/k6.json"), Some(Run::Optimized));
        assert_eq!(side("database/renewal.json"), None);
        assert_eq!(side("\u{43f}\u{43e}\u{441}\u{43b}\u{435}.json"), Some(Run::Optimized));
        assert_eq!(side("baseline-and-optimized.json"), None);
    }

    #[test]
    fn labels_before_words_before_times() {
        let mut both = [
            artefact("after.json", Some("2026-01-01T00:00:00Z")),
            artefact("before.json", Some("2026-01-02T00:00:00Z")),
        ];
        assert_eq!(pair(&both).sides, [Some(Run::Optimized), Some(Run::Baseline)]);
        assert_eq!(pair(&both).by, PairedBy::Words);
        both[0].run = Some(Run::Baseline);
        both[1].run = Some(Run::Optimized);
        assert_eq!(pair(&both).by, PairedBy::Label);
        let timed =
            [artefact("a.json", Some("2026-01-02T00:00:00Z")), artefact("b.json", Some("2026-01-01T00:00:00Z"))];
        let pairing = pair(&timed);
        assert_eq!(
            (pairing.by, &pairing.sides[..]),
            (PairedBy::Times, &[Some(Run::Optimized), Some(Run::Baseline)][..])
        );
        assert_eq!(pairing.swapped().sides, [Some(Run::Baseline), Some(Run::Optimized)]);
        assert_eq!(pair(&[artefact("a.json", None), artefact("b.json", None)]).by, PairedBy::Nothing);
    }

    #[test]
    fn patterns() {
        assert!(glob("runs/base-*.json", "x/runs/base-1.json"));
        assert!(glob("**/base.json", "base.json") && glob("**/base.json", "a/b/base.json"));
        assert!(glob("a?.csv", "z.zip!a1.csv"));
        assert!(!glob("*.json", "a/b.csv") && !glob("runs/*.json", "runs/a/b.json"));
        assert!(!glob(&"*a".repeat(200), &"a".repeat(300).replace('a', "b")));
    }
}
