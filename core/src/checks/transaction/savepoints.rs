//! A commit inside a savepoint block: it ends what the block promises to keep together.

use super::error_paths::holds;
use crate::analysis::{Care, FuncId, Project, care_of, done_to, runs_elsewhere};
use crate::libraries::Effects;
use crate::model::{RegionKind, ValueId};
use crate::report::model::Step;

/// A commit that ends somebody's savepoint block.
#[derive(Clone, Debug)]
pub struct Broken {
    /// The function with the block.
    pub owner: FuncId,
    /// What opens the block.
    pub manager: ValueId,
    /// Calls from the block to the commit, the commit last.
    pub path: Vec<(FuncId, ValueId)>,
}

/// The commits inside the savepoint blocks of a function, the first of each block.
pub(super) fn broken(project: &Project, f: FuncId) -> Vec<Broken> {
    let mut out = Vec::new();
    for region in &project.code().body(f).regions {
        let RegionKind::With { manager, .. } = region.kind else { continue };
        let Care::Savepoint(Some(handle)) = care_of(project, f, manager) else { continue };
        let inside = project.sites(f).iter().filter(|site| holds(region, site.op) && !runs_elsewhere(site));
        let path = inside.filter_map(|site| done_to(project, f, site, &handle, Effects::COMMIT)).next();
        out.extend(path.map(|path| Broken { owner: f, manager, path }));
    }
    out
}

/// The steps from the block to the commit.
pub(super) fn steps(project: &Project, broken: &Broken) -> Vec<Step> {
    let mut steps = vec![project.step(broken.owner, broken.manager, "the savepoint block opens")];
    let last = broken.path.len().saturating_sub(1);
    for (i, (f, op)) in broken.path.iter().enumerate() {
        let name = project.describe(*f, *op);
        let message = if i == last { format!("`{name}` commits the session") } else { format!("`{name}` is called") };
        steps.push(project.step(*f, *op, message));
    }
    steps
}
