//! django-pgtrigger: triggers that its operations of migrations install, as the SQL that they stand for.

use super::reader::At;
use super::replay::Steps;
use crate::analysis::Project;
use crate::model::{Arg, ValueId};

impl Project {
    /// `AddTrigger(model_name=…, trigger=Trigger(name=…, sql=UpsertTriggerSql(…)))`
    pub(super) fn add_trigger(&self, at: At, args: &[Arg], out: &mut Steps) {
        let f = at.0;
        let part = |args: &[Arg], g, name: &str| Some((g, self.schema_keyword(args, name)?));
        let text = |args: &[Arg], g, name: &str| self.schema_text(part(args, g, name)?);
        let Some(model) = text(args, f, "model_name") else { return };
        let Some(((g, _), trigger)) = part(args, f, "trigger").and_then(|at| self.schema_call(at)) else { return };
        let Some(((h, _), sql)) = part(trigger, g, "sql").and_then(|at| self.schema_call(at)) else { return };
        let (Some(name), Some(table), Some(operation)) =
            (text(trigger, g, "name"), text(sql, h, "table"), text(sql, h, "operation"))
        else {
            return;
        };
        let body = text(sql, h, "func").unwrap_or_default();
        // django-pghistory keeps each state of a row for later: nobody waits for what it writes. Its function may be too
        // long to be seen whole.
        const HISTORY: &[&str] =
            &["insert_insert", "update_update", "delete_delete", "snapshot_insert", "snapshot_update"];
        if body.contains("pgh_") || HISTORY.contains(&name.as_str()) {
            return;
        }
        let when = text(sql, h, "when").unwrap_or_else(|| "AFTER".to_owned());
        let name = own_name(&model, &name);
        let statements = format!(
            "CREATE FUNCTION {name}() RETURNS trigger AS $$ BEGIN {body} END $$ LANGUAGE plpgsql;\n\
             CREATE TRIGGER {name} {when} {operation} ON \"{table}\" FOR EACH ROW EXECUTE FUNCTION {name}();"
        );
        self.script_steps(at, Some(&statements), out);
    }

    /// `RemoveTrigger(model_name=…, name=…)`
    pub(super) fn remove_trigger(&self, at: At, args: &[Arg], out: &mut Steps) {
        let text = |i: usize, name: &str| {
            let positional = Self::positional(args).nth(i);
            let v: Option<ValueId> = positional.or_else(|| self.schema_keyword(args, name));
            self.schema_text((at.0, v?))
        };
        if let (Some(model), Some(name)) = (text(0, "model_name"), text(1, "name")) {
            self.script_steps(at, Some(&format!("DROP TRIGGER {}", own_name(&model, &name))), out);
        }
    }
}

fn own_name(model: &str, name: &str) -> String {
    let name = format!("pgtrigger_{model}_{name}");
    name.chars().map(|c| if c.is_alphanumeric() { c.to_ascii_lowercase() } else { '_' }).collect()
}
