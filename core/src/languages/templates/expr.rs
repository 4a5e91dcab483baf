//! Expressions of Django and Jinja templates, lowered as they are read. What the grammar does not know
//! ends the expression; nothing fails.

use super::lex::Token;
use super::lower::Lowerer;
use crate::model::{Arg, ArgKind, BinaryOp, Const, OpKind, ValueId, Wide};

/// Nesting that is read.
const DEEPEST: u32 = 24;

/// Tokens with a position.
#[derive(Clone, Debug)]
pub(super) struct Cursor<'t> {
    tokens: &'t [Token<'t>],
    at: usize,
    depth: u32,
}

impl<'t> Cursor<'t> {
    pub fn new(tokens: &'t [Token<'t>]) -> Self {
        Self { tokens, at: 0, depth: 0 }
    }

    pub fn peek(&self) -> Option<Token<'t>> {
        self.tokens.get(self.at).copied()
    }

    fn ahead(&self, n: usize) -> Option<Token<'t>> {
        self.tokens.get(self.at + n).copied()
    }

    pub fn next(&mut self) -> Option<Token<'t>> {
        let token = self.peek();
        self.at += 1;
        token
    }

    pub fn take(&mut self, sign: &str) -> bool {
        let found = self.peek() == Some(Token::Sign(sign));
        self.at += usize::from(found);
        found
    }

    pub fn word(&mut self, word: &str) -> bool {
        let found = self.peek() == Some(Token::Name(word));
        self.at += usize::from(found);
        found
    }

    /// `name=`: the start of a named argument.
    pub fn named(&mut self) -> Option<&'t str> {
        let (Some(Token::Name(name)), Some(Token::Sign("="))) = (self.peek(), self.ahead(1)) else { return None };
        self.at += 2;
        Some(name)
    }

    pub fn done(&self) -> bool {
        self.at >= self.tokens.len()
    }
}

