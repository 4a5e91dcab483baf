//! What says that a table stays small: who adds rows of a model, requests and jobs or administrators, commands and
//! migrations alone; and forms that offer its rows as choices.

use super::code::{ClassId, FuncId};
use super::project::Project;
use super::serializers::{class_value, model_of};
use super::shown::is_admin;
use super::types::Type;
use crate::libraries::RunContext;
use crate::model::{ArgKind, Const, OpKind, ValueId};
use rustc_hash::FxHashMap;

/// What adds rows of a model, of all that is seen.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Adders {
    /// A request, a job, or what nothing is known of.
    anybody: bool,
    /// A page of the admin, a command, a migration.
    set_up: bool,
    /// A form or a filter offers the rows as choices.
    offered: bool,
}

/// Methods of managers, querysets and model classes that add rows.
const ADDING: &[&str] = &[
    "create",
    "acreate",
    "get_or_create",
    "aget_or_create",
    "update_or_create",
    "aupdate_or_create",
    "bulk_create",
    "abulk_create",
    "insert",
    "insert_many",
];

impl Project {
    /// Whether somebody is seen to add rows of a model, and that is administrators, commands and migrations alone.
    #[must_use]
    pub fn is_set_up_only(&self, model: ClassId) -> bool {
        self.adders().get(&model).is_some_and(|adders| adders.set_up && !adders.anybody)
    }

    /// Whether a form or a filter of the project offers rows of a model as choices.
    #[must_use]
    pub fn is_offered(&self, model: ClassId) -> bool {
        self.adders().get(&model).is_some_and(|adders| adders.offered)
    }

    fn adders(&self) -> &FxHashMap<ClassId, Adders> {
        self.lazy().adders.get_or_init(|| find(self))
    }
}

fn find(project: &Project) -> FxHashMap<ClassId, Adders> {
    let code = project.code();
    let mut out: FxHashMap<ClassId, Adders> = FxHashMap::default();
    let mut note = |model: ClassId, set_up: bool| {
        let adders = out.entry(model).or_default();
        adders.set_up |= set_up;
        adders.anybody |= !set_up;
    };
    let mut named: FxHashMap<String, Vec<ClassId>> = FxHashMap::default();
    for class in project.orm().models().into_iter().map(|model| model.class) {
        let table = project.table_of_class(class).unwrap_or_default();
        for name in [project.text(code.class(class).name), table.as_str()] {
            named.entry(name.to_ascii_lowercase()).or_default().push(class);
        }
    }
    let mut shown = Vec::new();
    for f in code.func_ids() {
        let context = project.context(f);
        if context == RunContext::Test {
            continue;
        }
        let alone = matches!(context, RunContext::Script | RunContext::Startup | RunContext::Migration);
        let set_up = alone || project.context_path(f).is_some_and(|path| path.admin);
        for call in code.calls_in(f) {
            added(project, f, *call, set_up, &mut note);
            shown.extend(offered(project, f, *call));
        }
        if context == RunContext::Migration {
            for name in filled_by_migration(project, f) {
                named.get(&name).into_iter().flatten().for_each(|class| note(*class, true));
            }
        }
    }
    for class in code.class_ids() {
        for (model, set_up) in added_by_class(project, class) {
            note(model, set_up);
        }
    }
    for model in shown {
        out.entry(model).or_default().offered = true;
    }
    out
}

/// `forms.ModelChoiceField(queryset=Product.objects.filter(visible=True))`
fn offered(project: &Project, f: FuncId, call: ValueId) -> Option<ClassId> {
    const FIELDS: &[&str] =
        &["ModelChoiceField", "ModelMultipleChoiceField", "ModelChoiceFilter", "ModelMultipleChoiceFilter"];
    let body = project.code().body(f);
    let OpKind::Call { callee, args } = &body.op(call)?.kind else { return None };
    let (OpKind::Attr { name, .. } | OpKind::Global(name)) = body.op(*callee)?.kind else { return None };
    if !FIELDS.iter().any(|field| project.text(name).ends_with(field)) {
        return None;
    }
    let named = |arg: &&crate::model::Arg| matches!(arg.kind, ArgKind::Named(name) if project.text(name) == "queryset");
    let rows = args.iter().find(named).or(args.first())?;
    match project.ty(f, rows.value) {
        Type::Lib(_, row, _) => match project.type_of(*row) {
            Type::Inst(class, _) => Some(*class),
            _ => None,
        },
        _ => None,
    }
}

