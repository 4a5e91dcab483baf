//! Load tests for the routes that the engine found, one a tool, with the stated targets as thresholds.

use crate::protocol::{LoadRequest, LoadScript, LoadTests, LoadTool};
use drydock_core::evidence::endpoints::Endpoint;
use drydock_core::evidence::loadtest::{Sent, Target, Tool, Wanted, write};

const NO_ROUTES: &str = "No routes of FastAPI, Flask or Django were found in this project: there is nothing to send.";

/// Writes them all.
pub fn load_tests(project: &str, endpoints: &[Endpoint], targets: &[Target]) -> LoadTests {
    if endpoints.is_empty() {
        return LoadTests::none(NO_ROUTES);
    }
    let wanted = Wanted::new(project, endpoints, targets);
    let mut out = LoadTests::default();
    for (tool, shown) in Tool::ALL.into_iter().zip(LoadTool::ALL) {
        let script = write(tool, &wanted);
        out.scripts.push(LoadScript {
            tool: shown,
            file_name: tool.file_name().to_owned(),
            word: tool.word().to_owned(),
            text: script.text,
        });
        // What goes in does not depend on the tool.
        out.requests = script.requests.into_iter().map(request).collect();
        out.notes = script.notes;
    }
    out
}

fn request(sent: Sent) -> LoadRequest {
    let Sent { name, place, auth, writes } = sent;
    LoadRequest { name, place, auth, writes }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_tool_gets_its_own_script_of_the_same_requests() {
        let endpoint = Endpoint { method: "GET".to_owned(), path: "/orders".to_owned(), ..Endpoint::default() };
        let written = load_tests("shop", &[endpoint], &[]);
        let files: Vec<(LoadTool, &str, &str)> =
            written.scripts.iter().map(|one| (one.tool, one.word.as_str(), one.file_name.as_str())).collect();
        assert_eq!(
            files,
            [
                (LoadTool::K6, "k6", "loadtest.js"),
                (LoadTool::Locust, "locust", "locustfile.py"),
                (LoadTool::Artillery, "artillery", "artillery.yml"),
            ]
        );
        assert!(written.scripts.iter().all(|one| one.text.contains("/orders")));
        assert_eq!(written.requests.len(), 1);
        assert_eq!(load_tests("shop", &[], &[]).problem.as_deref(), Some(NO_ROUTES));
    }
}
