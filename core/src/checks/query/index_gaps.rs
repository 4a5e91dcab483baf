//! Which columns of a table lack an index that the code needs: foreign keys that are followed from
//! the parent, columns that queries compare or sort by.

use crate::analysis::{Lookup, ModelField, ModelTable, Project, Schema, Table};
use crate::libraries::RunContext;
use crate::model::schema::{ColumnUse, OnDelete};
use crate::order::InOrder as _;

/// Why a column needs an index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Need {
    /// A foreign key whose rows go with the parent.
    Cascade,
    /// A column that a condition compares.
    Search,
    /// A foreign key that queries, collections or deletions follow.
    Key,
    /// A column that bounded queries sort by.
    Sort,
    /// A range within one parent's rows, sorted by the same column.
    Window,
    /// The two columns of a generic foreign key.
    Generic,
    /// A column that by its name tells rows apart.
    Named,
}

/// A missing index.
#[derive(Clone, Debug)]
pub(super) struct Gap {
    /// Columns that the index should begin with.
    pub columns: Vec<String>,
    /// Why.
    pub need: Need,
    /// Indices into the project's lookups.
    pub lookups: Vec<usize>,
    /// The table that a foreign key points to.
    pub parent: Option<String>,
    /// What speaks against it, when something does.
    pub doubt: Option<Doubt>,
}

/// What keeps a gap from being certain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Doubt {
    /// Nothing to mend, for this reason.
    Rejected(&'static str),
    /// The code cannot tell.
    Missing(&'static str),
}

/// Everything that the check knows of one table.
pub(super) struct TableView<'p> {
    pub project: &'p Project,
    pub schema: &'p Schema,
    pub table: &'p Table,
    pub model: Option<&'p ModelTable>,
    pub lookups: &'p [(usize, &'p Lookup)],
    /// InnoDB indexes foreign keys itself.
    pub mysql: bool,
}

