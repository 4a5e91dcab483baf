//! Triggers in SQL files and in the SQL strings of migrations: table, event, function, and the
//! channel when the function notifies. Migrations are replayed in order, so that a later
//! `DROP TRIGGER` removes what an earlier one created.

use super::context::Trigger;
use super::pattern::{group, line_at, pattern};
use super::python_text::{Constants, HITS, masked};
use super::read::DiscoveryFile;
use crate::order::InOrder as _;
use std::collections::{BTreeMap, BTreeSet};

/// How a function names the channel it notifies.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Channel {
    Literal(String),
    Argument(usize),
    WithTable { before: String, after: String },
    Computed,
}

struct Created {
    name: String,
    arguments: Vec<String>,
    body: String,
    trigger: Trigger,
}

/// Triggers of all files that still exist after the last migration.
pub(super) fn read(files: &[DiscoveryFile<'_>], constants: &Constants) -> Vec<Trigger> {
    let mut functions: BTreeMap<String, Channel> = BTreeMap::new();
    let mut triggers: BTreeMap<(String, String), Created> = BTreeMap::new();
    for file in in_order(files) {
        let Some(text) = sql_of(file) else { continue };
        // The patterns below cost more to compile than all files cost to search for their first words.
        pattern!(ROUTINE, r"(?i)create\s+(?:or\s+replace\s+)?(?:function|procedure)\s");
        if ROUTINE.is_match(&text) {
            functions.extend(notifying_functions(&text, constants));
        }
        pattern!(
            TRIGGER,
            r"(?i)(?:create\s+(?:or\s+replace\s+)?(?:constraint\s+)?(?:temp(?:orary)?\s+)?|drop\s+)trigger\s"
        );
        if !TRIGGER.is_match(&text) {
            continue;
        }
        let created = created(file.path, &text, constants);
        let names: BTreeSet<&str> = created.iter().map(|found| found.name.as_str()).collect();
        for (name, table) in dropped(&text, constants) {
            if !names.contains(name.as_str()) {
                triggers.retain(|key, _| key.0 != name || !(table.is_empty() || key.1 == table));
            }
        }
        for found in created {
            triggers.insert((found.name.clone(), found.trigger.table.clone()), found);
        }
    }
    triggers.into_values().map(|found| with_channel(found, &functions, constants)).collect()
}

fn with_channel(found: Created, functions: &BTreeMap<String, Channel>, constants: &Constants) -> Trigger {
    let mut trigger = found.trigger;
    let own = channel_in(&found.body, constants);
    let channel = functions.get(&trigger.function.to_ascii_lowercase()).cloned().or(own);
    trigger.channel = channel.map(|channel| match channel {
        Channel::Literal(name) => name,
        Channel::Argument(index) => found.arguments.get(index).cloned().unwrap_or_else(|| "?".to_owned()),
        Channel::WithTable { before, after } => format!("{before}{}{after}", trigger.table),
        Channel::Computed => "?".to_owned(),
    });
    trigger
}

/// Files in the order in which they are applied: Alembic revisions by their chain, others by path.
fn in_order<'a>(files: &[DiscoveryFile<'a>]) -> Vec<DiscoveryFile<'a>> {
    pattern!(REVISION, r#"(?m)^revision(?:\s*:[^=\n]+)?\s*=\s*["'](\w+)["']"#);
    pattern!(DOWN, r#"(?m)^down_revision(?:\s*:[^=\n]+)?\s*=\s*["'](\w+)["']"#);
    let parents: BTreeMap<&str, &str> = files
        .iter()
        .filter_map(|file| {
            let revision = REVISION.captures(file.text)?.get(1)?.as_str();
            Some((revision, DOWN.captures(file.text).and_then(|found| found.get(1)).map_or("", |text| text.as_str())))
        })
        .collect();
    let depth = |file: &DiscoveryFile<'_>| {
        let mut steps = 0_usize;
        let mut current = REVISION.captures(file.text).and_then(|found| found.get(1)).map_or("", |text| text.as_str());
        while let Some(parent) = parents.get(current).filter(|_| steps <= parents.len()) {
            steps += 1;
            current = parent;
        }
        steps
    };
    let mut ordered: Vec<(usize, DiscoveryFile<'a>)> = files.iter().map(|file| (depth(file), *file)).collect();
    ordered.order_by_key(|(depth, file)| (*depth, natural(file.path)));
    ordered.into_iter().map(|(_, file)| file).collect()
}

/// Paths compare by their numbers: `V2__x.sql` before `V10__y.sql`.
fn natural(path: &str) -> Vec<(u64, &str)> {
    let mut parts = Vec::new();
    let mut rest = path;
    while !rest.is_empty() && parts.len() < 64 {
        let (number, after) = rest.split_at(rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len()));
        let (text, after) = after.split_at(after.find(|c: char| c.is_ascii_digit()).unwrap_or(after.len()));
        parts.push((number.parse().unwrap_or(0), text));
        rest = after;
    }
    parts
}

