//! Rules of pages: the thresholds of Core Web Vitals, and what stands behind them. All figures are from the laboratory,
//! and say so.

use super::pages::Page;
use super::{Kind, Observation, Subject};
use crate::evidence::model::targets::{Metric, WebMetric};
use crate::evidence::model::web::{Culprit, CulpritKind, WebMode, WebRun};
use crate::evidence::model::{Artefact, Evidence};
use crate::evidence::routes;
use crate::report::model::{Effort, Severity};
use crate::words::{counted, grouped};

/// Pages of this group.
pub const PAGES: &[Page] = &[
    ("W1", include_str!("pages/W1.md")),
    ("W2", include_str!("pages/W2.md")),
    ("W3", include_str!("pages/W3.md")),
    ("W4", include_str!("pages/W4.md")),
    ("W5", include_str!("pages/W5.md")),
    ("W6", include_str!("pages/W6.md")),
    ("W7", include_str!("pages/W7.md")),
    ("W8", include_str!("pages/W8.md")),
    ("W9", include_str!("pages/W9.md")),
    ("W10", include_str!("pages/W10.md")),
    ("W11", include_str!("pages/W11.md")),
    ("W12", include_str!("pages/W12.md")),
    ("W13", include_str!("pages/W13.md")),
];

/// All rules of pages.
pub fn all(artefacts: &[Artefact]) -> Vec<Observation> {
    let mut out = Vec::new();
    for (at, artefact) in artefacts.iter().enumerate() {
        for evidence in &artefact.evidence {
            let Evidence::WebRun(run) = evidence else { continue };
            let cx = Cx { run, artefact: at };
            let found = [
                largest_paint(&cx),
                blocking(&cx),
                shift(&cx),
                interaction(&cx),
                first_paint(&cx),
                first_byte(&cx),
                cache(&cx),
                compression(&cx),
                unused(&cx),
                images(&cx),
                weight(&cx),
                collections(&cx),
                growth(&cx),
            ];
            out.extend(found.into_iter().flatten());
        }
    }
    out
}

struct Cx<'a> {
    run: &'a WebRun,
    artefact: usize,
}

impl Cx<'_> {
    fn page(&self) -> String {
        routes::path(&self.run.page).to_owned()
    }

    /// The largest culprits of a kind.
    fn culprits(&self, kind: CulpritKind) -> Vec<&Culprit> {
        self.run.culprits.iter().filter(|culprit| culprit.kind == kind).collect()
    }

    fn about(&self, rule: &str, severity: Severity, title: String, fix: &str, guard: &str) -> Observation {
        Observation {
            rule: rule.to_owned(),
            kind: Kind::WebLoading,
            title,
            subject: Subject::Page { path: self.page() },
            severity,
            measured: String::new(),
            share: None,
            removable: None,
            fix: fix.to_owned(),
            guard: Some(guard.to_owned()),
            effort: Effort::M,
            artefact: self.artefact,
        }
    }

    /// A figure with its severity when it is above what is good; the words of the figure and where it comes from.
    fn above(&self, metric: WebMetric, good: f64, poor: f64) -> Option<(Severity, String, String)> {
        let figure = self.run.figure(metric)?;
        if figure.value <= good {
            return None;
        }
        let severity = if figure.value > poor { Severity::High } else { Severity::Medium };
        let show = |value| Metric::Web(metric).show(value);
        let form = self.run.form_factor.as_deref().map(|form| format!(", {form}")).unwrap_or_default();
        let version = self.run.tool_version.as_deref().map(|version| format!(" {version}")).unwrap_or_default();
        let measured = format!(
            "{} {} ({}; good up to {}, poor above {}; {}{version}{form})",
            metric.title(),
            show(figure.value),
            figure.basis.words(),
            show(good),
            show(poor),
            self.run.tool
        );
        Some((severity, show(figure.value), measured))
    }
}

/// Path of a file, or its name when it has none.
fn file(what: &str) -> String {
    routes::path(what).to_owned()
}

fn bytes(value: f64) -> String {
    Metric::MemoryPeak.show(value)
}

fn ms(value: f64) -> String {
    Metric::LatencyMean.show(value)
}

/// `a.js 120 ms, b.js 30 ms`
fn listed(culprits: &[&Culprit], show: &dyn Fn(&Culprit) -> Option<String>) -> String {
    let shown: Vec<String> = culprits
        .iter()
        .take(3)
        .map(|culprit| match show(culprit) {
            Some(figure) => format!("{} {figure}", file(&culprit.what)),
            None => file(&culprit.what),
        })
        .collect();
    shown.join(", ")
}