impl TableView<'_> {
    /// All gaps, worst first.
    pub fn gaps(&self) -> Vec<Gap> {
        let mut out: Vec<Gap> = Vec::new();
        self.keys(&mut out);
        for (number, lookup) in self.lookups {
            if let Some(gap) = self.search(*number, lookup) {
                match out.iter_mut().find(|known| known.columns == gap.columns) {
                    Some(known) => {
                        known.lookups.extend(gap.lookups);
                        if known.doubt.is_some() {
                            known.need = known.need.min(gap.need);
                            known.doubt = gap.doubt;
                        }
                    }
                    None => out.push(gap),
                }
            }
        }
        out.extend(self.generic());
        if out.is_empty() {
            out.extend(self.named());
        }
        out.order_by_key(|gap| (gap.doubt.is_some(), gap.need));
        out
    }

    /// Django's generic foreign key: the index that the key of the type has leaves all rows of that type.
    fn generic(&self) -> Option<Gap> {
        self.model?;
        self.table.foreign_keys.iter().find_map(|key| {
            let [kind] = key.def.columns.as_slice() else { return None };
            let object = format!("{}object_id", kind.strip_suffix("content_type_id")?);
            let known = self.table.column(&object).is_some() || self.field(&object).is_some();
            let known = known && !self.lookups.iter().any(|(_, lookup)| lookup.uses.iter().any(|(c, ..)| *c == object));
            let lacks = known && self.table.led_by_both(kind, &object).is_none() && !self.indexed(&object);
            let doubt = if self.schema.is_unclear(self.table) {
                Some(Doubt::Rejected("an index of the table is created in a way that cannot be read"))
            } else if self.is_small() {
                Some(Doubt::Rejected("the table is small by nature"))
            } else {
                None
            };
            let columns = vec![kind.clone(), object];
            lacks.then_some(Gap { columns, need: Need::Generic, lookups: Vec::new(), parent: None, doubt })
        })
    }

    /// A model of files without any query: a key of another system is hardly kept without being looked up. Where queries
    /// were read and none of them is of this table, nothing seems to look its rows up.
    fn named(&self) -> Option<Gap> {
        let model = self.model.filter(|_| self.lookups.is_empty() && self.queries_unseen())?;
        if self.schema.is_unclear(self.table) || self.is_small() || !self.grows() {
            return None;
        }
        let field = model.fields.iter().find(|field| {
            let lower = field.column.to_ascii_lowercase();
            let last = lower.rsplit('_').next().unwrap_or("");
            let short =
                self.table.column(&field.column).is_none_or(|c| !["json", "text"].contains(&c.type_name.as_str()));
            let foreign = |word: &str| {
                ["remote", "external", "dedup", "idempotency", "lookup", "activation"].iter().any(|w| word.contains(w))
            };
            let key = matches!(last, "uid" | "uuid" | "guid" | "fingerprint" | "slug")
                || matches!(last, "key" | "id" | "token" | "hash") && foreign(&lower);
            // What people sign in or are found by.
            let key = key || matches!(last, "email" | "username" | "login" | "phone");
            let part = self.table.has_behind(&field.column).is_some() || field.column.ends_with("object_id");
            key && short && !part && !field.declined && !self.few(&field.column) && !self.indexed(&field.column)
        })?;
        Some(Gap {
            columns: vec![field.column.clone()],
            need: Need::Named,
            lookups: Vec::new(),
            parent: None,
            doubt: Some(Doubt::Missing("whether rows are looked up by it: no query of the table is among the files")),
        })
    }

    /// Whether an index may begin with the column, as far as can be told.
    fn indexed(&self, column: &str) -> bool {
        let foreign = || self.table.foreign_keys.iter().any(|k| k.def.columns.first().is_some_and(|c| c == column));
        self.table.led_by(column).is_some()
            || column.eq_ignore_ascii_case("id") && !self.table.columns.iter().any(|c| c.name == "id")
            || column.eq_ignore_ascii_case("rowid")
            || (self.mysql && foreign())
            || self.field(column).is_some_and(|field| field.opaque)
    }

    pub fn field(&self, column: &str) -> Option<&ModelField> {
        self.model?.fields.iter().rev().find(|field| field.column.eq_ignore_ascii_case(column))
    }

    /// Foreign keys without an index.
    fn keys(&self, out: &mut Vec<Gap>) {
        for key in &self.table.foreign_keys {
            let [column] = key.def.columns.as_slice() else { continue };
            if self.indexed(column) || out.iter().any(|gap| gap.columns == key.def.columns) {
                continue;
            }
            let looks = |lookup: &Lookup| {
                lookup.uses.iter().any(|(c, how, _)| c == column && matches!(how, ColumnUse::Equal | ColumnUse::Join))
                    && !served(self, lookup)
            };
            let lookups: Vec<usize> =
                self.lookups.iter().filter(|(_, l)| self.live(l) && looks(l)).map(|(i, _)| *i).collect();
            let need = if key.def.to.on_delete == OnDelete::Cascade { Need::Cascade } else { Need::Key };
            let followed = need == Need::Cascade || !lookups.is_empty();
            let doubt = if self.schema.is_unclear(self.table) {
                Some(Doubt::Rejected("an index of the table is created in a way that cannot be read"))
            } else if is_django(self) && lookups.is_empty() {
                Some(Doubt::Rejected("`db_index=False` is said on purpose, and no query looks rows up by it"))
            } else if !followed && self.other_side_unseen(column) {
                Some(Doubt::Missing("whether the rows of one parent are read: its model is not among the files"))
            } else if !followed && self.queries_unseen() && !self.is_small() && !small(&key.def.to.table) {
                Some(Doubt::Missing("whether rows are looked up by it: no query at all is among the files"))
            } else if !followed {
                Some(Doubt::Rejected(
                    "nothing looks rows up by the foreign key, and deleting the parent does not cascade",
                ))
            } else if self.field(column).is_some_and(|field| field.declined) {
                Some(Doubt::Rejected("`index=False` is said on purpose"))
            } else if need == Need::Key && (self.is_small() || small(&key.def.to.table)) {
                Some(Doubt::Rejected("the table is small by nature"))
            } else {
                None
            };
            let parent = Some(key.def.to.table.clone()).filter(|name| !name.is_empty());
            out.push(Gap { columns: vec![column.clone()], need, lookups, parent, doubt });
        }
    }

    /// Only models were read: who looks rows up lies elsewhere.
    fn queries_unseen(&self) -> bool {
        self.model.is_some() && self.project.lookups().is_empty()
    }

    /// `user_id` beside `user = relationship("User", …)` of a model that is not among the files.
    fn other_side_unseen(&self, column: &str) -> bool {
        let relation = column.strip_suffix("_id").and_then(|name| self.project.sym(name));
        let Some((class, relation)) = self.table.class.zip(relation) else { return false };
        self.project.relation(class, relation).is_some_and(|relation| relation.target.is_none())
    }

    /// Small by nature, by the name of the table or of its model.
    fn is_small(&self) -> bool {
        let class = self.table.class.map(|class| self.project.text(self.project.code().class(class).name));
        small(&self.table.name) || class.is_some_and(|name| small(last_word(name)))
    }

    /// Queries that run again and again: not those of start-up and scripts.
    fn live(&self, lookup: &Lookup) -> bool {
        !matches!(self.project.context(lookup.func), RunContext::Startup | RunContext::Script)
    }

    /// What one query lacks.
    fn search(&self, number: usize, lookup: &Lookup) -> Option<Gap> {
        if lookup.opaque || !self.live(lookup) {
            return None;
        }
        let of =
            |wanted: ColumnUse| lookup.uses.iter().filter(move |(_, how, _)| *how == wanted).map(|(c, ..)| c.as_str());
        if let Some(gap) = self.window(number, lookup) {
            return Some(gap);
        }
        if served(self, lookup) || lookup.shared {
            return None;
        }
        let equal: Vec<&str> = of(ColumnUse::Equal).collect();
        let telling = equal.iter().find(|c| self.tells_rows_apart(c)).or_else(|| equal.iter().find(|c| !self.few(c)));
        let (column, need) = match telling {
            Some(column) => (*column, Need::Search),
            None if lookup.limited => (of(ColumnUse::Order).next()?, Need::Sort),
            None => return None,
        };
        if need == Need::Sort && (!self.field(column).is_some_and(|f| f.moment) && !self.is_moment(column)) {
            return None;
        }
        let doubt = if self.schema.is_unclear(self.table) {
            Some(Doubt::Rejected("an index of the table is created in a way that cannot be read"))
        } else if self.field(column).is_some_and(|field| field.declined) {
            Some(Doubt::Rejected("`index=False` is said on purpose"))
        } else if self.table.open && self.model.is_none() {
            Some(Doubt::Rejected("the table's definition is not in the project"))
        } else if self.is_small() {
            Some(Doubt::Rejected("the table is small by nature"))
        } else if !self.grows() {
            Some(Doubt::Missing("how many rows the table holds"))
        } else if need == Need::Search && !self.tells_rows_apart(column) {
            Some(Doubt::Missing("how many rows share a value of the column"))
        } else {
            None
        };
        Some(Gap { columns: vec![column.to_owned()], need, lookups: vec![number], parent: None, doubt })
    }

    /// One parent's rows within a span of time, sorted by time, a page of them: an index on the
    /// parent alone reads and sorts its whole history.
    fn window(&self, number: usize, lookup: &Lookup) -> Option<Gap> {
        let find = |wanted: ColumnUse| lookup.uses.iter().find(|(_, how, _)| *how == wanted).map(|(c, ..)| c.as_str());
        let (parent, sort, range) = (find(ColumnUse::Equal)?, find(ColumnUse::Order)?, find(ColumnUse::Range)?);
        let moment = self.is_moment(sort) || self.field(sort).is_some_and(|f| f.moment);
        let key = self.table.foreign_keys.iter().find(|k| k.def.columns.first().is_some_and(|c| c == parent))?;
        let equals = lookup.uses.iter().filter(|(_, how, _)| *how == ColumnUse::Equal).count();
        let hot =
            matches!(self.project.context(lookup.func), RunContext::Request | RunContext::Stream | RunContext::Library);
        let lacks = sort == range
            && moment
            && lookup.limited
            && equals == 1
            && hot
            && !lookup.shared
            && self.table.led_by_both(parent, sort).is_none()
            && self.table.led_by(sort).is_none();
        if !lacks || self.is_small() || self.schema.is_unclear(self.table) {
            return None;
        }
        let columns = vec![parent.to_owned(), sort.to_owned()];
        let parent = Some(key.def.to.table.clone()).filter(|name| !name.is_empty());
        Some(Gap { columns, need: Need::Window, lookups: vec![number], parent, doubt: None })
    }

    /// Booleans, enums, and names that say as much.
    fn few(&self, column: &str) -> bool {
        const WORDS: &[&str] = &[
            "status",
            "state",
            "type",
            "kind",
            "role",
            "mode",
            "level",
            "lang",
            "language",
            "locale",
            "country",
            "currency",
            "category",
            "provider",
            "source",
            "priority",
            "severity",
            "method",
            "active",
            "enabled",
            "deleted",
            "visibility",
            "version",
            "format",
            "environment",
            "env",
            "scope",
            "gender",
            "tier",
            "plan",
            "platform",
            "permission",
            "action",
            "position",
            "order",
            "sort",
            "year",
            "processed",
            "archived",
            "default",
            "public",
            "private",
            "hidden",
            "system",
        ];
        let type_name = self.table.column(column).map_or("", |c| c.type_name.as_str());
        let last = column.rsplit('_').next().unwrap_or(column).to_ascii_lowercase();
        self.field(column).is_some_and(|field| field.few)
            || type_name.contains("bool")
            || type_name.contains("enum")
            || type_name == "tinyint"
            || column.starts_with("is_")
            || column.starts_with("has_")
            || WORDS.contains(&last.as_str())
    }

    /// Names of columns that hardly two rows share.
    fn tells_rows_apart(&self, column: &str) -> bool {
        const WORDS: &[&str] = &[
            "id",
            "uuid",
            "guid",
            "token",
            "key",
            "hash",
            "email",
            "slug",
            "username",
            "login",
            "fingerprint",
            "sha",
            "sha1",
            "sha256",
            "md5",
            "digest",
            "checksum",
            "url",
            "uri",
            "code",
            "nonce",
            "handle",
            "phone",
            "isbn",
            "barcode",
            "secret",
            "filename",
            "path",
            "cid",
            "pk",
            "ip",
        ];
        let lower = column.to_ascii_lowercase();
        let last = lower.rsplit('_').next().unwrap_or("");
        let foreign = self.table.foreign_keys.iter().any(|k| k.def.columns.first().is_some_and(|c| c == column));
        !self.few(column) && (foreign || WORDS.contains(&last))
    }

    fn is_moment(&self, column: &str) -> bool {
        self.table.column(column).is_some_and(|c| c.type_name.contains("date") || c.type_name.contains("timestamp"))
    }

    /// Rows come with time or with the rows of another table.
    fn grows(&self) -> bool {
        let moment = |name: &str| {
            let lower = name.to_ascii_lowercase();
            ["created", "timestamp", "inserted", "received", "time", "date", "at"]
                .iter()
                .any(|w| lower.split('_').any(|p| p == *w))
        };
        self.table.columns.iter().any(|c| moment(&c.name) && self.is_moment(&c.name))
            || !self.table.foreign_keys.is_empty()
    }
}

