//! Ticks of V8's own profiler, `node --prof`, with stacks of JavaScript functions: time in machine code belongs to the
//! nearest of them. What the collector, an idle loop and the runtime alone took stands apart.

use super::build::{Builder, Frame};
use crate::evidence::input::{Input, Limits, Notes, Refused};
use crate::evidence::model::profile::{Method, Origin, Profile, Runtime, Unit};

/// A profile that grows tick by tick.
pub struct Ticks {
    /// Functions get their numbers here.
    pub builder: Builder,
    most: usize,
    count: usize,
    first: Option<f64>,
    last: f64,
}

/// States of the engine at a tick, as V8 numbers them.
const COLLECTING: u64 = 1;
const IDLE: u64 = 8;

impl Ticks {
    /// An empty profile.
    pub fn new(limits: Limits) -> Self {
        let builder = Builder::new("node --prof", Runtime::JavaScript, Unit::Samples, limits);
        Self { builder, most: limits.samples, count: 0, first: None, last: 0.0 }
    }

    /// Counts a tick: when, in which state, and the functions, innermost first.
    ///
    /// # Errors
    /// When there are more than the limit.
    pub fn tick(&mut self, at_us: f64, state: u64, functions: &[u32]) -> Result<(), Refused> {
        self.count += 1;
        Input::at_most(self.count, self.most, "tick", "ticks")?;
        let first = *self.first.get_or_insert(at_us);
        self.last = self.last.max(at_us);
        let mut node = None;
        if state != COLLECTING && state != IDLE {
            for function in functions.iter().rev() {
                node = Some(self.builder.node(node, *function, 0)?);
            }
        }
        let node = match node {
            Some(node) => node,
            None => {
                let (name, origin) = match state {
                    COLLECTING => ("(garbage collector)", Origin::Collector),
                    IDLE => ("(idle)", Origin::Idle),
                    _ => ("(program)", Origin::Program),
                };
                let function = self.builder.function_of(Frame::named(name), origin)?;
                self.builder.node(None, function, 0)?
            }
        };
        self.builder.sample(node, 0, Some((at_us - first).max(0.0) * 1e-6), 1.0, 1);
        Ok(())
    }

    /// The finished profile.
    ///
    /// # Errors
    /// When there was no tick.
    pub fn finish(mut self, interval_seconds: Option<f64>, notes: &mut Notes) -> Result<Profile, Refused> {
        let Some(first) = self.first else {
            return Err(Refused("A V8 log without ticks: it was not written with --prof".to_owned()));
        };
        let duration = (self.last - first).max(0.0) * 1e-6;
        let mean = (self.count > 1 && duration > 0.0).then(|| duration / (self.count - 1) as f64);
        self.builder.profile.method = Method::Sampled { interval_seconds: mean.or(interval_seconds) };
        self.builder.profile.duration_seconds = Some(duration);
        Ok(self.builder.tree(notes))
    }
}