/// The models and tables that a migration adds rows to, in lower case: `apps.get_model("shop", "Sport")` with a
/// `create`, `op.execute("INSERT INTO sports …")`.
fn filled_by_migration(project: &Project, f: FuncId) -> Vec<String> {
    let body = project.code().body(f);
    let text = |v: ValueId| match body.op(v).map(|op| &op.kind) {
        Some(OpKind::Const(Const::Str(text))) => Some(project.text(*text).to_ascii_lowercase()),
        _ => None,
    };
    let method = |call: ValueId| body.method(call).map(|(_, name, args)| (project.text(name), args));
    let calls = project.code().calls_in(f);
    let adds = calls.iter().filter_map(|call| method(*call)).any(|(name, _)| ADDING.contains(&name));
    let models = calls.iter().filter_map(|call| method(*call)).filter(|(name, _)| adds && *name == "get_model");
    let models = models.filter_map(|(_, args)| text(args.last()?.value));
    let mut out: Vec<String> = models.map(|label| label.rsplit('.').next().unwrap_or_default().to_owned()).collect();
    for written in project.code().texts_in(f).iter().filter_map(|v| text(*v)) {
        let table = written.split("insert into ").nth(1).and_then(|rest| rest.split([' ', '(', '\n']).next());
        out.extend(table.map(|table| table.trim_matches('"').to_owned()));
    }
    out
}

/// `Sport(…)`, `Sport.objects.create(…)`, `insert(Sport)`, `SportSerializer(data=…)`, `admin.site.register(Sport)`
fn added(project: &Project, f: FuncId, call: ValueId, set_up: bool, note: &mut impl FnMut(ClassId, bool)) {
    let body = project.code().body(f);
    let Some(OpKind::Call { callee, args }) = body.op(call).map(|op| &op.kind) else { return };
    let is_model = |class: &ClassId| project.orm().is_model(*class);
    if let Type::ClassObj(class) = *project.ty(f, *callee) {
        let data = args.iter().any(|arg| matches!(arg.kind, ArgKind::Named(name) if project.text(name) == "data"));
        let model = if data { model_of(project, class).or(Some(class)) } else { Some(class) };
        model.filter(is_model).into_iter().for_each(|model| note(model, set_up));
    }
    let (name, base) = match body.op(*callee).map(|op| &op.kind) {
        Some(OpKind::Attr { name, base }) => (project.text(*name), Some(*base)),
        Some(OpKind::Global(name)) => (project.text(*name), None),
        _ => return,
    };
    if ADDING.contains(&name) {
        let model = base.and_then(|base| match project.ty(f, base) {
            Type::ClassObj(class) => Some(*class),
            Type::Lib(_, row, _) => match project.type_of(*row) {
                Type::Inst(class, _) => Some(*class),
                _ => None,
            },
            _ => None,
        });
        model.filter(is_model).into_iter().for_each(|model| note(model, set_up));
    }
    let first = || match project.ty(f, args.first()?.value) {
        Type::ClassObj(class) => Some(*class),
        _ => None,
    };
    if name.contains("insert") || name == "register" {
        first().filter(is_model).into_iter().for_each(|model| note(model, set_up || name == "register"));
    }
}

/// `@admin.register(Sport)`, forms of a model, views that create.
fn added_by_class(project: &Project, class: ClassId) -> Vec<(ClassId, bool)> {
    const CREATING: &[&str] = &["CreateView", "CreateModelMixin", "CreateAPIView", "ListCreateAPIView", "ModelViewSet"];
    let code = project.code();
    let owned = code.class(class);
    let top = code.func_id(code.module_of_class(class), crate::model::FnIdx(0));
    let mut out = Vec::new();
    if is_admin(project, class) {
        for decorator in &owned.decorators {
            let Some(OpKind::Call { args, .. }) = code.op(top, decorator.value).map(|op| &op.kind) else { continue };
            out.extend(args.iter().filter_map(|arg| match project.ty(top, arg.value) {
                Type::ClassObj(model) => Some((*model, true)),
                _ => None,
            }));
        }
        return out;
    }
    let form = project.library_ancestors(class).any(|name| name.ends_with("ModelForm"));
    if form && let Some(model) = model_of(project, class) {
        let path = code.path(top);
        out.push((model, path.split('/').any(|part| part == "admin" || part == "admin.py")));
    }
    let creates = project
        .library_ancestors(class)
        .any(|name| name.rsplit('.').next().is_some_and(|last| CREATING.contains(&last)));
    if creates {
        let admin = owned.methods.iter().any(|method| {
            let method = code.func_id(code.module_of_class(class), *method);
            project.context_path(method).is_some_and(|path| path.admin)
        });
        let shown = |key: &str| {
            let (f, v) = class_value(project, class, key)?;
            match project.ty(f, v) {
                Type::ClassObj(class) if project.orm().is_model(*class) => Some(*class),
                Type::ClassObj(class) => model_of(project, *class),
                Type::Lib(_, row, _) => match project.type_of(*row) {
                    Type::Inst(class, _) => Some(*class),
                    _ => None,
                },
                _ => None,
            }
        };
        out.extend(
            ["model", "serializer_class", "form_class", "queryset"].into_iter().find_map(shown).map(|m| (m, admin)),
        );
    }
    out
}
