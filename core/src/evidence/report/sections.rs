//! Which figure, finding and run belongs to which endpoint or component.

use super::Inputs;
use super::figures::{needed, target_row};
use crate::evidence::code::Site;
use crate::evidence::compare::Change;
use crate::evidence::endpoints::Endpoint;
use crate::evidence::joins::{Places, Queries, Routes};
use crate::evidence::model::targets::{Metric, Scope};
use crate::evidence::model::{Artefact, Evidence, Run};
use crate::evidence::routes;
use crate::evidence::rules::databases::proposals;
use crate::evidence::rules::figures::percent;
use crate::evidence::rules::{Kind, Observation, Subject};
use crate::order::InOrder as _;
use crate::report::model::performance::{Benchmark, CodePlace, Join, ProfilingFinding, Section, TargetStatus};
use crate::report::model::{Effort, Finding};
use crate::words::counted;
use std::collections::BTreeMap;

/// A section in the making.
pub(super) struct Draft {
    pub(super) section: Section,
    /// The endpoint that it is about.
    pub(super) endpoint: Option<Endpoint>,
    /// Effort of each finding.
    pub(super) efforts: Vec<Effort>,
    /// Kinds of each finding.
    pub(super) kinds: Vec<Kind>,
    /// Latencies that miss their target: name, and how far they have to come down.
    pub(super) needed: Vec<(String, f64)>,
    /// Targets that are missed, each counted by its weight.
    missed: f64,
    /// Whether each finding was seen before the change only: it may be mended already.
    pub(super) before: Vec<bool>,
    /// Indexes to create: what to do, and the part of the plans' time that it removes.
    pub(super) indexes: Vec<(String, Option<f64>)>,
}

/// Order of components behind the endpoints.
const ALL_REQUESTS: &str = "All requests";
const DATABASE: &str = "Database";
const APPLICATION: &str = "Application";

pub(super) struct Sections<'a> {
    inputs: &'a Inputs<'a>,
    joins: Option<(Places<'a>, Queries<'a>, Routes<'a>)>,
    drafts: BTreeMap<String, Draft>,
    unmatched: Vec<String>,
}

impl<'a> Sections<'a> {
    pub(super) fn new(inputs: &'a Inputs<'a>) -> Self {
        let joins = inputs.index.map(|index| (Places::new(index), Queries::new(index), Routes::new(index)));
        Self { inputs, joins, drafts: BTreeMap::new(), unmatched: Vec::new() }
    }

    fn draft(&mut self, title: &str, endpoint: Option<&Endpoint>) -> &mut Draft {
        self.drafts.entry(title.to_owned()).or_insert_with(|| Draft {
            section: Section {
                title: title.to_owned(),
                place: endpoint.map(|endpoint| format!("{}:{} {}", endpoint.file, endpoint.line, endpoint.handler)),
                ..Section::default()
            },
            endpoint: endpoint.cloned(),
            efforts: Vec::new(),
            kinds: Vec::new(),
            needed: Vec::new(),
            missed: 0.0,
            before: Vec::new(),
            indexes: Vec::new(),
        })
    }

    /// The endpoint of a route, by its name in the code's table; a route that is not in it is noted.
    fn route(&mut self, method: &str, name: &str) -> (String, Option<Endpoint>) {
        let shown = if method.is_empty() { name.to_owned() } else { format!("{method} {}", routes::path(name)) };
        let Some((_, _, table)) = &self.joins else { return (shown, None) };
        match table.find(method, name) {
            Some((endpoint, _)) => (endpoint.name(), Some(endpoint.clone())),
            None => {
                self.unmatched.push(format!("No route of the code matches `{shown}`"));
                (shown, None)
            }
        }
    }