/// W1: the largest paint is late.
fn largest_paint(cx: &Cx) -> Option<Observation> {
    let (severity, shown, mut measured) = cx.above(WebMetric::Lcp, 2_500.0, 4_000.0)?;
    let element = cx.culprits(CulpritKind::LcpElement);
    let fix = "Make the largest element's file known in the HTML, load it first (`fetchpriority=\"high\"`, no lazy loading) and shorten what comes before it";
    let guard = "Simulated figures are modelled from a fast load: compare them with field data before much work";
    let mut out =
        cx.about("W1", severity, format!("The main content of `{}` appears after {shown}", cx.page()), fix, guard);
    if let Some(element) = element.first() {
        measured.push_str(&format!("; {}", element.what));
        if let Some(part) = element.ms {
            measured.push_str(&format!(" {}", ms(part)));
        }
    }
    out.measured = measured;
    Some(out)
}

/// W2: scripts keep the main thread busy.
fn blocking(cx: &Cx) -> Option<Observation> {
    let (severity, shown, mut measured) = cx.above(WebMetric::Tbt, 200.0, 600.0)?;
    let scripts = cx.culprits(CulpritKind::Script);
    let named: Vec<&Culprit> = scripts.into_iter().filter(|script| script.what != "Unattributable").collect();
    let title = match named.first() {
        Some(script) => {
            format!("`{}` keeps the main thread of `{}` busy: {shown} blocked", file(&script.what), cx.page())
        }
        None => format!("The main thread of `{}` is blocked for {shown}", cx.page()),
    };
    let fix =
        "Split the work into tasks below 50 ms, load what is not needed at once later, move computing into a worker";
    let guard =
        "Splitting a task lengthens it a little; work that must be done before the page is of use gains nothing";
    let mut out = cx.about("W2", severity, title, fix, guard);
    out.kind = Kind::Blocking;
    if !named.is_empty() {
        measured.push_str(&format!("; {}", listed(&named, &|script| script.ms.map(ms))));
    }
    let all: f64 = named.iter().filter_map(|script| script.ms).sum();
    out.share = named.first().and_then(|script| script.ms).map(|first| first / all).filter(|share| share.is_finite());
    if cx.run.long_tasks.count > 0 {
        let tasks = counted(cx.run.long_tasks.count, "task", "tasks");
        measured.push_str(&format!("; {tasks} of 50 ms and more, the longest {}", ms(cx.run.long_tasks.longest_ms)));
    }
    out.measured = measured;
    Some(out)
}

/// W3: content moves.
fn shift(cx: &Cx) -> Option<Observation> {
    let (severity, shown, mut measured) = cx.above(WebMetric::Cls, 0.1, 0.25)?;
    let moved = cx.culprits(CulpritKind::LayoutShift);
    let fix = "Give images, frames and late parts their size beforehand (`width` and `height`, `min-height`), insert nothing above what is read";
    let guard = "A space that stays empty for some users is worse than a small shift";
    let mut out =
        cx.about("W3", severity, format!("Content of `{}` moves while it loads: {shown}", cx.page()), fix, guard);
    if let Some(first) = moved.first() {
        measured.push_str(&format!("; {}", first.what));
    }
    out.measured = measured;
    out.effort = Effort::S;
    Some(out)
}

/// W4: an input waits for its answer.
fn interaction(cx: &Cx) -> Option<Observation> {
    let (severity, shown, mut measured) = cx.above(WebMetric::Inp, 200.0, 500.0)?;
    let slowest = cx.run.interactions.first();
    let event = slowest.map_or("An input", |input| input.event.as_str());
    let title = format!("`{event}` on `{}` shows its effect after {shown}", cx.page());
    let title = if slowest.is_some() {
        title
    } else {
        title.replace('`', "").replacen(&cx.page(), &format!("`{}`", cx.page()), 1)
    };
    let fix = "Do in the handler only what changes the picture, the rest after the next frame; keep other tasks short";
    let guard = "A recording with few inputs shows one slow one, not the typical one";
    let mut out = cx.about("W4", severity, title, fix, guard);
    out.kind = Kind::Blocking;
    if let Some(input) = slowest {
        let part =
            |name: &str, value: Option<f64>| value.map(|value| format!("; {name} {}", ms(value))).unwrap_or_default();
        measured.push_str(&part("waiting", input.delay_ms));
        measured.push_str(&part("handlers", input.handlers_ms));
    }
    out.measured = measured;
    Some(out)
}

