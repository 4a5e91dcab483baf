//! Plans of PostgreSQL as text, JSON and YAML, in frames, quoted, wrapped and cut.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use super::super::samples::{all, artefact, plans, sample, tree};
use crate::evidence::model::{Access, Plan, PlanNode, Role};

fn only(bytes: &[u8]) -> Plan {
    let mut plans = plans(bytes);
    assert_eq!(plans.len(), 1);
    plans.remove(0)
}

/// What two forms of one plan share: all but times.
fn shape(plan: &Plan) -> Vec<PlanNode> {
    plan.nodes.clone()
}

#[test]
fn text_json_and_yaml_of_a_query_are_the_same_nodes() {
    let mut pairs = 0;
    for (name, bytes) in all().into_iter().filter(|(name, _)| name.starts_with("pairs/") && name.ends_with(".txt")) {
        let text = only(&bytes);
        for form in ["json", "yaml"] {
            let other = only(&sample(&name.replace(".txt", &format!(".{form}"))));
            assert_eq!(tree(&text), tree(&other), "{name} {form}");
            let (text, other) = (shape(&text), shape(&other));
            for (text, other) in text.iter().zip(&other) {
                // Workers are counted by chance; memory differs by what they got.
                let mut text = text.clone();
                if name.contains("parallel") {
                    (text.removed, text.rows, text.loops, text.memory_kb) =
                        (other.removed, other.rows, other.loops, other.memory_kb);
                }
                assert_eq!(&text, other, "{name} {form}");
            }
        }
        pairs += 1;
    }
    assert_eq!(pairs, 20);
}

#[test]
fn exclusive_times_sum_to_the_root() {
    let mut seen = 0;
    for (name, bytes) in all().into_iter().filter(|(name, _)| name.starts_with("explain/") || name.starts_with("log-"))
    {
        for plan in plans(&bytes).iter().filter(|plan| plan.timed) {
            let sum: f64 = plan.nodes.iter().filter_map(|node| node.exclusive_ms).sum();
            let root = plan.total_ms().unwrap();
            // Processes of a parallel plan do not end at once.
            let slack = if name.contains("parallel") { 0.25 } else { 0.02 };
            assert!((sum - root).abs() <= root * slack + 0.05, "{name} line {}: {sum} of {root}", plan.at);
            seen += 1;
        }
    }
    assert!(seen > 25, "{seen}");
}

/// Prints a plan as the server would; an oracle in the other direction.
fn print(plan: &Plan, indent: usize, at: usize, out: &mut String) {
    let node = &plan.nodes[at];
    let pad = if indent == 0 { String::new() } else { format!("{}->  ", " ".repeat(indent)) };
    out.push_str(&format!(
        "{pad}{}{}  (cost=0.00..{:.2} rows={:.0} width={:.0}) (actual time={:.3}..{:.3} rows={:.0} loops={:.0})\n",
        node.words(),
        node.alias.as_ref().map(|alias| format!(" {alias}")).unwrap_or_default(),
        node.cost.unwrap(),
        node.estimated_rows.unwrap(),
        node.width.unwrap(),
        node.first_ms.unwrap_or(0.0),
        node.last_ms.unwrap_or(0.0),
        node.rows.unwrap(),
        node.loops.unwrap(),
    ));
    let inner = if indent == 0 { 2 } else { indent + 6 };
    for child in 0..plan.nodes.len() {
        if plan.nodes[child].parent == Some(at) {
            if let Some(name) = &plan.nodes[child].subplan {
                out.push_str(&format!("{}{name}\n", " ".repeat(inner)));
                print(plan, inner + 2, child, out);
            } else {
                print(plan, inner, child, out);
            }
        }
    }
}

