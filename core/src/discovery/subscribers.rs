//! Code that listens to channels: `LISTEN`, asyncpg's `add_listener`, Redis `subscribe`.

use super::context::EventSubscriber;
use super::facts::Facts;
use super::pattern::{group, line_at, pattern};
use super::python_text::{Constants, HITS, Masked, arguments};
use super::read::DiscoveryFile;

/// Reads one Python file.
pub(super) fn read(file: DiscoveryFile<'_>, masked: &Masked, constants: &Constants, facts: &mut Facts) {
    let Masked { bare, code } = masked;
    let mut add = |channel: String, offset: usize, technology: &str| {
        facts.subscribers.push(EventSubscriber {
            channel,
            file: file.path.to_owned(),
            line: line_at(bare, offset),
            technology: technology.to_owned(),
        });
    };
    pattern!(LISTEN, r#"["']\s*LISTEN\s+(?:\\?"|\{?")?([\w{}.$-]+)"#);
    for found in LISTEN.captures_iter(bare).take(HITS) {
        add(constants.fill(group(&found, 1)), found.get(1).map_or(0, |name| name.start()), "PostgreSQL LISTEN");
    }
    pattern!(LISTENER, r"\.add_listener\s*\(");
    if bare.contains("asyncpg") || bare.contains("driver_connection") || bare.contains("raw_connection") {
        for found in LISTENER.find_iter(code).take(HITS) {
            if let Some(argument) = written(bare, code, found.end() - 1).first() {
                add(constants.text(argument), found.start(), "PostgreSQL LISTEN (asyncpg)");
            }
        }
    }
    pattern!(SUBSCRIBE, r"\.(p?subscribe)\s*\(");
    let technology = if bare.contains("redis") || bare.contains("pubsub") {
        "Redis"
    } else if bare.contains("broadcaster") {
        "broadcaster"
    } else {
        return;
    };
    for found in SUBSCRIBE.find_iter(code).take(HITS) {
        for argument in written(bare, code, found.end() - 1) {
            let argument = argument.strip_prefix("channel=").unwrap_or(&argument).to_owned();
            if !argument.contains('=') && !argument.starts_with('*') {
                add(constants.text(&argument), found.start(), technology);
            }
        }
    }
}

/// Arguments of the call whose bracket opens at `open`, as written.
fn written(text: &str, code: &str, open: usize) -> Vec<String> {
    let parts = arguments(code, open).into_iter().filter_map(|range| text.get(range));
    parts.map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
    use super::*;
    use crate::discovery::discover;

    #[test]
    fn listeners_of_each_technology() {
        let text = "import asyncpg\nfrom redis.asyncio import Redis\nCHANNEL = 'order_events'\nasync def run(conn, pubsub):\n    await conn.add_listener(CHANNEL, on_event)\n    await conn.execute(f\"LISTEN {CHANNEL}\")\n    await pubsub.subscribe('prices', name)\n    # pubsub.subscribe('no')\n    cur.execute('LISTEN jobs;')\n";
        let (store, _) = discover(&[DiscoveryFile { path: "app/live.py", text }], "d");
        let found: Vec<_> = store
            .db_config
            .event_subscribers
            .iter()
            .map(|s| (s.channel.as_str(), s.line, s.technology.as_str()))
            .collect();
        assert_eq!(
            found,
            [
                ("?", 7, "Redis"),
                ("jobs", 9, "PostgreSQL LISTEN"),
                ("order_events", 5, "PostgreSQL LISTEN (asyncpg)"),
                ("order_events", 6, "PostgreSQL LISTEN"),
                ("prices", 7, "Redis"),
            ]
        );
    }
}
