//! `drydock loadtest`: a load test for the routes of a project.

use crate::evidence_args::LoadTest;
use crate::{Exit, output, project};
use drydock_core::analysis::Project;
use drydock_core::evidence::endpoints::Endpoint;
use drydock_core::evidence::loadtest::{Tool, Wanted, write};
use drydock_core::facade::performance::{Gathered, asked_by};
use drydock_core::facade::routes::endpoints;
use drydock_core::intake::Settings;
use std::fmt::Write as _;
use std::io::Write as _;

/// Writes the load test, or lists the routes.
pub(crate) fn run(options: &LoadTest) -> Result<Exit, String> {
    let ask = |project: &Project, settings: &Settings| (endpoints(project), asked_by(&settings.targets));
    let (name, (endpoints, asked)) = project::ask(&options.path, options.project.as_deref(), ask)?;
    let Some(tool) = options.tool else {
        return output::write(options.output.as_deref(), &listed(&endpoints)).map(|()| Exit::Done);
    };
    if endpoints.is_empty() {
        let shown = options.path.display();
        return Err(format!("no routes of FastAPI, Flask or Django were found in {shown}: there is nothing to send"));
    }
    // What is asked here comes before what the project's settings ask of the same.
    let mut targets = options.targets.clone();
    for target in Gathered::new(asked.into_iter().collect()).thresholds() {
        if !targets.iter().any(|given| given.is_about_the_same(&target)) {
            targets.push(target);
        }
    }
    let script = write(
        tool,
        &Wanted {
            project: &name,
            endpoints: &endpoints,
            targets: &targets,
            base_url: &options.base_url,
            users: options.users,
            seconds: options.seconds,
        },
    );
    output::write(options.output.as_deref(), &script.text)?;
    let mut err = std::io::stderr();
    for note in &script.notes {
        let _ = writeln!(err, "drydock: {note}");
    }
    Ok(Exit::Done)
}

/// One route a line, as compilers and editors spell places.
fn listed(endpoints: &[Endpoint]) -> String {
    let mut out = String::new();
    for endpoint in endpoints {
        // Writing to a String cannot fail.
        let _ = write!(out, "{}:{}: {} {}", endpoint.file, endpoint.line, endpoint.name(), endpoint.handler);
        if let Some(auth) = &endpoint.auth {
            let _ = write!(out, " (asks for authentication: {auth})");
        }
        out.push('\n');
    }
    out
}

/// Tools by their names.
pub(crate) fn tool(name: &str) -> Option<Tool> {
    Tool::ALL.into_iter().find(|tool| tool.word() == name)
}