/// W5: nothing is shown for long.
fn first_paint(cx: &Cx) -> Option<Observation> {
    let (severity, shown, mut measured) = cx.above(WebMetric::Fcp, 1_800.0, 3_000.0)?;
    let blockers = cx.culprits(CulpritKind::RenderBlocking);
    let title = match blockers.len() {
        0 => format!("`{}` shows nothing for {shown}", cx.page()),
        count => {
            format!("`{}` shows nothing for {shown}: {} block it", cx.page(), counted(count as u64, "file", "files"))
                .replace("1 file block", "1 file blocks")
        }
    };
    let fix = "Load scripts with `defer`, put the few styles of the first view into the page and the rest behind it";
    let guard = "Styles that come late let the page flash unstyled";
    let mut out = cx.about("W5", severity, title, fix, guard);
    if !blockers.is_empty() {
        measured.push_str(&format!("; {}", listed(&blockers, &|file| file.saving_ms.map(ms))));
    }
    out.measured = measured;
    Some(out)
}

/// W6: the server answers late.
fn first_byte(cx: &Cx) -> Option<Observation> {
    let (severity, shown, measured) = cx.above(WebMetric::Ttfb, 800.0, 1_800.0)?;
    let fix = "Find out what the server does before the first byte (queries, rendering), cache the page or its parts, answer from nearer";
    let guard = "A page per user must not go into a shared cache";
    let mut out = cx.about("W6", severity, format!("The server answers `{}` after {shown}", cx.page()), fix, guard);
    out.measured = measured;
    Some(out)
}

/// Adds up savings.
fn saved(culprits: &[&Culprit]) -> f64 {
    culprits.iter().filter_map(|culprit| culprit.saving_bytes).sum()
}

/// W7: files are fetched again although they could be kept.
fn cache(cx: &Cx) -> Option<Observation> {
    const WEEK: f64 = 7.0 * 86_400.0;
    let short: Vec<&Culprit> = cx
        .culprits(CulpritKind::Cache)
        .into_iter()
        .filter(|file| file.cache_s.is_none_or(|seconds| seconds < WEEK) && file.bytes.is_some())
        .collect();
    let size: f64 = short.iter().filter_map(|file| file.bytes).sum();
    if size < 20_000.0 {
        return None;
    }
    let files = counted(short.len() as u64, "file", "files");
    let title = format!("{files} of `{}` may be kept for less than a week: {} fetched again", cx.page(), bytes(size));
    let fix = "Serve files whose names carry a hash with `Cache-Control: public, max-age=31536000, immutable`, others with a validator";
    let guard = "Without a new name for every version, users keep old files";
    let severity = if size >= 500_000.0 { Severity::Medium } else { Severity::Low };
    let mut out = cx.about("W7", severity, title, fix, guard);
    out.kind = Kind::Configuration;
    out.measured = format!("{} ({})", listed(&short, &|file| file.bytes.map(bytes)), cx.run.tool);
    out.effort = Effort::S;
    Some(out)
}

/// W8: text goes uncompressed.
fn compression(cx: &Cx) -> Option<Observation> {
    let found = cx.culprits(CulpritKind::Compression);
    let size = saved(&found);
    if size < 10_000.0 {
        return None;
    }
    let files = counted(found.len() as u64, "answer", "answers");
    let title = format!("{files} of `{}` without compression: {} could be saved", cx.page(), bytes(size));
    let fix = "Turn on Brotli or gzip for text in the web server or proxy, or compress files when they are built";
    let guard = "Answers that mix secrets with input of others must not be compressed (BREACH)";
    let severity = if size >= 150_000.0 { Severity::Medium } else { Severity::Low };
    let mut out = cx.about("W8", severity, title, fix, guard);
    out.kind = Kind::Configuration;
    out.measured = format!("{} ({})", listed(&found, &|file| file.saving_bytes.map(bytes)), cx.run.tool);
    out.effort = Effort::S;
    Some(out)
}

/// W9: code is sent that never runs.
fn unused(cx: &Cx) -> Option<Observation> {
    let found = cx.culprits(CulpritKind::UnusedCode);
    let size = saved(&found);
    let first = found.first()?;
    if size < 50_000.0 {
        return None;
    }
    let title = format!(
        "`{}` loads {} of code that does not run, most of it in `{}`",
        cx.page(),
        bytes(size),
        file(&first.what)
    );
    let fix = "Split the bundle by route, load what is needed later on demand, remove what nobody uses";
    let guard = "Code for later views counts as unused here: splitting, not removing, is right for it";
    let severity = if size >= 250_000.0 { Severity::Medium } else { Severity::Low };
    let mut out = cx.about("W9", severity, title, fix, guard);
    out.kind = Kind::LargePayload;
    out.measured = format!("{} ({})", listed(&found, &|file| file.saving_bytes.map(bytes)), cx.run.tool);
    Some(out)
}

