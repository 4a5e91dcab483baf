//! Load tests as files: what is written for a small shop, whole and unchanged, and what must hold of any.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use super::*;
use crate::evidence::endpoints::{Body, Encoding, Parameter, Shape};

fn parameter(name: &str, shape: Shape, required: bool) -> Parameter {
    Parameter { name: name.to_owned(), shape, required }
}

fn endpoint(method: &str, path: &str, handler: &str, line: u32) -> Endpoint {
    Endpoint {
        method: method.to_owned(),
        path: path.to_owned(),
        handler: handler.to_owned(),
        file: "app/api.py".to_owned(),
        line,
        end_line: line + 5,
        framework: "FastAPI".to_owned(),
        ..Endpoint::default()
    }
}

fn shop() -> Vec<Endpoint> {
    let line = Shape::Object {
        name: "LineIn".to_owned(),
        fields: vec![
            parameter("sku", Shape::Text { min: Some(3), max: Some(8) }, true),
            parameter("count", Shape::Integer { min: Some(1), max: Some(9) }, true),
            parameter("note", Shape::TEXT, false),
        ],
    };
    let order = Shape::Object {
        name: "OrderIn".to_owned(),
        fields: vec![
            parameter("customer_id", Shape::INTEGER, true),
            parameter("email", Shape::Email, true),
            parameter("state", Shape::Choice(vec!["new".to_owned(), "paid".to_owned()]), true),
            parameter("lines", Shape::List(Box::new(line)), true),
            parameter("extra", Shape::Map(Box::new(Shape::INTEGER)), true),
        ],
    };
    vec![
        Endpoint {
            body: Some(Body { encoding: Encoding::Json, shape: order }),
            auth: Some("Depends(current_user)".to_owned()),
            ..endpoint("POST", "/orders", "place_order", 30)
        },
        Endpoint {
            query: vec![
                parameter("limit", Shape::Integer { min: Some(1), max: Some(20) }, true),
                parameter("q", Shape::TEXT, false),
            ],
            ..endpoint("GET", "/orders", "list_orders", 12)
        },
        Endpoint {
            path_params: vec![parameter("order_id", Shape::INTEGER, true)],
            ..endpoint("GET", "/orders/{order_id}", "read_order", 20)
        },
        Endpoint {
            path_params: vec![parameter("id", Shape::Uuid, true)],
            auth: Some("login_required".to_owned()),
            doubts: vec!["The prefix is computed at run time".to_owned()],
            ..endpoint("DELETE", "/carts/{id}", "Carts.delete", 60)
        },
        Endpoint {
            body: Some(Body {
                encoding: Encoding::Multipart,
                shape: Shape::Object {
                    name: "form".to_owned(),
                    fields: vec![parameter("file", Shape::File, true), parameter("title", Shape::TEXT, true)],
                },
            }),
            ..endpoint("POST", "/files", "upload", 80)
        },
        endpoint("WEBSOCKET", "/live", "live", 99),
        Endpoint { streams: true, ..endpoint("GET", "/events", "events", 120) },
    ]
}

fn targets() -> Vec<Target> {
    let of = |scope: Option<&str>, measure| Target { scope: scope.map(str::to_owned), measure };
    vec![
        of(None, Measure::Latency { percentile: 95.0, below_ms: 500.0 }),
        of(None, Measure::Errors { below: 0.02 }),
        of(None, Measure::Throughput { at_least: 5.0 }),
        of(Some("GET /orders/:id"), Measure::Latency { percentile: 99.0, below_ms: 200.0 }),
        of(Some("GET /orders/:id"), Measure::MeanLatency { below_ms: 80.5 }),
        of(Some("GET /gone"), Measure::Latency { percentile: 95.0, below_ms: 10.0 }),
    ]
}

fn script(tool: Tool, endpoints: &[Endpoint], targets: &[Target]) -> Script {
    write(
        tool,
        &Wanted { project: "shop", endpoints, targets, base_url: "http://127.0.0.1:8000", users: 5, seconds: 10 },
    )
}

