//! Types of columns.

use super::code::FuncId;
use super::infer::Engine;
use super::types::Type;
use crate::model::{Arg, Field, OpKind};

impl Engine<'_> {
    /// Short name of a column's type: of `Column(…)`, `mapped_column(…)`, or of its annotation.
    pub(super) fn column_type(&mut self, scope: FuncId, field: &Field, args: &[Arg]) -> String {
        let code = self.code;
        for arg in args {
            let mut v = arg.value;
            if let Some(OpKind::Call { callee, args: inner }) = code.op(scope, v).map(|op| &op.kind) {
                // `sa_column=Column(JSON)`
                if self.lib_name(scope, *callee).is_some_and(|name| name.rsplit('.').next() == Some("Column")) {
                    return self.column_type(scope, field, inner);
                }
                v = *callee;
            }
            if let Some(name) = self.lib_name(scope, v) {
                let short = name.rsplit('.').next().unwrap_or("").to_owned();
                if short != "ForeignKey" && short.chars().next().is_some_and(char::is_uppercase) {
                    return short;
                }
            }
        }
        let ty = field.annotation.map(|a| self.annotation_type(scope, a));
        match ty.map(|ty| self.types.get(ty).clone()) {
            Some(Type::Dict(..) | Type::List(_)) => "JSON".to_owned(),
            _ => String::new(),
        }
    }
}