    /// Targets and figures.
    pub(super) fn targets(&mut self) {
        let figures = self.inputs.figures;
        let asked: Vec<&Scope> =
            figures.sheet.rows.iter().filter(|row| row.target.is_some()).map(|row| &row.scope).collect();
        for row in &figures.sheet.rows {
            let (title, endpoint) = match (&row.scope, row.metric) {
                (_, metric) if part(metric) == Part::Database => (DATABASE.to_owned(), None),
                (_, metric) if part(metric) == Part::Application => (APPLICATION.to_owned(), None),
                (Scope::Page { path }, _) => (format!("Page {path}"), None),
                (Scope::All, Metric::Web(_)) => ("Pages".to_owned(), None),
                (Scope::Route { method, path }, _) => {
                    let found = self.route(method, path);
                    // Routes that nobody asks anything of stand in one table.
                    if asked.contains(&&row.scope) { found } else { (ALL_REQUESTS.to_owned(), None) }
                }
                (Scope::Query { .. }, _) => (DATABASE.to_owned(), None),
                (Scope::All, _) => (ALL_REQUESTS.to_owned(), None),
            };
            let line = target_row(figures, row);
            let draft = self.draft(&title, endpoint.as_ref());
            if let Some(share) = needed(row) {
                draft.needed.push((format!("{} of {}", line.metric, line.scope), share));
            }
            if line.status == TargetStatus::Fail {
                draft.missed += row.target.as_ref().and_then(|target| target.weight).unwrap_or(1.0);
            }
            draft.section.targets.push(line);
        }
    }

    /// What rules saw.
    pub(super) fn observations(&mut self) {
        for observation in self.inputs.observations {
            let (title, endpoint, place) = self.home(observation);
            let before = self.is_before(observation.artefact);
            let finding = self.finding(observation, place, before);
            let draft = self.draft(&title, endpoint.as_ref());
            draft.section.findings.push(finding);
            draft.efforts.push(observation.effort);
            draft.kinds.push(observation.kind);
            draft.before.push(before);
        }
    }

    /// Whether a file belongs to the run before a change that was measured too.
    fn is_before(&self, artefact: usize) -> bool {
        let side = self.inputs.figures.pairing.sides.get(artefact).copied().flatten();
        self.inputs.figures.has_both() && side == Some(Run::Baseline)
    }

    /// The section of an observation, and its place.
    fn home(&mut self, observation: &Observation) -> (String, Option<Endpoint>, Option<CodePlace>) {
        match &observation.subject {
            Subject::Route { method, path } if !path.is_empty() => {
                let (title, endpoint) = self.route(method, path);
                let place = endpoint.as_ref().map(|endpoint| place_of(endpoint, Join::Exact));
                (title, endpoint, place)
            }
            Subject::Route { .. } => (ALL_REQUESTS.to_owned(), None, None),
            Subject::Page { path } => (format!("Page {path}"), None, None),
            Subject::Process if observation.kind == Kind::LoadBehaviour => (ALL_REQUESTS.to_owned(), None, None),
            Subject::Process => (APPLICATION.to_owned(), None, None),
            Subject::Code { path, line, function } => {
                let place = self.joins.as_ref().and_then(|(places, ..)| places.place(path, *line, function));
                let endpoint = place.as_ref().and_then(|place| self.handler(&place.path, place.line));
                match endpoint {
                    Some(endpoint) => (endpoint.name(), Some(endpoint), place),
                    None => (APPLICATION.to_owned(), None, place),
                }
            }
            // A plan without its query.
            Subject::Query { fingerprint, .. } if fingerprint.is_empty() => (DATABASE.to_owned(), None, None),
            Subject::Query { fingerprint, text } => {
                let Some((_, queries, _)) = &self.joins else { return (DATABASE.to_owned(), None, None) };
                let found = queries.find(fingerprint, text);
                let Some(found) = found else {
                    let short = crate::evidence::sql::line(fingerprint, 80);
                    self.unmatched.push(format!("No query of the code matches `{short}`"));
                    return (DATABASE.to_owned(), None, None);
                };
                let [site] = found.sites.as_slice() else { return (DATABASE.to_owned(), None, None) };
                let place = self.at(site, found.join);
                let endpoint = place.as_ref().and_then(|place| self.handler(&place.path, place.line));
                match endpoint.filter(|_| found.join != Join::Hint) {
                    Some(endpoint) => (endpoint.name(), Some(endpoint), place),
                    None => (DATABASE.to_owned(), None, place),
                }
            }
        }
    }

    fn at(&self, site: &Site, join: Join) -> Option<CodePlace> {
        let index = self.inputs.index?;
        Some(CodePlace { path: index.path(site.file).to_owned(), line: site.line, symbol: site.symbol.clone(), join })
    }

    /// The endpoint whose handler holds a line.
    fn handler(&self, path: &str, line: u32) -> Option<Endpoint> {
        let holds = |endpoint: &&Endpoint| endpoint.file == path && endpoint.line <= line && line <= endpoint.end_line;
        self.inputs.index?.endpoints.iter().find(holds).cloned()
    }