/// Compares with a file that was executed by the tool; `BLESS=1` writes it anew, to be executed again.
fn golden(tool: Tool) {
    let got = script(tool, &shop(), &targets());
    let path = format!("{}/src/evidence/loadtest/golden/{}", env!("CARGO_MANIFEST_DIR"), tool.file_name());
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, &got.text).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap();
    assert_eq!(got.text, expected, "{path}");
}

#[test]
fn the_k6_script_is_what_was_executed() {
    golden(Tool::K6);
}

#[test]
fn the_locust_file_is_what_was_executed() {
    golden(Tool::Locust);
}

#[test]
fn the_artillery_config_is_what_was_looked_at() {
    golden(Tool::Artillery);
}

#[test]
fn what_is_left_out_is_said() {
    let got = script(Tool::K6, &shop(), &targets());
    assert_eq!(got.requests.len(), 5);
    assert_eq!(
        got.notes,
        [
            "1 WebSocket route left out: write these by hand",
            "1 route left out whose responses are streams: they end only with the connection",
            "No route matches the target's scope `GET /gone`",
        ]
    );
    let empty = script(Tool::Locust, &[], &[]);
    assert_eq!((empty.requests.len(), empty.notes.len()), (0, 1));
    let writing = script(Tool::K6, &shop()[..1], &[]);
    assert!(writing.notes[0].starts_with("All requests may change data"));
    let twice = [endpoint("GET", "/a", "one", 1), endpoint("GET", "/a", "two", 9)];
    assert_eq!(
        script(Tool::K6, &twice, &[]).notes,
        ["`GET /a` is routed twice; the handler at app/api.py:9 is left out",]
    );
}

#[test]
fn targets_become_thresholds_of_each_tool() {
    let texts: Vec<String> = Tool::ALL.into_iter().map(|tool| script(tool, &shop(), &targets()).text).collect();
    assert!(texts[0].contains(r#""http_req_duration{name:GET /orders/{order_id}}": ["p(99)<200", "avg<80.5"],"#));
    assert!(
        texts[0].contains(r#""http_req_failed": ["rate<0.02"],"#) && texts[0].contains(r#""http_reqs": ["rate>=5"],"#)
    );
    assert!(texts[1].contains(r#"("GET", "/orders/{order_id}", 99, 200),"#));
    assert!(texts[2].contains(r#"- "plugins.metrics-by-endpoint.response_time.GET /orders/{order_id}.p99": 200"#));
    // Without a target for errors there is one all the same: a fast error is no success.
    assert!(script(Tool::K6, &shop(), &[]).text.contains("rate<0.01"));
}

#[test]
fn hostile_names_stay_in_their_quotes_and_comments() {
    let evil = "x\n*/ `${process.exit()}` \"\"\" \u{2028} \\";
    let hostile = Endpoint {
        path: format!("/a/{evil}/{{id}}"),
        file: evil.to_owned(),
        auth: Some(evil.to_owned()),
        query: vec![parameter(evil, Shape::Choice(vec![evil.to_owned()]), true)],
        ..endpoint("GET", "/", evil, 1)
    };
    for tool in Tool::ALL {
        let wanted = Wanted {
            project: evil,
            endpoints: std::slice::from_ref(&hostile),
            targets: &[],
            base_url: evil,
            users: 1,
            seconds: 1,
        };
        let text = write(tool, &wanted).text;
        for line in text.lines().filter(|line| line.contains("process.exit")) {
            let before = line.split("process.exit").next().unwrap_or_default();
            let comment = ["// ", "# ", "Load test of", "locust -f"].iter().any(|mark| before.contains(mark));
            // Inside of a string the quotes are escaped; a template string of JavaScript never holds it.
            assert!(comment || line.contains(r#"\"\"\""#), "{line}");
        }
        assert!(!text.contains('\u{2028}'));
    }
}
