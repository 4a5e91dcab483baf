//! The page without an engine, for work on its looks: `?screen=` chooses what it shows. Never shipped.

use drydock_core::report::model::{Category, CategoryState, Confidence, Counts, Report, Severity, Verdict};
use drydock_web::platform::boot::{BootStatus, Channel, EngineState, LockState, OfflineState, take_root};
use drydock_web::platform::dom;
use drydock_web::protocol::{
    Command, Diagnostics, DotState, Event, ExportFormat, Failure, FindingPreview, LaneState, Overall, Phase,
    PlanSummary, Purpose, SourceFile, Token, TokenKind,
};
use drydock_web::state::lanes::idle_lane;
use drydock_web::state::store::{Host, Role, Store};
use drydock_web::views::App;
use leptos::mount::mount_to;
use leptos::prelude::*;

const SAMPLE: &str = include_str!("../../../tests/data/sample-report.json");

struct Preview(Store);

impl Host for Preview {
    fn read_inside(&self) {}
    fn choose_files(&self, _role: Option<Role>) {}
    fn choose_folder(&self) {}
    fn try_example(&self) {
        show(self.0);
    }
    fn cancel(&self) {
        self.0.apply(Event::Cancelled);
    }
    fn retry(&self, category: Category) {
        self.0.toast(format!("Retry {}", category.title()));
    }
    fn skip_file(&self, _category: Category) {}
    fn ask(&self, command: Command) {
        if let Command::Source { path } = command {
            self.0.apply(Event::Source(sample_source(&path)));
        }
    }
    fn export(&self, format: ExportFormat, _purpose: Purpose) {
        self.0.toast(format!("Saved {}", format.file_name()));
    }
    fn dismiss(&self) {}
    fn stop_comparing(&self) {}
    fn swap_runs(&self) {}
    fn set_target(&self, _scope: &str, _metric: &str, _target: &str) {}
    fn forget_evidence(&self) {}
    fn write_load_tests(&self) {}
    fn close(&self) {}
    fn accept_pending(&self, _role: Role) {}
    fn accept_pair(&self, _earlier: usize) {}
    fn compare_versions(&self) {}
}

fn main() {
    let Some(root) = take_root() else { return };
    mount_to(root, || {
        let store = Store::new();
        store.connect(Preview(store));
        store.boot.set(boot());
        let screen = dom::query("screen").unwrap_or_default();
        match screen.as_str() {
            "progress" => progress(store, false),
            "stalled" => progress(store, true),
            "failed" => store.apply(Event::Failed(Failure {
                title: "The zip is cut short or damaged at entry 212 (src/app.py)".to_owned(),
                why: "Its directory names 431 files; the data of the 212th ends too early.".to_owned(),
                action: "Download or pack it again, or unzip it and drop the folder.".to_owned(),
                details: "entry 212: unexpected end of file at byte 18,220,113".to_owned(),
            })),
            "report" | "big" | "clean" | "empty" | "partial" | "saved" => show_kind(store, &screen),
            _ => {}
        }
        view! { <App store=store /> }
    })
    .forget();
}

fn boot() -> BootStatus {
    let names = ["fetch", "image", "script", "stylesheet", "import", "worker", "WebSocket", "beacon", "importScripts"];
    let channels = names
        .iter()
        .map(|name| Channel { name: (*name).to_owned(), blocked: true, detail: "connect-src".to_owned() })
        .collect();
    BootStatus {
        engine: EngineState::Ready,
        lock: LockState::Tested {
            at: "14:02".to_owned(),
            channels,
            policy: "default-src 'none'; script-src blob: 'wasm-unsafe-eval'; worker-src blob:; connect-src 'none'"
                .to_owned(),
        },
        offline: OfflineState::Ready,
    }
}

fn sample() -> Option<Report> {
    serde_json::from_str(SAMPLE).ok()
}

fn show(store: Store) {
    if let Some(report) = sample() {
        store.begin("sample");
        store.show(report, false, false, Diagnostics::default());
    }
}

fn show_kind(store: Store, kind: &str) {
    let Some(mut report) = sample() else { return };
    match kind {
        "big" => {
            let some = report.findings.clone();
            report.findings = some.iter().cycle().take(10_000).cloned().collect();
            for (at, finding) in report.findings.iter_mut().enumerate() {
                finding.line = u32::try_from(at % 997).unwrap_or(0) + 1;
                finding.fingerprint = format!("{at:08x}");
                if at % 50 == 0 {
                    finding.confidence = Confidence::Low;
                }
            }
            let files = report.coverage.files.clone();
            report.coverage.files = files.iter().cycle().take(6_000).cloned().collect();
            for (at, file) in report.coverage.files.iter_mut().enumerate() {
                if at >= files.len() {
                    file.path = format!("{}_{at}.py", file.path.trim_end_matches(".py"));
                }
            }
        }
        "clean" | "empty" => {
            report.findings.retain(|finding| finding.verdict != Verdict::Counted);
            report.overall.counts = Counts::default();
            report.overall.penalty_tenths = 0;
            let clean = kind == "clean";
            report.overall.score_tenths = clean.then_some(100);
            report.overall.band = clean.then_some(drydock_core::report::model::Band::NoIssues);
            for score in &mut report.categories {
                score.counts = Counts::default();
                score.penalty_tenths = 0;
                score.score_tenths = report.overall.score_tenths;
                score.band = report.overall.band;
                if !clean {
                    score.status =
                        CategoryState::NotApplicable("No query, transaction or session was found".to_owned());
                }
            }
            if !clean {
                report.findings.clear();
            }
        }
        "partial" => {
            if let Some(score) = report.categories.get_mut(2) {
                score.status = CategoryState::Error("out of memory at app/data/big.py".to_owned());
                score.score_tenths = None;
                score.band = None;
            }
        }
        _ => {}
    }
    store.begin("sample");
    store.show(report, kind == "partial", kind == "saved", Diagnostics::default());
}