    fn finding(&self, observation: &Observation, place: Option<CodePlace>, before: bool) -> ProfilingFinding {
        let file = self.inputs.artefacts.get(observation.artefact).map_or("", |artefact| artefact.path.as_str());
        // A fix removes no more than the share that was measured (Amdahl).
        let removes = observation
            .share
            .zip(observation.removable)
            .map(|(share, part)| share.clamp(0.0, 1.0) * part.clamp(0.0, 1.0));
        let impact = match removes {
            Some(removes) => format!("removes about {} of the measured time (estimate)", percent(removes)),
            None => "not measured: no figure says what it would bring".to_owned(),
        };
        let confirms = place.as_ref().map(|place| self.confirmed(place)).unwrap_or_default();
        ProfilingFinding {
            rule: observation.rule.clone(),
            kind: observation.kind.words().to_owned(),
            title: observation.title.clone(),
            severity: observation.severity,
            place,
            evidence: evidence(&observation.measured, file, before),
            share: observation.share,
            removes,
            fix: observation.fix.clone(),
            guard: observation.guard.clone(),
            impact,
            confirms,
        }
    }

    /// Findings of the audit at a place.
    fn confirmed(&self, place: &CodePlace) -> Vec<(String, String)> {
        if place.join == Join::Hint {
            return Vec::new();
        }
        let there = |finding: &&Finding| {
            let own = finding.path == place.path
                && (finding.symbol == place.symbol
                    || (finding.line <= place.line && place.line <= finding.end_line.max(finding.line)));
            own || finding.steps.iter().any(|step| step.path == place.path && step.line == place.line)
        };
        self.inputs.findings.iter().filter(there).map(|f| (f.check.clone(), f.fingerprint.clone())).collect()
    }

    /// Indexes that the plans call for and the code's schema does not have.
    pub(super) fn indexes(&mut self) {
        let mut known: BTreeMap<String, Vec<Vec<String>>> = BTreeMap::new();
        for table in self.inputs.index.map_or(&[][..], |index| index.tables.as_slice()) {
            known.insert(table.name.clone(), table.indexes.iter().map(|index| index.columns.clone()).collect());
        }
        let later: Vec<Artefact> = self
            .inputs
            .artefacts
            .iter()
            .enumerate()
            .filter(|(at, _)| !self.is_before(*at))
            .map(|(_, artefact)| artefact.clone())
            .collect();
        let whole: f64 = later
            .iter()
            .flat_map(|artefact| &artefact.evidence)
            .filter_map(|evidence| match evidence {
                Evidence::Plan(plan) => plan.total_ms(),
                _ => None,
            })
            .sum();
        for proposal in proposals(&later, &known) {
            let removes = proposal.gain_ms.filter(|_| whole > 0.0).map(|gain| (gain / whole).clamp(0.0, 1.0));
            let saves = proposal.gain_ms.map(|gain| format!(": saves about {gain:.0} ms of the plans seen (estimate)"));
            let text = format!("Create the index with `{}`{}", proposal.ddl(), saves.unwrap_or_default());
            self.draft(DATABASE, None).indexes.push((text, removes));
        }
    }

    /// Both runs side by side.
    pub(super) fn benchmarks(&mut self) {
        let figures = self.inputs.figures;
        if !figures.has_both() {
            return;
        }
        let mut homes: Vec<(Scope, Part)> = Vec::new();
        for change in &figures.comparison.changes {
            let home = (change.scope.clone(), part(change.metric));
            if !homes.contains(&home) {
                homes.push(home);
            }
        }
        let command = self.command();
        for (scope, kind) in homes {
            let (title, endpoint) = match (&scope, kind) {
                (Scope::Query { .. }, _) | (_, Part::Database) => (DATABASE.to_owned(), None),
                (_, Part::Application) => (APPLICATION.to_owned(), None),
                (Scope::All, _) => (ALL_REQUESTS.to_owned(), None),
                (Scope::Page { path }, _) => (format!("Page {path}"), None),
                (Scope::Route { method, path }, _) => self.route(method, path),
            };
            let here = |change: &Change| change.scope == scope && part(change.metric) == kind;
            let pages = matches!(scope, Scope::Page { .. });
            let (rows, notes, not_comparable) = (figures.rows(&here), figures.notes(&here), figures.violations(pages));
            let command = command.clone();
            let draft = self.draft(&title, endpoint.as_ref());
            let benchmark = draft.section.benchmark.get_or_insert_with(Benchmark::default);
            benchmark.command = command;
            benchmark.rows.extend(rows);
            benchmark.notes.extend(notes);
            benchmark.not_comparable = not_comparable;
        }
    }