#[test]
fn times_of_json_printed_as_text_read_back_the_same() {
    for name in ["common", "loop", "trigger", "jit"] {
        let json = only(&sample(&format!("explain/{name}.json")));
        let mut text = String::new();
        print(&json, 0, 0, &mut text);
        let back = only(text.as_bytes());
        assert_eq!(tree(&json).len(), back.nodes.len());
        for (a, b) in json.nodes.iter().zip(&back.nodes) {
            assert_eq!(
                (a.parent, a.role, a.last_ms, a.inclusive_ms, a.rows, a.loops),
                (b.parent, b.role, b.last_ms, b.inclusive_ms, b.rows, b.loops),
                "{name}"
            );
        }
    }
}

#[test]
fn time_below_gather_is_divided_by_who_took_part() {
    let plan = only(&sample("explain/parallel.json"));
    let gather = plan.nodes.iter().position(|node| node.operation.starts_with("Gather")).unwrap();
    let below = plan.nodes.iter().find(|node| node.parent == Some(gather)).unwrap();
    assert_eq!(below.loops, Some(3.0));
    assert!((below.inclusive_ms.unwrap() - below.last_ms.unwrap()).abs() < 1e-9);
}

#[test]
fn common_tables_and_init_plans_are_not_counted_twice() {
    let plan = only(&sample("explain/common.json"));
    let roles: Vec<Role> =
        plan.nodes.iter().map(|node| node.role).filter(|role| !matches!(role, Role::Input | Role::Inner)).collect();
    assert!(roles.contains(&Role::Common) && roles.contains(&Role::InitPlan), "{roles:?}");
    let sum: f64 = plan.nodes.iter().filter_map(|node| node.exclusive_ms).sum();
    let root = plan.total_ms().unwrap();
    assert!((sum - root).abs() < root * 0.03, "{sum} of {root}");
}

#[test]
fn frames_quotes_and_junk_change_nothing() {
    let expected = ["Aggregate", " Seq Scan on orders"];
    for name in ["explain/frame-unicode.txt", "explain/frame-json.txt", "explain/quoted.csv", "explain/json.csv"] {
        assert_eq!(tree(&only(&sample(name))), expected, "{name}");
    }
    let mut junk = b"SET\nBEGIN\n".to_vec();
    junk.extend(sample("explain/jit.json"));
    assert_eq!(only(&junk).nodes.len(), 2);
    assert!(only(&sample("explain/jit.json")).jit_ms.unwrap() > 0.0);
    assert_eq!(tree(&only(&sample("explain/bare.txt"))).len(), 4);
    let costs_off = only(&sample("explain/costs-off.txt"));
    assert_eq!(
        (costs_off.nodes[0].rows, costs_off.nodes[0].cost, costs_off.nodes[0].access),
        (Some(1.0), None, Access::Index)
    );
}

/// A plan of a join over a bitmap, with a sub-plan.
const TEXT: &str = "\
Nested Loop Left Join  (cost=1.00..90.00 rows=10 width=8) (actual time=0.100..9.000 rows=10 loops=1)
  Filter: (SubPlan 1)
  Rows Removed by Filter: 3
  ->  Append  (cost=0.00..20.00 rows=30 width=4) (actual time=0.010..2.000 rows=30 loops=1)
        ->  Seq Scan on a  (cost=0.00..10.00 rows=10 width=4) (actual time=0.010..1.000 rows=10 loops=1)
        ->  Seq Scan on b  (cost=0.00..10.00 rows=20 width=4) (actual time=0.010..1.000 rows=20 loops=1)
  ->  Bitmap Heap Scan on c  (cost=0.00..10.00 rows=1 width=4) (actual time=0.010..0.050 rows=1 loops=30)
        Recheck Cond: (c.x = a.x)
        Heap Blocks: exact=5 lossy=7
        ->  Bitmap Index Scan on c_x  (cost=0.00..5.00 rows=1 width=0) (actual time=0.010..0.020 rows=1 loops=30)
              Index Cond: (c.x = a.x)
  SubPlan 1
    ->  Index Scan using d_pkey on shop.d dd  (cost=0.00..1.00 rows=1 width=4) (never executed)
          Index Cond: (id = a.x)
Planning Time: 0.500 ms
Execution Time: 9.500 ms
";