impl Lowerer<'_> {
    /// A whole expression; `None` when none starts here.
    pub fn expression(&mut self, cursor: &mut Cursor<'_>) -> Option<ValueId> {
        if cursor.depth >= DEEPEST {
            return None;
        }
        cursor.depth += 1;
        let mut value = self.binary(cursor);
        // Jinja: `a if condition else b`
        if let Some(left) = value
            && cursor.word("if")
        {
            self.expression(cursor);
            if cursor.word("else")
                && let Some(right) = self.expression(cursor)
            {
                value = Some(self.push(OpKind::Binary { op: BinaryOp::LogicalOr, left, right }));
            }
        }
        cursor.depth -= 1;
        value
    }

    /// What a loop iterates: an `if` behind it filters.
    pub fn iterated(&mut self, cursor: &mut Cursor<'_>) -> Option<ValueId> {
        self.binary(cursor)
    }

    fn binary(&mut self, cursor: &mut Cursor<'_>) -> Option<ValueId> {
        let mut left = self.unary(cursor)?;
        for _ in 0..64 {
            let op = match cursor.peek() {
                Some(Token::Name("and")) => BinaryOp::LogicalAnd,
                Some(Token::Name("or")) => BinaryOp::LogicalOr,
                Some(Token::Name("in")) => BinaryOp::In,
                Some(Token::Name("is")) => BinaryOp::Is,
                Some(Token::Name("not")) => {
                    cursor.next();
                    BinaryOp::NotIn
                }
                Some(Token::Sign("==")) => BinaryOp::Eq,
                Some(Token::Sign("!=")) => BinaryOp::NotEq,
                Some(Token::Sign("<" | ">" | "<=" | ">=")) => BinaryOp::Order,
                Some(Token::Sign("+" | "~")) => BinaryOp::Add,
                Some(Token::Sign("-" | "*" | "/" | "//" | "**" | "%")) => BinaryOp::Arithmetic,
                _ => break,
            };
            cursor.next();
            cursor.word("not");
            let Some(right) = self.unary(cursor) else { break };
            left = self.push(OpKind::Binary { op, left, right });
        }
        Some(left)
    }

    fn unary(&mut self, cursor: &mut Cursor<'_>) -> Option<ValueId> {
        if cursor.word("not") {
            if cursor.depth >= DEEPEST {
                return None;
            }
            cursor.depth += 1;
            let value = self.unary(cursor);
            cursor.depth -= 1;
            return value.map(|value| self.push(OpKind::Not(value)));
        }
        cursor.take("-");
        let mut value = self.primary(cursor)?;
        for _ in 0..64 {
            value = match cursor.peek() {
                Some(Token::Sign(".")) => {
                    cursor.next();
                    match cursor.next() {
                        Some(Token::Name(name)) => {
                            let name = self.names.intern(name);
                            self.push(OpKind::Attr { base: value, name })
                        }
                        Some(Token::Number(digits)) => {
                            let index = self.push(OpKind::Const(Const::Int(Wide(digits.parse().unwrap_or(0)))));
                            self.push(OpKind::Item { base: value, index })
                        }
                        _ => break,
                    }
                }
                Some(Token::Sign("[")) => {
                    cursor.next();
                    let index = self.expression(cursor);
                    while !cursor.done() && !cursor.take("]") {
                        cursor.next();
                    }
                    match index {
                        Some(index) => self.push(OpKind::Item { base: value, index }),
                        None => self.push(OpKind::Slice { base: value, bounded: true }),
                    }
                }
                Some(Token::Sign("(")) => {
                    cursor.next();
                    let args = self.arguments(cursor, ")");
                    self.push(OpKind::Call { callee: value, args: args.into() })
                }
                Some(Token::Sign("|")) => {
                    cursor.next();
                    self.filter(cursor, value)
                }
                _ => break,
            };
        }
        Some(value)
    }

    /// `|name`, `|name:argument`, `|name(arguments)`
    fn filter(&mut self, cursor: &mut Cursor<'_>, value: ValueId) -> ValueId {
        let Some(Token::Name(name)) = cursor.next() else { return value };
        let mut args = vec![Arg { kind: ArgKind::Positional, value }];
        if cursor.take(":") {
            args.extend(self.primary(cursor).map(|value| Arg { kind: ArgKind::Positional, value }));
        } else if cursor.take("(") {
            args.extend(self.arguments(cursor, ")"));
        }
        match name {
            // The same rows.
            "dictsort" | "dictsortreversed" | "safe" | "default" | "default_if_none" | "d" | "sort" | "list"
            | "reverse" | "unique" | "selectattr" | "rejectattr" | "batch" => value,
            "slice" => self.push(OpKind::Slice { base: value, bounded: true }),
            "first" | "last" | "random" => {
                let index = self.push(OpKind::Const(Const::Int(Wide(0))));
                self.push(OpKind::Item { base: value, index })
            }
            "length" | "count" | "length_is" => self.call("len", vec![Arg { kind: ArgKind::Positional, value }]),
            _ => self.call(name, args),
        }
    }

    /// Calls a global name.
    pub fn call(&mut self, name: &str, args: Vec<Arg>) -> ValueId {
        let name = self.names.intern(name);
        let callee = self.push(OpKind::Global(name));
        self.push(OpKind::Call { callee, args: args.into() })
    }

    /// Arguments up to `close`, or to the end.
    pub fn arguments(&mut self, cursor: &mut Cursor<'_>, close: &str) -> Vec<Arg> {
        let mut args = Vec::new();
        while !cursor.done() && !cursor.take(close) {
            self.argument(cursor, &mut args);
        }
        args
    }

    /// One argument with its comma; a token that begins none is left out.
    pub fn argument(&mut self, cursor: &mut Cursor<'_>, args: &mut Vec<Arg>) {
        let kind = match cursor.named() {
            Some(name) => ArgKind::Named(self.names.intern(name)),
            None => ArgKind::Positional,
        };
        match self.expression(cursor) {
            Some(value) => args.push(Arg { kind, value }),
            None => {
                cursor.next();
            }
        }
        cursor.take(",");
    }

    fn primary(&mut self, cursor: &mut Cursor<'_>) -> Option<ValueId> {
        match cursor.peek()? {
            Token::Text(text) => {
                cursor.next();
                let text = self.names.intern(text.get(..200).unwrap_or(text));
                Some(self.push(OpKind::Const(Const::Str(text))))
            }
            Token::Number(digits) => {
                cursor.next();
                Some(self.push(OpKind::Const(Const::Int(Wide(digits.parse().unwrap_or(i64::MAX))))))
            }
            Token::Name("True" | "true") => {
                cursor.next();
                Some(self.push(OpKind::Const(Const::Bool(true))))
            }
            Token::Name("False" | "false") => {
                cursor.next();
                Some(self.push(OpKind::Const(Const::Bool(false))))
            }
            Token::Name("None" | "none") => {
                cursor.next();
                Some(self.push(OpKind::Const(Const::None)))
            }
            Token::Name(name) => {
                cursor.next();
                // Django's `_("text")` and Jinja's calls of globals name no variable.
                Some(self.variable(name))
            }
            Token::Sign("(") => {
                cursor.next();
                let value = self.expression(cursor);
                while !cursor.done() && !cursor.take(")") {
                    cursor.next();
                }
                value
            }
            Token::Sign("[" | "{") => {
                cursor.next();
                let mut items = Vec::new();
                while !cursor.done() && !cursor.take("]") && !cursor.take("}") {
                    match self.expression(cursor) {
                        Some(item) => items.push(item),
                        None => {
                            cursor.next();
                        }
                    }
                }
                Some(self.push(OpKind::Other(items.into())))
            }
            Token::Sign(_) => None,
        }
    }
}