/// SQL text of equal offsets: comments blanked, and of migrations only the forward direction.
fn sql_of(file: DiscoveryFile<'_>) -> Option<String> {
    let lower = file.path.to_ascii_lowercase();
    if lower.ends_with(".py") {
        // Nearly all source says none of this, and is not worth masking.
        pattern!(MADE, r"(?i-u)create|drop");
        pattern!(WHAT, r"(?i-u)trigger|function|procedure");
        if !MADE.is_match(file.text) || !WHAT.is_match(file.text) {
            return None;
        }
        let text = masked(file.text, false);
        pattern!(DOWNGRADE, r"(?m)^def downgrade\b");
        let Some(start) = DOWNGRADE.find(&text).map(|found| found.start()) else { return Some(text) };
        pattern!(NEXT, r"(?m)\n(?:def|class|[A-Za-z_]\w*\s*=)");
        let end = text.get(start..).and_then(|rest| NEXT.find(rest)).map_or(text.len(), |found| start + found.start());
        let forward = text.get(..start).unwrap_or("").to_owned();
        let blank: String =
            text.get(start..end).unwrap_or("").chars().map(|c| if c == '\n' { '\n' } else { ' ' }).collect();
        return Some(forward + &blank + text.get(end..).unwrap_or(""));
    }
    if lower.ends_with(".sql") && !lower.ends_with(".down.sql") && !lower.ends_with("/down.sql") {
        pattern!(COMMENT, r"--[^\n]*|(?s:/\*.*?\*/)");
        let blanked = COMMENT.replace_all(file.text, |found: &regex::Captures<'_>| {
            group(found, 0).bytes().map(|b| if b == b'\n' { '\n' } else { ' ' }).collect::<String>()
        });
        pattern!(GOOSE_DOWN, r"(?i)--\s*\+goose\s+down|--\s*migrate:down");
        let cut = GOOSE_DOWN.find(file.text).map_or(blanked.len(), |found| found.start());
        return Some(blanked.get(..cut).unwrap_or(&blanked).to_owned());
    }
    None
}