fn expected() -> Vec<&'static str> {
    vec![
        "Nested Loop Left Join",
        " Append",
        "  Seq Scan on a",
        "  Seq Scan on b",
        " Bitmap Heap Scan on c",
        "  Bitmap Index Scan on c_x",
        " Index Scan using d_pkey on d",
    ]
}

#[test]
fn a_plan_is_read_with_all_that_hangs_on_it() {
    let plan = only(TEXT.as_bytes());
    assert_eq!(tree(&plan), expected());
    let scan = &plan.nodes[6];
    assert_eq!(
        (scan.schema.as_deref(), scan.alias.as_deref(), scan.role, scan.loops),
        (Some("shop"), Some("dd"), Role::SubPlan, Some(0.0))
    );
    assert_eq!((plan.nodes[4].lossy_blocks, plan.nodes[4].role), (7.0, Role::Inner));
    assert_eq!((plan.planning_ms, plan.execution_ms), (Some(0.5), Some(9.5)));
    assert_eq!(plan.nodes[0].removed, 3.0);
    // 9.0 - 2.0 - 30 * 0.05 - 0
    assert!((plan.nodes[0].exclusive_ms.unwrap() - 5.5).abs() < 1e-9);
}

#[test]
fn lost_indentation_is_rebuilt() {
    let flat: String = TEXT.lines().map(|line| format!("{}\n", line.trim())).collect();
    let plan = only(flat.as_bytes());
    assert_eq!(tree(&plan), expected());
    assert!(artefact(flat.as_bytes()).notes.iter().any(|note| note.text.contains("indentation was lost")));
    let spaced: String = TEXT.lines().map(|line| format!("  {}\n", line.trim())).collect();
    assert_eq!(tree(&only(spaced.as_bytes())), expected());
}

#[test]
fn tabs_quotes_and_wrapped_lines_are_undone() {
    let tabs: String = TEXT.lines().map(|line| format!("\t{line}\n")).collect();
    assert_eq!(tree(&only(tabs.as_bytes())), expected());
    let quoted: String = TEXT.lines().map(|line| format!("\"{line}\"\n")).collect();
    assert_eq!(tree(&only(quoted.as_bytes())), expected());
    let wrapped = TEXT.replace(" (actual time=0.010..2.000 rows=30", " (actual\ntime=0.010..2.000 rows=30");
    assert_eq!(tree(&only(wrapped.as_bytes())), expected());
}

#[test]
fn a_plan_that_starts_midway_says_so() {
    let at = TEXT.find("  ->  Append").unwrap();
    let tail = artefact(&TEXT.as_bytes()[at..]);
    assert!(tail.notes.iter().any(|note| note.text.contains("starts mid-way")), "{:?}", tail.notes);
    let plan = only(&TEXT.as_bytes()[at..]);
    assert!(plan.headless);
    assert_eq!(plan.nodes.len(), 6);
}

#[test]
fn several_plans_with_words_between_have_their_labels() {
    let one = "Seq Scan on a  (cost=0.00..10.00 rows=10 width=4)\n  Filter: (x = 1)\n";
    let text = format!(
        "# Before the index\n\nEXPLAIN (ANALYZE, BUFFERS)\nSELECT *\n FROM a WHERE x = 1;\n{one}\nAfter CREATE INDEX:\n{one}QUERY PLAN\n-----\n{one}(2 rows)\n\nTime: 3.1 ms\n"
    );
    let plans = plans(text.as_bytes());
    let seen: Vec<(&str, Option<&str>)> =
        plans.iter().map(|plan| (plan.label.as_str(), plan.query.as_deref())).collect();
    assert_eq!(
        seen,
        [("# Before the index", Some("SELECT *\n FROM a WHERE x = 1")), ("After CREATE INDEX:", None), ("", None)]
    );
}

