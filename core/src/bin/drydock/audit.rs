//! `drydock audit`: opens the input, plans, runs the pool, delivers the report, judges the gates.

use crate::args::{Audit, Format};
use crate::input::{Input, Reader};
use crate::pool::{self, Job};
use crate::{Exit, commit, evidence, output};
use drydock_core::audit::AuditSettings;
use drydock_core::audit::baseline::compare;
use drydock_core::audit::score::tenths;
use drydock_core::evidence::moment;
use drydock_core::facade::performance::{Gathered, asked_by};
use drydock_core::intake::{Plan, prepare};
use drydock_core::report::model::{BaselineState, CategoryState, Finding, Report, Verdict};
use drydock_core::report::read::read;
use drydock_core::source::text;
use drydock_core::words::counted;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read, Write};
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

/// The word that stands for the evidence inside the project; a file of that name is `./auto`.
const AUTO: &str = "auto";

/// Audits and says how it ended.
pub(crate) fn run(options: &Audit) -> Result<Exit, String> {
    let input = Input::open_in(&options.path, options.project.as_deref())?;
    let jobs = options.jobs.unwrap_or_else(cores);
    let mut reader = input.reader()?;
    let (settings, mut plan) = prepare(&input.listing, jobs as usize, |entry| reader.read(entry));
    if let Some(error) = &plan.over_limit {
        return Err(format!("{error} {}.", error.action()));
    }
    plan.notices.extend(plan.no_code());
    let date = options.date.clone().unwrap_or_else(today);
    let mut audit_settings = AuditSettings::new(&settings, &options.only);
    audit_settings.changed = options.changed.as_deref().map(changed_files).transpose()?;
    // Before the work: a baseline that cannot be read should not cost an audit.
    let baseline = options.baseline.as_deref().map(read_baseline).transpose()?;
    let gathered = match options.evidence.as_slice() {
        [] => None,
        paths => {
            let mut artefacts = Vec::new();
            let (inside, given): (Vec<_>, Vec<_>) = paths.iter().cloned().partition(|path| path.as_os_str() == AUTO);
            if !inside.is_empty() {
                input.evidence(&plan, &mut artefacts)?;
                if artefacts.is_empty() {
                    let _ = writeln!(std::io::stderr(), "drydock: no evidence lies in {}", options.path.display());
                }
            }
            evidence::gather(&given, None, &mut artefacts)?;
            (!artefacts.is_empty()).then(|| {
                artefacts.extend(asked_by(&settings.targets));
                Gathered::new(artefacts)
            })
        }
    };
    let mut audited = pool::run(&Job {
        input: &input,
        plan: &plan,
        settings: audit_settings,
        only: &options.only,
        date: &date,
        jobs,
        evidence: gathered.as_ref(),
    })?;
    if let Some(baseline) = &baseline {
        compare(&mut audited.report, baseline);
    }
    let commit = commit::short_hash(&options.path, input.listing.comment.as_deref());
    let texts = if options.format == Format::Text {
        source_texts(&audited.report, &input, &plan, &mut reader)
    } else {
        BTreeMap::new()
    };
    output::deliver(options, &audited.report, &texts, commit.as_deref())?;
    let partial = audited.partial || input.listing.partial.is_some();
    Ok(gates(options, &audited.report, partial))
}

fn read_baseline(path: &Path) -> Result<Report, String> {
    let bytes = std::fs::read(path).map_err(|error| format!("{} cannot be read: {error}", path.display()))?;
    read(&bytes).map_err(|problem| format!("{}: {problem}", path.display()))
}

/// Paths of a list, one a line; `-` is standard input.
fn changed_files(path: &Path) -> Result<BTreeSet<String>, String> {
    let text = if path.as_os_str() == "-" {
        let mut text = String::new();
        std::io::stdin()
            .read_to_string(&mut text)
            .map_err(|error| format!("standard input cannot be read: {error}"))?;
        text
    } else {
        std::fs::read_to_string(path).map_err(|error| format!("{} cannot be read: {error}", path.display()))?
    };
    let clean = |line: &str| line.trim().trim_start_matches("./").replace('\\', "/");
    Ok(text.lines().map(clean).filter(|line| !line.is_empty()).collect())
}

/// Texts of the files that counted findings point to, for code frames.
fn source_texts(report: &Report, input: &Input, plan: &Plan, reader: &mut Reader<'_>) -> BTreeMap<String, String> {
    let mut texts = BTreeMap::new();
    for finding in report.findings.iter().filter(|finding| finding.verdict == Verdict::Counted) {
        if texts.contains_key(&finding.path) {
            continue;
        }
        let file = plan.files.binary_search_by(|file| file.path.as_str().cmp(&finding.path)).ok();
        let entry = file.and_then(|at| plan.files.get(at)).and_then(|file| input.entry(file.entry));
        // A frame that cannot be shown is left out.
        let Some(Ok(bytes)) = entry.map(|entry| reader.read(entry)) else { continue };
        if let Ok(decoded) = text::decode(&bytes) {
            texts.insert(finding.path.clone(), decoded.text.into_owned());
        }
    }
    texts
}

/// A partial report never passes a gate; what is missing is said.
fn gates(options: &Audit, report: &Report, partial: bool) -> Exit {
    let mut err = std::io::stderr();
    let mut say = |text: String| {
        let _ = writeln!(err, "drydock: {text}");
    };
    for category in &report.categories {
        if let CategoryState::Error(reason) = &category.status {
            say(format!("{} failed: {reason}", category.category.title()));
        }
    }
    if partial {
        say("the report is incomplete".to_owned());
        return Exit::Incomplete;
    }
    let mut exit = Exit::Done;
    if let (Some(least), Some(score)) = (options.fail_under, report.overall.score_tenths)
        && score < least
    {
        say(format!("gate failed: the score {} is below {}", tenths(score), tenths(least)));
        exit = Exit::Gate;
    }
    if let Some(limit) = options.fail_on {
        // What a baseline knows does not fail a build: that is how a gate is taken up.
        let new = report.comparison.is_some();
        let bad = |found: &&Finding| {
            found.verdict == Verdict::Counted
                && found.severity <= limit
                && (!new || found.baseline == Some(BaselineState::New))
        };
        let count = report.findings.iter().filter(bad).count();
        if count > 0 {
            let (one, many) = if new { ("new finding", "new findings") } else { ("finding", "findings") };
            let findings = counted(count as u64, one, many);
            say(format!("gate failed: {findings} of severity {} or worse", limit.word()));
            exit = Exit::Gate;
        }
    }
    exit
}

pub(crate) fn cores() -> u32 {
    std::thread::available_parallelism().map_or(1, |cores| u32::try_from(cores.get()).unwrap_or(1).min(16))
}

/// Today in UTC.
pub(crate) fn today() -> String {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    moment::show_day(i64::try_from(seconds / 86_400).unwrap_or_default())
}