/// W10: pictures are larger than they need to be.
fn images(cx: &Cx) -> Option<Observation> {
    let found = cx.culprits(CulpritKind::Image);
    // One picture may be named by several audits: its largest saving counts.
    let mut best: Vec<&Culprit> = Vec::new();
    for image in found {
        match best.iter_mut().find(|other| other.what == image.what) {
            Some(other) if image.saving_bytes > other.saving_bytes => *other = image,
            Some(_) => {}
            None => best.push(image),
        }
    }
    let size = saved(&best);
    if size < 50_000.0 {
        return None;
    }
    let images = counted(best.len() as u64, "picture", "pictures");
    let title = format!("{images} of `{}` could be {} smaller", cx.page(), bytes(size));
    let fix = "Serve WebP or AVIF in the size that is shown (`srcset`), load what is below the fold lazily";
    let guard = "The picture that is the largest paint must not be loaded lazily";
    let severity = if size >= 500_000.0 { Severity::Medium } else { Severity::Low };
    let mut out = cx.about("W10", severity, title, fix, guard);
    out.kind = Kind::LargePayload;
    out.measured = format!("{} ({})", listed(&best, &|image| image.saving_bytes.map(bytes)), cx.run.tool);
    Some(out)
}

/// W11: the whole page is heavy.
fn weight(cx: &Cx) -> Option<Observation> {
    let figure = cx.run.figure(WebMetric::Bytes)?;
    // 2,667 KiB and 4,000 KiB: where Lighthouse's score falls to 0.9 and 0.5.
    if figure.value < 2_667.0 * 1024.0 {
        return None;
    }
    let severity = if figure.value >= 4_000.0 * 1024.0 { Severity::Medium } else { Severity::Low };
    let found = cx.culprits(CulpritKind::Weight);
    let fix = "Start with the largest files: split, compress, resize, or leave them out of the first view";
    let guard = "What the user came for (a video, a map) is not the waste";
    let mut out = cx.about("W11", severity, format!("`{}` weighs {}", cx.page(), bytes(figure.value)), fix, guard);
    out.kind = Kind::LargePayload;
    out.measured = format!("{} ({})", listed(&found, &|file| file.bytes.map(bytes)), cx.run.tool);
    Some(out)
}

/// W12: garbage collection stops the main thread.
fn collections(cx: &Cx) -> Option<Observation> {
    let seen = cx.run.collections;
    if seen.worst_second_ms < 100.0 {
        return None;
    }
    let title = format!("Garbage collection stops `{}` for {} within one second", cx.page(), ms(seen.worst_second_ms));
    let fix = "Allocate less in what runs often: no copies of large lists, no new closures per frame, reuse buffers";
    let guard = "Right after the page has loaded one large collection is normal";
    let mut out = cx.about("W12", Severity::Medium, title, fix, guard);
    out.kind = Kind::GarbageCollection;
    out.measured = format!(
        "{}, {} together ({})",
        counted(seen.count, "collection", "collections"),
        ms(seen.total_ms),
        cx.run.tool
    );
    Some(out)
}

/// W13: nodes or listeners only grow while the page is used.
fn growth(cx: &Cx) -> Option<Observation> {
    if cx.run.mode != WebMode::Timespan || cx.run.collections.count < 3 {
        return None;
    }
    for (name, words) in [("nodes", "nodes"), ("listeners", "event listeners")] {
        let Some(series) = cx.run.series.iter().find(|series| series.name == name) else { continue };
        let third = series.points.len() / 3;
        if third < 3 {
            continue;
        }
        // What is left after collections: the lowest value of each third.
        let lowest = |from: usize| {
            let part = series.points.get(from..from + third)?;
            part.iter().map(|(_, value)| *value).reduce(f64::min)
        };
        let (first, middle, last) = (lowest(0)?, lowest(third)?, lowest(series.points.len() - third)?);
        let rises = first < middle && middle < last && last >= 1.3 * first && last - first >= 500.0;
        if !rises {
            continue;
        }
        let seconds = series.points.last().map_or(0.0, |(at, _)| at / 1e3);
        let title = format!(
            "{} of `{}` only grow while it is used: from {} to {}",
            capital(words),
            cx.page(),
            grouped(first as u64),
            grouped(last as u64)
        );
        let fix = "Remove listeners and nodes when their part of the page goes; look for them in a heap snapshot as detached nodes";
        let guard = "A list that the user makes longer on purpose grows too";
        let mut out = cx.about("W13", Severity::Medium, title, fix, guard);
        out.kind = Kind::MemoryGrowth;
        out.measured = format!(
            "lowest {words} by thirds of {seconds:.0} s: {}, {}, {}, over {} ({})",
            grouped(first as u64),
            grouped(middle as u64),
            grouped(last as u64),
            counted(cx.run.collections.count, "collection", "collections"),
            cx.run.tool
        );
        return Some(out);
    }
    None
}

fn capital(words: &str) -> String {
    let mut chars = words.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}