#[test]
fn newer_servers_print_fractions_and_more() {
    let text = "Index Scan using i on t  (cost=0.29..8.31 rows=1 width=4) (actual time=0.020..0.021 rows=1.50 loops=2)\n  Index Cond: (id = 1)\n  Index Searches: 2\n  Buffers: shared hit=3 read=1\n";
    let plan = only(text.as_bytes());
    assert_eq!((plan.nodes[0].rows, plan.nodes[0].buffers.read), (Some(1.5), 1.0));
    let json = "[{\"Plan\": {\"Node Type\": \"Index Scan\", \"Actual Rows\": 1.50, \"Actual Loops\": 2, \"Index Searches\": 2, \"Disabled\": false}}]";
    assert_eq!(only(json.as_bytes()).nodes[0].rows, Some(1.5));
}

#[test]
fn triggers_and_spills_are_kept() {
    let plan = only(&sample("explain/trigger.txt"));
    assert_eq!(plan.triggers.len(), 1, "{:?}", plan.triggers);
    assert!(plan.triggers[0].calls > 0.0);
    let spill = only(&sample("explain/spill.txt"));
    let sort = spill.nodes.iter().find(|node| node.operation == "Sort").unwrap();
    assert_eq!(sort.sort_method.as_deref(), Some("external merge"));
    assert!(sort.disk_kb > 1000.0 && sort.buffers.temp_written > 0.0);
    let hash = only(&sample("explain/batches.txt"));
    assert!(hash.nodes.iter().any(|node| node.operation == "Hash" && node.batches > 1.0));
    let fetches = only(&sample("explain/fetches.txt"));
    assert!(fetches.nodes.iter().any(|node| node.heap_fetches > 1000.0));
    let lossy = only(&sample("explain/lossy.txt"));
    assert!(lossy.nodes.iter().any(|node| node.lossy_blocks > 0.0 && node.removed_by_recheck > 0.0));
    let memoize = only(&sample("explain/memoize.txt"));
    assert!(memoize.nodes.iter().any(|node| node.cache_hits > 0.0));
}

#[test]
fn lines_wrapped_anywhere_come_together() {
    let whole = "Sort  (cost=32.88..32.96 rows=32 width=224) (actual time=0.532..0.533 rows=5 loops=1)\n  ->  Seq Scan on c  (cost=1.00..20.00 rows=64 width=73) (actual time=0.1..0.2 rows=5 loops=1)\n";
    let expected = only(whole.as_bytes());
    for width in 9..70 {
        // A terminal cuts at its width, wherever that is.
        let mut cut = String::new();
        for line in whole.lines() {
            let mut rest = line;
            while rest.len() > width {
                let (first, last) = rest.split_at(width);
                cut.push_str(first);
                cut.push('\n');
                rest = last;
            }
            cut.push_str(rest);
            cut.push('\n');
        }
        // Where the operation itself is cut nothing can be known.
        if width < 20 {
            let _ = artefact(cut.as_bytes());
            continue;
        }
        assert_eq!(only(cut.as_bytes()).nodes, expected.nodes, "{width}\n{cut}");
    }
}

#[test]
fn headings_of_old_servers_have_no_numbers() {
    let text = "Index Scan using a_pkey on a  (cost=30.00..34.33 rows=1 width=40) (actual time=0.003..0.003 rows=1 loops=100)\n  Index Cond: (id = (subplan))\n  SubPlan\n    ->  Limit  (cost=29.99..30.00 rows=1 width=19) (actual time=0.001..0.001 rows=1 loops=100)\n          ->  Subquery Scan b  (cost=29.99..30.00 rows=4 width=19) (actual time=0.001..0.001 rows=1 loops=100)\n    ->  Limit  (cost=29.99..30.00 rows=1 width=19) (never executed)\n";
    let plan = only(text.as_bytes());
    assert_eq!(tree(&plan), ["Index Scan using a_pkey on a", " Limit", "  Subquery Scan", " Limit"]);
    let roles: Vec<Role> = plan.nodes.iter().map(|node| node.role).collect();
    assert_eq!(roles, [Role::Input, Role::SubPlan, Role::Input, Role::SubPlan]);
    assert!(artefact(text.as_bytes()).notes.is_empty());
}