fn created(path: &str, text: &str, constants: &Constants) -> Vec<Created> {
    pattern!(
        TRIGGER,
        r#"(?is)\bCREATE\s+(?:OR\s+REPLACE\s+)?(?:CONSTRAINT\s+)?(?:TEMP(?:ORARY)?\s+)?TRIGGER\s+(?:IF\s+NOT\s+EXISTS\s+)?([\w.{}"`$]+)\s+(?:(?:BEFORE|AFTER|INSTEAD\s+OF)\s+)?((?:INSERT|UPDATE|DELETE|TRUNCATE)(?:\s+OF\s+[\w\s,"{}]+?)?(?:\s+OR\s+(?:INSERT|UPDATE|DELETE|TRUNCATE)(?:\s+OF\s+[\w\s,"{}]+?)?)*)\s+ON\s+([\w.{}"`$]+)"#
    );
    pattern!(EXECUTE, r#"(?is)\bEXECUTE\s+(?:FUNCTION|PROCEDURE)\s+([\w.{}"$]+)\s*\(([^)]*)\)"#);
    pattern!(OF, r"(?is)\s+OF\s+.*?(\s+OR\s+|$)");
    let starts: Vec<_> = TRIGGER.captures_iter(text).take(HITS).collect();
    let mut out = Vec::new();
    for (index, found) in starts.iter().enumerate() {
        let (start, head_end) = found.get(0).map_or((0, 0), |all| (all.start(), all.end()));
        let limit = starts.get(index + 1).and_then(|next| next.get(0)).map_or(text.len(), |next| next.start());
        let body = text.get(head_end..limit.min(head_end + 8000)).or_else(|| text.get(head_end..limit)).unwrap_or("");
        let body = body.get(..end_of_statement(body)).unwrap_or(body);
        let name = plain(group(found, 1), constants);
        let execute = EXECUTE.captures(body);
        let function = execute.as_ref().map_or_else(|| name.clone(), |run| plain(group(run, 1), constants));
        let arguments = execute.as_ref().map_or_else(Vec::new, |run| {
            group(run, 2).split(',').map(|a| constants.fill(a.trim().trim_matches('\''))).collect()
        });
        let mut event = OF.replace_all(group(found, 2), "$1").to_uppercase();
        event = event.split_whitespace().collect::<Vec<_>>().join(" ");
        let trigger = Trigger {
            table: plain(group(found, 3), constants),
            event,
            function,
            channel: None,
            file: path.to_owned(),
            line: line_at(text, start),
        };
        out.push(Created { name, arguments, body: body.to_owned(), trigger });
    }
    out
}

/// A trigger's statement ends at `END` (bodies of MySQL and SQLite), at its `EXECUTE …;`, or where
/// the string that holds it ends.
fn end_of_statement(body: &str) -> usize {
    pattern!(END, r#"(?is)\bEND\s*(?:;|"|'|$)|;|""""#);
    pattern!(BEGIN, r"(?i)^[^;]*\bBEGIN\b");
    pattern!(LAST, r"(?i)\bEND\b");
    if BEGIN.is_match(body) {
        return LAST.find(body).map_or(body.len(), |found| found.end());
    }
    END.find(body).map_or(body.len(), |found| found.end())
}

fn dropped(text: &str, constants: &Constants) -> Vec<(String, String)> {
    pattern!(DROP, r#"(?i)\bDROP\s+TRIGGER\s+(?:IF\s+EXISTS\s+)?([\w.{}"`$]+)(?:\s+ON\s+([\w.{}"`$]+))?"#);
    DROP.captures_iter(text)
        .take(HITS)
        .map(|found| (plain(group(&found, 1), constants), plain(group(&found, 2), constants)))
        .collect()
}

fn notifying_functions(text: &str, constants: &Constants) -> Vec<(String, Channel)> {
    pattern!(FUNCTION, r#"(?i)\bCREATE\s+(?:OR\s+REPLACE\s+)?(?:FUNCTION|PROCEDURE)\s+([\w.{}"$]+)\s*\("#);
    let starts: Vec<_> = FUNCTION.captures_iter(text).take(HITS).collect();
    let mut out = Vec::new();
    for (index, found) in starts.iter().enumerate() {
        let start = found.get(0).map_or(0, |all| all.end());
        let limit = starts.get(index + 1).and_then(|next| next.get(0)).map_or(text.len(), |next| next.start());
        let body = text.get(start..limit).unwrap_or("");
        pattern!(NEXT, r"(?i)\bCREATE\s+(?:OR\s+REPLACE\s+)?(?:CONSTRAINT\s+)?TRIGGER\b");
        let body = NEXT.find(body).and_then(|next| body.get(..next.start())).unwrap_or(body);
        if let Some(channel) = channel_in(body, constants) {
            out.push((plain(group(found, 1), constants).to_ascii_lowercase(), channel));
        }
    }
    out
}

fn channel_in(body: &str, constants: &Constants) -> Option<Channel> {
    pattern!(CALL, r"(?is)\bpg_notify\s*\(\s*([^,)]*)");
    pattern!(NOTIFY, r#"(?i)\bNOTIFY\s+"?([\w{}.]+)"?"#);
    pattern!(TG_ARGV, r"(?i)^TG_ARGV\s*\[\s*(\d+)\s*\]$");
    pattern!(WITH_TABLE, r"(?i)^(?:'([^']*)'\s*\|\|\s*)?TG_TABLE_NAME(?:::\w+)?(?:\s*\|\|\s*'([^']*)')?$");
    if let Some(found) = CALL.captures(body) {
        let argument = group(&found, 1).trim();
        if let Some(index) = TG_ARGV.captures(argument) {
            return Some(Channel::Argument(group(&index, 1).parse().unwrap_or(0)));
        }
        if let Some(parts) = WITH_TABLE.captures(argument) {
            return Some(Channel::WithTable {
                before: group(&parts, 1).to_owned(),
                after: group(&parts, 2).to_owned(),
            });
        }
        let literal =
            argument.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\'')).filter(|text| !text.contains('\''));
        return Some(literal.map_or(Channel::Computed, |text| Channel::Literal(constants.fill(text))));
    }
    NOTIFY.captures(body).map(|found| Channel::Literal(constants.fill(group(&found, 1))))
}

/// Name without schema and quotes, `{holes}` filled.
fn plain(name: &str, constants: &Constants) -> String {
    let name = constants.fill(name);
    name.rsplit('.').next().unwrap_or("").trim_matches(['"', '`']).to_owned()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
    use super::*;

    fn triggers(files: &[(&str, &str)]) -> Vec<(String, String, String, Option<String>, u32)> {
        let files: Vec<_> = files.iter().map(|(path, text)| DiscoveryFile { path, text }).collect();
        let constants = Constants::collect(&files);
        read(&files, &constants).into_iter().map(|t| (t.table, t.event, t.function, t.channel, t.line)).collect()
    }

    #[test]
    fn alembic_function_and_trigger_join_to_a_channel() {
        let text = r#"revision = "0002"
down_revision = "0001"
CHANNEL = "job_progress"

def upgrade():
    op.execute(f"""
        CREATE OR REPLACE FUNCTION notify_job() RETURNS trigger AS $$
        BEGIN
            PERFORM pg_notify('{CHANNEL}', NEW.id::text);  -- NOTIFY other
            RETURN NEW;
        END;
        $$ LANGUAGE plpgsql;
    """)
    op.execute("""CREATE TRIGGER job_notify AFTER INSERT OR UPDATE OF progress, state ON public.jobs
        FOR EACH ROW EXECUTE FUNCTION notify_job()""")

def downgrade():
    op.execute("DROP TRIGGER job_notify ON jobs")
"#;
        assert_eq!(
            triggers(&[("alembic/versions/0002.py", text)]),
            [("jobs".into(), "INSERT OR UPDATE".into(), "notify_job".into(), Some("job_progress".into()), 14)]
        );
    }

    #[test]
    fn argument_and_table_channels_in_sql() {
        let text = "CREATE FUNCTION n() RETURNS trigger AS $$ BEGIN PERFORM pg_notify(TG_ARGV[0], ''); RETURN NEW; END $$ LANGUAGE plpgsql;\nCREATE TRIGGER a AFTER UPDATE ON t FOR EACH ROW EXECUTE PROCEDURE n('chan');\nCREATE FUNCTION m() RETURNS trigger AS $$ BEGIN PERFORM pg_notify('c_' || TG_TABLE_NAME, ''); END $$;\nCREATE TRIGGER b AFTER DELETE ON u EXECUTE FUNCTION m();\n-- CREATE TRIGGER no AFTER DELETE ON u EXECUTE FUNCTION m();\n";
        let found = triggers(&[("db/001.sql", text)]);
        assert_eq!(found[0].3.as_deref(), Some("chan"));
        assert_eq!(found[1].3.as_deref(), Some("c_u"));
        assert_eq!(found.len(), 2);
    }

    #[test]
    fn later_drop_removes_and_mysql_has_no_channel() {
        let create = "CREATE TRIGGER stock BEFORE UPDATE ON items FOR EACH ROW BEGIN UPDATE totals SET n = n + 1; END;";
        assert_eq!(triggers(&[("V2__a.sql", create)]), [("items".into(), "UPDATE".into(), "stock".into(), None, 1)]);
        assert!(triggers(&[("V2__a.sql", create), ("V10__b.sql", "DROP TRIGGER IF EXISTS stock;")]).is_empty());
        assert_eq!(triggers(&[("V10__a.sql", create), ("V2__b.sql", "DROP TRIGGER IF EXISTS stock;")]).len(), 1);
    }

    #[test]
    fn django_run_sql() {
        let text = "operations = [migrations.RunSQL(\n    \"CREATE TRIGGER t AFTER INSERT ON shop_order EXECUTE FUNCTION f();\",\n    reverse_sql=\"DROP TRIGGER t ON shop_order\",\n)]\n";
        assert_eq!(triggers(&[("shop/migrations/0002_t.py", text)])[0].0, "shop_order");
    }
}