/// Whether some index serves the lookup.
pub(super) fn served(view: &TableView<'_>, lookup: &Lookup) -> bool {
    lookup.uses.iter().any(|(column, how, _)| match how {
        ColumnUse::Equal | ColumnUse::Range => view.indexed(column),
        ColumnUse::Join => view.indexed(column),
        ColumnUse::Order => lookup.limited && view.indexed(column),
        ColumnUse::Other => false,
    })
}

fn is_django(view: &TableView<'_>) -> bool {
    view.table.class.is_some_and(|class| view.project.inherits(class, "django.db.models.Model"))
}

/// `VoiceModelOption` -> `Option`
fn last_word(name: &str) -> &str {
    name.rfind(|c: char| c.is_ascii_uppercase()).and_then(|at| name.get(at..)).unwrap_or(name)
}

/// Tables that hold a handful of rows, told by the last word of their name.
fn small(table: &str) -> bool {
    const WORDS: &[&str] = &[
        "setting",
        "config",
        "configuration",
        "preference",
        "feature",
        "flag",
        "role",
        "permission",
        "language",
        "country",
        "currency",
        "locale",
        "timezone",
        "plan",
        "tier",
        "theme",
        "status",
        "type",
        "version",
        "migration",
        "category",
        "categorie",
        "lock",
        "singleton",
        "license",
        "schema",
        "site",
        "provider",
        "backend",
        "region",
        "option",
        "parameter",
        "option",
        "rule",
        "tenant",
        "organization",
        "template",
        "installation",
    ];
    let last = table.rsplit(['_', '.']).next().unwrap_or(table).to_ascii_lowercase();
    let bare = last.strip_suffix('s').unwrap_or(&last);
    WORDS.iter().any(|word| *word == last || *word == bare)
}

#[cfg(test)]
mod tests {
    #[test]
    fn small_tables_by_name() {
        assert!(super::small("app_settings") && super::small("user_roles") && super::small("Country"));
        assert!(!super::small("orders") && !super::small("status_events"));
    }
}
