//! A profile as rules of processor time look at it: what was busy, what was start-up, who is charged. Computed once.

use super::charge;
use super::figures::{duration, percent};
use crate::evidence::model::profile::{Function, Method, Origin, Profile, Runtime, Unit};
use crate::words::counted;

/// A profile with what follows from it.
pub struct View<'a> {
    /// The profile.
    pub profile: &'a Profile,
    /// Index of its artefact.
    pub artefact: usize,
    /// Whether each node runs below the loader: loading code, and what files do while they are loaded.
    pub under_loader: Vec<bool>,
    /// For each node, the nearest project node, itself included.
    pub nearest: Vec<Option<u32>>,
    /// Everything but idle time.
    pub busy: f64,
    /// Time of loading code.
    pub startup: f64,
}

/// Share of start-up from which it is left out of all shares, in a profile no longer than this.
const STARTUP: f64 = 0.2;
const SHORT_SECONDS: f64 = 120.0;

impl<'a> View<'a> {
    /// Looks at a profile of processor time; `None` for a heap.
    #[must_use]
    pub fn new(profile: &'a Profile, artefact: usize) -> Option<Self> {
        if profile.unit == Unit::Bytes {
            return None;
        }
        let (loading, under_loader) = loading(profile);
        let in_tree: f64 =
            profile.nodes.iter().zip(&loading).filter(|(_, is)| **is).map(|(node, _)| node.self_value).sum();
        let imports = |f: &&Function| f.name == "_find_and_load" && f.path.starts_with("<frozen importlib");
        let in_graph = profile.functions.iter().find(imports).map_or(0.0, |function| function.total);
        let startup = if profile.nodes.is_empty() { in_graph } else { in_tree };
        let nearest = charge::nearest_project(profile);
        Some(Self { profile, artefact, under_loader, nearest, busy: profile.busy(), startup })
    }

    /// Whether start-up is so large a part of a short profile that shares leave it out.
    #[must_use]
    pub fn leaves_out_startup(&self) -> bool {
        let short = self.profile.seconds(self.busy).is_none_or(|seconds| seconds <= SHORT_SECONDS);
        short && self.busy > 0.0 && self.startup / self.busy >= STARTUP && self.startup < self.busy
    }

    /// What shares are of: time in which the program did its work.
    #[must_use]
    pub fn working(&self) -> f64 {
        if self.leaves_out_startup() { self.busy - self.startup } else { self.busy }
    }

    /// Share of the working time.
    #[must_use]
    pub fn share(&self, value: f64) -> f64 {
        let working = self.working();
        if working > 0.0 { (value / working).clamp(0.0, 1.0) } else { 0.0 }
    }

    /// Whether it is Node.js that ran, not a browser.
    #[must_use]
    pub fn is_node(&self) -> bool {
        let of_node = |f: &Function| f.path.starts_with("node:") || f.path.starts_with("internal/");
        self.profile.runtime == Runtime::JavaScript && self.profile.functions.iter().any(of_node)
    }

    /// Samples that were not idle, of a sampling profiler; `None` when every call was counted.
    #[must_use]
    pub fn samples(&self) -> Option<u64> {
        if self.profile.method == Method::EveryCall {
            return None;
        }
        let idle = |function: u32| self.profile.function(function).is_some_and(|f| f.origin == Origin::Idle);
        let hits = self.profile.nodes.iter().filter(|node| !idle(node.function)).map(|node| node.hits);
        Some(hits.fold(0, u64::saturating_add))
    }

    /// Whether there is enough to rank by: 200 samples, or any time of a tool that counts every call.
    #[must_use]
    pub fn is_enough(&self) -> bool {
        self.busy > 0.0 && self.samples().is_none_or(|samples| samples >= ENOUGH)
    }

    /// `38 % of busy time (V8 profiler, 1,869 samples, 1.2 s busy)`.
    #[must_use]
    pub fn measured(&self, value: f64) -> String {
        let of = if self.leaves_out_startup() { "of busy time without start-up" } else { "of busy time" };
        let time = self.profile.seconds(value).map(|seconds| format!(", {}", duration(seconds))).unwrap_or_default();
        format!("{}{time} {of} ({})", percent(self.share(value)), self.tool())
    }

    /// Name of the tool and how much it saw.
    #[must_use]
    pub fn tool(&self) -> String {
        let busy =
            self.profile.seconds(self.busy).map(|seconds| format!(", {} busy", duration(seconds))).unwrap_or_default();
        match self.samples() {
            Some(samples) => format!("{}, {}{busy}", self.profile.tool, counted(samples, "sample", "samples")),
            None => format!("{}, every call{busy}", self.profile.tool),
        }
    }
}

/// Samples below which nothing is ranked.
const ENOUGH: u64 = 200;

/// Whether each node belongs to loading code. The program's own first file runs inside the loader as well: what it calls
/// is work, what it loads is not.
fn loading(profile: &Profile) -> (Vec<bool>, Vec<bool>) {
    #[derive(Clone, Copy, PartialEq)]
    enum Where {
        Outside,
        /// In the loader, no project code yet.
        Loader,
        /// In the first project code below the loader.
        Work,
        /// In the loader again, called from project code.
        Load,
    }
    let mut places: Vec<Where> = Vec::with_capacity(profile.nodes.len());
    for node in &profile.nodes {
        let above = node.parent.and_then(|parent| places.get(parent as usize)).copied().unwrap_or(Where::Outside);
        let Some(function) = profile.function(node.function) else {
            places.push(above);
            continue;
        };
        let loads = is_loader(profile.runtime, function);
        let is_project = function.origin == Origin::Project;
        places.push(match above {
            Where::Load => Where::Load,
            Where::Outside if loads && profile.runtime == Runtime::Python => Where::Load,
            Where::Outside if loads => Where::Loader,
            Where::Loader if is_project => Where::Work,
            Where::Work if loads => Where::Load,
            above => above,
        });
    }
    let loading = places.iter().map(|place| matches!(place, Where::Loader | Where::Load)).collect();
    (loading, places.iter().map(|place| *place != Where::Outside).collect())
}

fn is_loader(runtime: Runtime, function: &Function) -> bool {
    match runtime {
        Runtime::JavaScript => {
            let path = function.path.strip_prefix("node:").unwrap_or(&function.path);
            ["internal/modules/", "internal/bootstrap/", "internal/main/"].iter().any(|start| path.starts_with(start))
                || function.name == "compileForInternalLoader"
        }
        Runtime::Python => function.path.starts_with("<frozen importlib") && function.name == "_find_and_load",
        Runtime::Other => false,
    }
}

/// All profiles of processor time.
#[must_use]
pub fn views(artefacts: &[crate::evidence::model::Artefact]) -> Vec<View<'_>> {
    let mut views = Vec::new();
    for (index, artefact) in artefacts.iter().enumerate() {
        for evidence in &artefact.evidence {
            if let crate::evidence::model::Evidence::Profile(profile) = evidence {
                views.extend(View::new(profile, index));
            }
        }
    }
    views
}