    /// How the runs were made, as far as the files say.
    fn command(&self) -> Option<String> {
        let mut commands: Vec<&str> = Vec::new();
        for command in self.inputs.artefacts.iter().filter_map(|artefact| artefact.command.as_deref()) {
            if !commands.contains(&command) {
                commands.push(command);
            }
        }
        (!commands.is_empty()).then(|| commands.join("\n"))
    }

    /// Sections, the worst first, and what was not matched.
    pub(super) fn finish(self) -> (Vec<Draft>, Vec<String>) {
        let mut drafts: Vec<Draft> = self.drafts.into_values().collect();
        for draft in &mut drafts {
            sort_findings(draft);
        }
        drafts.order_by(|a, b| {
            let rank = |draft: &Draft| {
                let share = draft.section.findings.iter().filter_map(|finding| finding.removes).fold(0.0, f64::max);
                (draft.missed, share, draft.section.findings.len())
            };
            let ((missed_a, share_a, count_a), (missed_b, share_b, count_b)) = (rank(a), rank(b));
            missed_b
                .total_cmp(&missed_a)
                .then(share_b.total_cmp(&share_a))
                .then(count_b.cmp(&count_a))
                .then(a.section.title.cmp(&b.section.title))
        });
        let mut unmatched = self.unmatched;
        unmatched.order();
        unmatched.dedup();
        (drafts, unmatched)
    }
}

/// Where a metric belongs whatever its scope.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Scoped,
    Database,
    Application,
}

const fn part(metric: Metric) -> Part {
    match metric {
        Metric::DbQuery(_) | Metric::DbQueryMean | Metric::DbQueryMax => Part::Database,
        Metric::EventLoopBlock | Metric::MemoryPeak | Metric::MemoryGrowth => Part::Application,
        _ => Part::Scoped,
    }
}

/// The largest share first, then the worst; what several files of one side show stands once.
fn sort_findings(draft: &mut Draft) {
    let findings = std::mem::take(&mut draft.section.findings);
    let efforts = std::mem::take(&mut draft.efforts).into_iter();
    let facts = efforts.zip(std::mem::take(&mut draft.kinds)).zip(std::mem::take(&mut draft.before));
    let mut all: Vec<(ProfilingFinding, Effort, Kind, bool, u64)> = Vec::new();
    for (finding, ((effort, kind), before)) in findings.into_iter().zip(facts) {
        let same = |known: &&mut (ProfilingFinding, Effort, Kind, bool, u64)| {
            let other = &known.0;
            known.3 == before
                && (&other.rule, &other.title, &other.place) == (&finding.rule, &finding.title, &finding.place)
        };
        match all.iter_mut().find(same) {
            Some(known) => {
                known.4 += 1;
                if finding.share > known.0.share {
                    known.0 = finding;
                }
            }
            None => all.push((finding, effort, kind, before, 1)),
        }
    }
    all.order_by(|a, b| {
        let share = |finding: &ProfilingFinding| finding.share.unwrap_or(0.0);
        share(&b.0)
            .total_cmp(&share(&a.0))
            .then(a.0.severity.cmp(&b.0.severity))
            .then(a.0.rule.cmp(&b.0.rule))
            .then(a.0.title.cmp(&b.0.title))
    });
    for (mut finding, effort, kind, before, files) in all {
        if files > 1 {
            finding.evidence.push_str(&format!(", and {} alike", counted(files - 1, "file", "files")));
        }
        draft.section.findings.push(finding);
        draft.efforts.push(effort);
        draft.kinds.push(kind);
        draft.before.push(before);
    }
}

/// Figures with the file they come from.
fn evidence(measured: &str, file: &str, before: bool) -> String {
    let mut out = measured.to_owned();
    if !file.is_empty() {
        out.push_str(", ");
        out.push_str(file);
    }
    if before {
        out.push_str(", before the change");
    }
    out
}

fn place_of(endpoint: &Endpoint, join: Join) -> CodePlace {
    CodePlace { path: endpoint.file.clone(), line: endpoint.line, symbol: endpoint.handler.clone(), join }
}
