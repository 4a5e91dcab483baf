//! Gathers single requests by route and makes the model's routes of them: percentiles, windows, samples.

use crate::evidence::model::load::{ComputedBy, Latency, Route, Window};
use crate::evidence::model::targets::Percent;
use crate::evidence::routes;
use crate::evidence::stats;
use rustc_hash::FxHashMap;

/// Percentiles that are computed from samples.
const PERCENTILES: [f64; 8] = [50.0, 75.0, 90.0, 95.0, 97.5, 98.0, 99.0, 99.9];

/// Most windows of a run: longer runs get longer windows.
const WINDOWS: i64 = 3_600;

/// Most routes that are told apart; further ones are gathered in one.
const ROUTES: usize = 1_000;

/// Requests by route.
#[derive(Debug, Default)]
pub struct Gathered {
    routes: Vec<One>,
    by_key: FxHashMap<String, usize>,
    key: String,
    users: Vec<(i64, f64)>,
    /// Samples so far.
    pub count: usize,
    /// Addresses were grouped by path.
    pub grouped: bool,
    /// There were more routes than are told apart.
    pub overflow: bool,
}

#[derive(Debug, Default)]
struct One {
    method: String,
    name: String,
    /// Milliseconds since the epoch of the run's clock.
    at: Vec<i64>,
    ms: Vec<f64>,
    failed_at: Vec<i64>,
}

impl Gathered {
    /// One request that took `ms` and began or ended at `at` (milliseconds of any epoch).
    pub fn sample(&mut self, method: &str, name: &str, url: &str, at: i64, ms: f64) {
        self.count += 1;
        let place = self.place(method, name, url);
        if let Some(one) = self.routes.get_mut(place) {
            one.at.push(at);
            one.ms.push(ms);
        }
    }

    /// A request failed.
    pub fn failure(&mut self, method: &str, name: &str, url: &str, at: i64) {
        let place = self.place(method, name, url);
        if let Some(one) = self.routes.get_mut(place) {
            one.failed_at.push(at);
        }
    }

    /// How many users there were.
    pub fn users(&mut self, at: i64, users: f64) {
        self.users.push((at, users));
    }

    fn place(&mut self, method: &str, name: &str, url: &str) -> usize {
        self.key.clear();
        self.key.push_str(method);
        self.key.push('\0');
        self.key.push_str(name);
        if let Some(place) = self.by_key.get(&self.key) {
            return *place;
        }
        let mut shown = name.to_owned();
        if name == url && name.contains("://") {
            shown = routes::template(routes::path(name));
            self.grouped = true;
        }
        let mut found = self.routes.iter().position(|one| one.method == method && one.name == shown);
        if found.is_none() && self.routes.len() >= ROUTES {
            self.overflow = true;
            found = Some(ROUTES);
            shown = "(further routes)".to_owned();
        }
        let place = found.unwrap_or(self.routes.len());
        if place >= self.routes.len() {
            self.routes.push(One { method: method.to_owned(), name: shown, ..One::default() });
        }
        if self.by_key.len() < 100_000 {
            self.by_key.insert(self.key.clone(), place);
        }
        place
    }

    /// First and last time seen.
    #[must_use]
    pub fn span(&self) -> Option<(i64, i64)> {
        let times = || self.routes.iter().flat_map(|one| one.at.iter().chain(&one.failed_at)).copied();
        Some((times().min()?, times().max()?))
    }

    /// Routes and the total. The length of the run is `duration_s` where the tool says it.
    #[must_use]
    pub fn finish(mut self, duration_s: Option<f64>) -> (Route, Vec<Route>) {
        let Some((first, last)) = self.span() else { return (Route::default(), Vec::new()) };
        let length = ((last - first) / 1_000 / WINDOWS + 1).max(1) * 1_000;
        let clock = Clock { first, length, seconds: duration_s.unwrap_or((last - first) as f64 / 1e3) };
        let mut all = One::default();
        let mut out = Vec::new();
        for one in &mut self.routes {
            all.at.extend_from_slice(&one.at);
            all.ms.extend_from_slice(&one.ms);
            all.failed_at.extend_from_slice(&one.failed_at);
            out.push(clock.route(std::mem::take(one)));
        }
        let mut total = clock.route(all);
        for window in &mut total.windows {
            let from = first + (window.at_s * 1e3) as i64;
            let seen = self.users.iter().filter(|(at, _)| (from..from + length).contains(at));
            window.users = seen.map(|(_, users)| *users).reduce(f64::max);
        }
        (total, out)
    }

    /// Most users seen.
    #[must_use]
    pub fn most_users(&self) -> Option<f64> {
        self.users.iter().map(|(_, users)| *users).reduce(f64::max)
    }
}

/// Where windows begin.
struct Clock {
    first: i64,
    length: i64,
    seconds: f64,
}