fn progress(store: Store, stalled: bool) {
    store.begin("orders-service");
    store.apply(Event::Phase(Phase::Audit));
    store.apply(Event::Planned(PlanSummary {
        project: "orders-service".to_owned(),
        files: 412,
        bytes: 3_100_000,
        skipped: 19,
        languages: vec![("Python".to_owned(), 398), ("SQL".to_owned(), 14)],
        likely: 0,
        root: None,
    }));
    store.apply(Event::Progress(Overall {
        fraction: 0.63,
        files_done: 412,
        files_total: 412,
        bytes_done: 3_100_000,
        bytes_total: 3_100_000,
        elapsed_ms: 2_300,
        eta_ms: Some(1_400),
    }));
    let states = [
        LaneState::Auditing,
        LaneState::Done,
        if stalled { LaneState::Indexing } else { LaneState::WaitingForIndex },
        LaneState::Failed(
            "The worker stopped (out of memory) while reading app/data/big.py. The other three go on.".to_owned(),
        ),
    ];
    for (category, state) in Category::ALL.into_iter().zip(states) {
        let mut lane = idle_lane(category);
        lane.files_total = 103;
        lane.files_done = if state == LaneState::Indexing { 71 } else { 103 };
        lane.elapsed_ms = 1_250;
        for (at, dot) in lane.checks.iter_mut().enumerate() {
            dot.state = match (&state, at) {
                (LaneState::Done, 0) | (LaneState::Auditing, 1) => DotState::Found,
                (LaneState::Done, 1) => DotState::Skipped,
                (LaneState::Done, _) | (LaneState::Auditing, 0) => DotState::Passed,
                (LaneState::Auditing, 2) => DotState::Running,
                (LaneState::Failed(_), _) => DotState::Failed,
                _ => DotState::Waiting,
            };
        }
        if state == LaneState::Done {
            lane.findings = Counts { critical: 2, high: 2, medium: 1, low: 0 };
        }
        if matches!(state, LaneState::Auditing | LaneState::Indexing) {
            lane.current_file =
                Some("services/orders/application/handlers/list_orders_with_customer_names.py".to_owned());
        }
        lane.state = state;
        store.apply(Event::Lane(lane));
    }
    if stalled {
        store.apply(Event::Stalled {
            category: Category::RuntimePerformance,
            path: "services/orders/generated/huge_table.py".to_owned(),
        });
    }
    let previews = sample()
        .map(|report| report.findings)
        .unwrap_or_default()
        .into_iter()
        .filter(|finding| finding.severity != Severity::Low)
        .take(6)
        .map(|finding| FindingPreview {
            check: finding.check,
            category: finding.category,
            severity: finding.severity,
            title: finding.title,
            path: finding.path,
            line: finding.line,
        })
        .collect();
    store.apply(Event::Findings(previews));
}

/// Code that looks like code, long enough to scroll.
fn sample_source(path: &str) -> SourceFile {
    let block = "@router.get(\"/orders\")\nasync def list_orders(session: Session = Depends(get_session)):\n    \"\"\"All open orders, newest first.\"\"\"\n    orders = session.scalars(select(Order).limit(100)).all()\n    result = []\n    for order in orders:  # one by one\n        customer = session.get(Customer, order.customer_id)\n        result.append({\"id\": order.id, \"customer\": customer.name})\n    return result\n\n\n";
    let text = format!("\"\"\"{path}\"\"\"\nfrom app.core.db import get_session\n\n{}", block.repeat(60));
    let mut tokens = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        for (word, kind) in [
            ("async def", TokenKind::Keyword),
            ("for ", TokenKind::Keyword),
            (" in ", TokenKind::Keyword),
            ("return", TokenKind::Keyword),
            ("from ", TokenKind::Keyword),
            ("import", TokenKind::Keyword),
            ("list_orders", TokenKind::Definition),
            ("@router.get", TokenKind::Decorator),
            ("\"/orders\"", TokenKind::String),
            ("\"id\"", TokenKind::String),
            ("100", TokenKind::Number),
            ("# one by one", TokenKind::Comment),
        ] {
            if let Some(found) = line.find(word) {
                let start = u32::try_from(at + found).unwrap_or(0);
                tokens.push(Token { start, end: start + u32::try_from(word.len()).unwrap_or(0), kind });
            }
        }
        at += line.len();
    }
    tokens.sort_by_key(|token| token.start);
    SourceFile { path: path.to_owned(), text: Some(text), tokens, problem: None }
}
