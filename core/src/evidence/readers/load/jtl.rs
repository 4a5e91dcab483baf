//! JMeter's results as CSV (`-l results.jtl`): one line a sample, with a header that names the columns. A transaction
//! controller writes a line for the sum of its samples, which would count them twice.

use super::csv;
use super::samples::Gathered;
use crate::evidence::input::{Input, Notes, Refused};
use crate::evidence::model::load::{ErrorCount, LoadModel, LoadRun};
use crate::evidence::model::{Artefact, Evidence};
use crate::evidence::recognize::Head;
use crate::evidence::{moment, routes};
use crate::order::InOrder as _;
use crate::words::counted;
use std::collections::BTreeMap;

/// The header.
pub fn is_jtl(head: &Head) -> bool {
    head.lines().next().is_some_and(|line| line.starts_with("timeStamp,elapsed,label,"))
}

/// Different errors that are told apart.
const ERRORS: usize = 100;

/// Reads it.
pub fn read(input: &mut Input, artefact: &mut Artefact, notes: &mut Notes) -> Result<(), Refused> {
    let limit = input.limits.samples;
    let (mut buffer, mut line) = (Vec::new(), 0);
    let header = csv::record(input, &mut buffer, &mut line)?.unwrap_or_default();
    let names: Vec<String> = csv::fields(&header).into_iter().map(std::borrow::Cow::into_owned).collect();
    let place = |wanted: &str| names.iter().position(|name| name == wanted);
    let (success, url, threads) = (place("success"), place("URL"), place("allThreads"));
    let (code, message) = (place("responseCode"), place("responseMessage"));
    let mut gathered = Gathered::default();
    let (mut most, mut host, mut sums) = (0.0_f64, None, 0_u64);
    let (mut begin, mut end) = (i64::MAX, i64::MIN);
    let mut errors: BTreeMap<String, u64> = BTreeMap::new();
    while let Some(record) = csv::record(input, &mut buffer, &mut line)? {
        if record.trim().is_empty() {
            continue;
        }
        let fields = csv::fields(&record);
        let field = |place: Option<usize>| place.and_then(|at| fields.get(at)).map_or("", AsRef::as_ref);
        let (time, label) = (field(Some(0)), field(Some(2)));
        let at = time.parse::<f64>().ok().and_then(moment::from_epoch).or_else(|| moment::parse(time));
        let at = at.map(|micros| micros.div_euclid(1_000));
        let ms = field(Some(1)).parse::<f64>().ok().filter(|ms| ms.is_finite() && *ms >= 0.0);
        let (Some(at), Some(ms)) = (at, ms) else {
            notes.add(line, "A sample without time or length, skipped");
            continue;
        };
        let text = field(message);
        if text.starts_with("Number of samples in transaction") {
            sums += 1;
            continue;
        }
        let address = field(url);
        if host.is_none() {
            host = routes::host(address).map(str::to_owned);
        }
        let (method, name) = routes::split(label);
        gathered.sample(method, name, address, at, ms);
        Input::at_most(gathered.count, limit, "sample", "samples")?;
        if field(success).eq_ignore_ascii_case("false") {
            gathered.failure(method, name, address, at);
            let what = [field(code), text].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
            if errors.len() < ERRORS || errors.contains_key(&what) {
                *errors.entry(what).or_default() += 1;
            }
        }
        if let Ok(users) = field(threads).parse::<f64>()
            && users.is_finite()
        {
            most = most.max(users);
            gathered.users(at, users);
        }
        begin = begin.min(at);
        end = end.max(at.saturating_add(ms as i64));
    }
    if gathered.count == 0 {
        return Err(Refused("Results of JMeter without samples".to_owned()));
    }
    if sums > 0 {
        let lines = counted(sums, "line", "lines");
        notes.add(0, format!("Left out: {lines} of transaction controllers, whose samples are counted themselves"));
    }
    let seconds = end.saturating_sub(begin) as f64 / 1e3;
    let (mut total, routes) = gathered.finish((seconds > 0.0).then_some(seconds));
    total.errors = errors.into_iter().map(|(what, count)| ErrorCount { what, count }).collect();
    total.errors.order_by(|a, b| b.count.cmp(&a.count).then(a.what.cmp(&b.what)));
    artefact.started = Some(moment::show(begin.saturating_mul(1_000)));
    artefact.evidence.push(Evidence::LoadRun(Box::new(LoadRun {
        tool: "JMeter".to_owned(),
        model: Some(LoadModel::Closed),
        users: (most > 0.0).then_some(most),
        duration_s: Some(seconds),
        host,
        total,
        routes,
        ..LoadRun::default()
    })));
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

    use crate::evidence::model::load::LoadRun;
    use crate::evidence::model::{Artefact, Evidence};
    use crate::evidence::{Limits, read};

    const HEADER: &str = "timeStamp,elapsed,label,responseCode,responseMessage,threadName,dataType,success,failureMessage,bytes,sentBytes,grpThreads,allThreads,URL,Latency,IdleTime,Connect";

    fn artefact(lines: &str) -> Artefact {
        let text = format!("{HEADER}\n{lines}");
        read("results.jtl", text.len() as u64, &mut text.as_bytes(), Limits::default())
    }

    fn run(artefact: &Artefact) -> &LoadRun {
        match artefact.evidence.as_slice() {
            [Evidence::LoadRun(run)] => run,
            other => panic!("{other:?} {:?}", artefact.refused),
        }
    }

    #[test]
    fn samples_become_routes_and_transactions_do_not_count_twice() {
        let mut lines = String::new();
        for at in 0..20_u64 {
            let start = 1_766_362_285_000 + at * 500;
            let ms = 100 + at;
            lines.push_str(&format!("{start},{ms},GET /logs/test,200,OK,Thread Group 1-1,text,true,,468,231,10,10,http://127.0.0.1:8080/logs/test?delay=1,{ms},0,1\n"));
            lines.push_str(&format!("{start},5,\"search, all\",500,\"Internal \"\"Error\"\"\",Thread Group 1-2,text,false,,468,231,10,12,http://127.0.0.1:8080/search,5,0,1\n"));
            lines.push_str(&format!("{start},{},checkout,200,\"Number of samples in transaction : 2, number of failing samples : 1\",Thread Group 1-1,,true,,0,0,10,10,null,0,0,0\n", ms + 5));
        }
        let artefact = artefact(&lines);
        let run = run(&artefact);
        assert_eq!((run.tool.as_str(), run.total.requests, run.total.failures), ("JMeter", Some(40), Some(20)));
        assert_eq!((run.users, run.host.as_deref()), (Some(12.0), Some("http://127.0.0.1:8080")));
        let route = run.routes.iter().find(|route| route.method == "GET").unwrap();
        assert_eq!((route.name.as_str(), route.requests, route.failures), ("/logs/test", Some(20), Some(0)));
        assert_eq!((route.latency.min_ms, route.latency.max_ms), (Some(100.0), Some(119.0)));
        let other = run.routes.iter().find(|route| route.name == "search, all").unwrap();
        assert_eq!(other.failures, Some(20));
        assert_eq!((run.total.errors[0].what.as_str(), run.total.errors[0].count), ("500 Internal \"Error\"", 20));
        // 9.5 s from the first start to the last, which took 119 ms.
        assert_eq!(run.duration_s, Some(9.619));
        assert!(artefact.notes[0].text.contains("20 lines of transaction controllers"), "{:?}", artefact.notes);
        assert_eq!(artefact.started.as_deref(), Some("2025-12-22T00:11:25Z"));
    }

    #[test]
    fn broken_results_say_so() {
        assert_eq!(artefact("").refused.unwrap(), "Results of JMeter without samples");
        let odd = artefact("soon,x,label\n1766362285000,-5,a,200\n1766362285000,7,a,200,OK,t,text,true\n");
        assert_eq!(run(&odd).total.requests, Some(1));
        assert_eq!((odd.notes[0].at, odd.notes[0].times), (2, 2));
    }
}
