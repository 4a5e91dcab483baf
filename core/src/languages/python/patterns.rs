//! `match`.

use super::lower::Lowerer;
use crate::model::{BinaryOp, Const, OpKind, RegionKind, ValueId};
use ruff_python_ast::{Identifier, Pattern, Singleton, StmtMatch};
use ruff_text_size::{Ranged, TextRange};
use thin_vec::{ThinVec, thin_vec};

impl Lowerer<'_, '_> {
    /// `match`: a branch; the test of a case stands before its arm, what it binds inside.
    pub fn matching(&mut self, s: &StmtMatch) {
        let subject = self.expr(&s.subject);
        let span = self.span(s.range);
        let mut fork = self.f.fork();
        self.f.open(RegionKind::Branch, span);
        let mut exhaustive = false;
        for case in &s.cases {
            let cond = self.test(&case.pattern, subject);
            exhaustive |= cond.is_none() && case.guard.is_none();
            let arm_span = self.span(case.range);
            self.f.open(RegionKind::Arm { cond, negated: false }, arm_span);
            self.bind_pattern(&case.pattern, subject);
            if let Some(guard) = &case.guard {
                self.condition(guard);
            }
            self.block(&case.body);
            self.f.close();
            self.f.end_arm(&mut fork);
        }
        if !exhaustive {
            self.f.skip_arms(&mut fork);
        }
        self.f.close();
        self.f.join(fork, span);
    }

    /// The value that decides whether `pattern` matches; `None` when it always does.
    fn test(&mut self, pattern: &Pattern, subject: ValueId) -> Option<ValueId> {
        match pattern {
            Pattern::MatchAs(e) => self.test(e.pattern.as_deref()?, subject),
            Pattern::MatchValue(e) => {
                let right = self.expr(&e.value);
                Some(self.emit(OpKind::Binary { op: BinaryOp::Eq, left: subject, right }, e.range))
            }
            Pattern::MatchSingleton(e) => {
                let value = match e.value {
                    Singleton::None => Const::None,
                    Singleton::True => Const::Bool(true),
                    Singleton::False => Const::Bool(false),
                };
                let right = self.constant(value, e);
                Some(self.emit(OpKind::Binary { op: BinaryOp::Is, left: subject, right }, e.range))
            }
            other => {
                let mut operands = thin_vec![subject];
                self.tested_values(other, &mut operands);
                Some(self.emit(OpKind::Other(operands), other.range()))
            }
        }
    }

    /// Classes and values that a compound pattern compares with.
    fn tested_values(&mut self, pattern: &Pattern, out: &mut ThinVec<ValueId>) {
        match pattern {
            Pattern::MatchValue(e) => out.push(self.expr(&e.value)),
            Pattern::MatchClass(e) => {
                out.push(self.expr(&e.cls));
                e.arguments.patterns.iter().for_each(|p| self.tested_values(p, out));
                e.arguments.keywords.iter().for_each(|k| self.tested_values(&k.pattern, out));
            }
            Pattern::MatchSequence(e) => e.patterns.iter().for_each(|p| self.tested_values(p, out)),
            Pattern::MatchMapping(e) => e.patterns.iter().for_each(|p| self.tested_values(p, out)),
            Pattern::MatchOr(e) => e.patterns.iter().for_each(|p| self.tested_values(p, out)),
            Pattern::MatchAs(e) => e.pattern.iter().for_each(|p| self.tested_values(p, out)),
            Pattern::MatchSingleton(_) | Pattern::MatchStar(_) => {}
        }
    }

    fn bind_pattern(&mut self, pattern: &Pattern, subject: ValueId) {
        match pattern {
            Pattern::MatchAs(e) => {
                if let Some(inner) = &e.pattern {
                    self.bind_pattern(inner, subject);
                }
                self.bind_capture(e.name.as_ref(), subject);
            }
            Pattern::MatchStar(e) => self.bind_capture(e.name.as_ref(), subject),
            Pattern::MatchSequence(e) => {
                for (position, part) in e.patterns.iter().enumerate() {
                    let index = if part.is_match_star() { None } else { u16::try_from(position).ok() };
                    self.bind_part(part, OpKind::Unpack { base: subject, index }, part.range());
                }
            }
            Pattern::MatchMapping(e) => {
                for (key, part) in e.keys.iter().zip(&e.patterns) {
                    if binds(part) {
                        let index = self.expr(key);
                        self.bind_part(part, OpKind::Item { base: subject, index }, part.range());
                    }
                }
                if let Some(rest) = &e.rest {
                    let value = self.emit(OpKind::Unpack { base: subject, index: None }, rest.range);
                    self.bind_capture(Some(rest), value);
                }
            }
            Pattern::MatchClass(e) => {
                for (position, part) in e.arguments.patterns.iter().enumerate() {
                    let index = u16::try_from(position).ok();
                    self.bind_part(part, OpKind::Unpack { base: subject, index }, part.range());
                }
                for keyword in &e.arguments.keywords {
                    let name = self.names.sym_at(keyword.attr.range, keyword.attr.as_str());
                    self.bind_part(&keyword.pattern, OpKind::Attr { base: subject, name }, keyword.range);
                }
            }
            Pattern::MatchOr(e) => {
                if let Some(first) = e.patterns.first() {
                    self.bind_pattern(first, subject);
                }
            }
            Pattern::MatchValue(_) | Pattern::MatchSingleton(_) => {}
        }
    }

    fn bind_part(&mut self, part: &Pattern, kind: OpKind, range: TextRange) {
        if binds(part) {
            let value = self.emit(kind, range);
            self.bind_pattern(part, value);
        }
    }

    fn bind_capture(&mut self, name: Option<&Identifier>, value: ValueId) {
        if let Some(name) = name {
            let id = self.names.id(name.range, name.as_str());
            self.bind(id, value, name.range);
        }
    }
}

/// Whether a pattern captures anything.
fn binds(pattern: &Pattern) -> bool {
    match pattern {
        Pattern::MatchAs(e) => e.name.is_some() || e.pattern.as_deref().is_some_and(binds),
        Pattern::MatchStar(e) => e.name.is_some(),
        Pattern::MatchSequence(e) => e.patterns.iter().any(binds),
        Pattern::MatchMapping(e) => e.rest.is_some() || e.patterns.iter().any(binds),
        Pattern::MatchClass(e) => {
            e.arguments.patterns.iter().any(binds) || e.arguments.keywords.iter().any(|k| binds(&k.pattern))
        }
        Pattern::MatchOr(e) => e.patterns.iter().any(binds),
        Pattern::MatchValue(_) | Pattern::MatchSingleton(_) => false,
    }
}