impl Clock {
    fn window(&self, at: i64) -> usize {
        ((at - self.first) / self.length) as usize
    }

    fn route(&self, one: One) -> Route {
        let count = one.ms.len();
        let windows = one.at.iter().chain(&one.failed_at).map(|at| self.window(*at) + 1).max().unwrap_or(0);
        let mut parts: Vec<Vec<f64>> = vec![Vec::new(); windows];
        for (at, ms) in one.at.iter().zip(&one.ms) {
            if let Some(part) = parts.get_mut(self.window(*at)) {
                part.push(*ms);
            }
        }
        let mut failures = vec![0_u64; windows];
        for at in &one.failed_at {
            if let Some(slot) = failures.get_mut(self.window(*at)) {
                *slot += 1;
            }
        }
        let mut samples_ms = Vec::with_capacity(count);
        let mut shown = Vec::with_capacity(windows);
        for (at, (part, failed)) in parts.iter_mut().zip(failures).enumerate() {
            samples_ms.extend(part.iter().map(|ms| *ms as f32));
            stats::sort(part);
            shown.push(Window {
                at_s: at as f64 * self.length as f64 / 1e3,
                length_s: self.length as f64 / 1e3,
                requests: part.len() as u64,
                failures: failed,
                p50_ms: stats::percentile(part, 0.5),
                p95_ms: stats::percentile(part, 0.95),
                users: None,
            });
        }
        drop(parts);
        let mut sorted = one.ms;
        let sum: f64 = sorted.iter().sum();
        stats::sort(&mut sorted);
        let mut latency = Latency {
            min_ms: sorted.first().copied(),
            mean_ms: (count > 0).then(|| sum / count as f64),
            max_ms: sorted.last().copied(),
            samples_ms,
            ..Latency::default()
        };
        for at in PERCENTILES.into_iter().filter_map(Percent::new) {
            if let Some(ms) = stats::percentile(&sorted, at.share()) {
                latency.add(at, ms, ComputedBy::Us);
            }
        }
        Route {
            method: one.method,
            name: one.name,
            requests: Some(count as u64),
            failures: Some(one.failed_at.len() as u64),
            per_second: (self.seconds > 0.0).then(|| count as f64 / self.seconds),
            latency,
            windows: shown,
            ..Route::default()
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

    use super::*;

    #[test]
    fn samples_stand_in_the_order_of_windows() {
        let mut gathered = Gathered::default();
        for (at, ms) in [(2_500, 30.0), (1_000, 10.0), (1_900, 20.0), (2_600, 40.0)] {
            gathered.sample("GET", "posts", "http://h/posts", at, ms);
        }
        gathered.failure("GET", "posts", "http://h/posts", 2_600);
        gathered.users(2_600, 5.0);
        assert_eq!(gathered.most_users(), Some(5.0));
        let (total, routes) = gathered.finish(Some(2.0));
        assert_eq!(routes[0].latency.samples_ms, [10.0, 20.0, 30.0, 40.0]);
        assert_eq!(routes[0].windows.iter().map(|window| window.requests).collect::<Vec<_>>(), [2, 2]);
        assert_eq!(routes[0].windows[1].failures, 1);
        assert_eq!(routes[0].latency.percentile(Percent::P50), Some(25.0));
        assert_eq!(total.per_second, Some(2.0));
        assert_eq!(total.windows[1].users, Some(5.0));
    }

    #[test]
    fn addresses_are_grouped_by_path_and_names_are_not() {
        let mut gathered = Gathered::default();
        for id in 0..5 {
            let url = format!("http://h/posts/{id}?x=1");
            gathered.sample("GET", &url, &url, 0, 1.0);
            gathered.sample("GET", "named 7", &url, 0, 1.0);
        }
        assert!(gathered.grouped);
        let names: Vec<String> = gathered.finish(None).1.into_iter().map(|route| route.name).collect();
        assert_eq!(names, ["/posts/{id}", "named 7"]);
    }

    #[test]
    fn a_flood_of_names_is_gathered_in_one() {
        let mut gathered = Gathered::default();
        for at in 0..ROUTES + 50 {
            gathered.sample("GET", &format!("n{at}"), "", 0, 1.0);
        }
        assert!(gathered.overflow);
        let (total, routes) = gathered.finish(None);
        assert_eq!(routes.len(), ROUTES + 1);
        assert_eq!(routes[ROUTES].requests, Some(50));
        assert_eq!(total.requests, Some(ROUTES as u64 + 50));
    }

    #[test]
    fn a_long_run_gets_longer_windows() {
        let mut gathered = Gathered::default();
        for at in 0..100 {
            gathered.sample("GET", "x", "", at * 360_000, 1.0);
        }
        let (total, _) = gathered.finish(None);
        assert!(total.windows.len() <= 3_600, "{}", total.windows.len());
        assert_eq!(total.requests, Some(100));
    }
}
