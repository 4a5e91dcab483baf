//! Class hierarchy: linearised bases, methods and fields by name.

use super::code::{ClassId, FuncId};
use super::infer::Engine;
use super::types::Type;
use crate::model::{OpKind, Sym, ValueId};
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// An ancestor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Base {
    Project(ClassId),
    Library(Sym),
}

/// What is known of a class.
#[derive(Clone, Debug)]
pub(crate) struct ClassInfo {
    /// The class itself, then its ancestors, nearest first.
    pub mro: Arc<[Base]>,
    pub methods: FxHashMap<Sym, FuncId>,
    /// Index into `Class::fields`; the last definition counts.
    pub fields: FxHashMap<Sym, u32>,
}

impl Default for ClassInfo {
    fn default() -> Self {
        Self { mro: Arc::from([]), methods: FxHashMap::default(), fields: FxHashMap::default() }
    }
}

const DJANGO_MODEL: &str = "django.db.models.Model";

impl Engine<'_> {
    /// The class's facts.
    pub fn class_info(&mut self, class: ClassId) -> &ClassInfo {
        let i = class.0 as usize;
        if self.class_infos.get(i).is_some_and(Option::is_none) {
            // Mark first: cyclic inheritance ends here.
            let own = self.own_members(class);
            if let Some(slot) = self.class_infos.get_mut(i) {
                *slot = Some(own);
            }
            let mro = self.linearise(class);
            if let Some(Some(info)) = self.class_infos.get_mut(i) {
                info.mro = mro.into();
            }
        }
        static EMPTY: std::sync::OnceLock<ClassInfo> = std::sync::OnceLock::new();
        match self.class_infos.get(i) {
            Some(Some(info)) => info,
            _ => EMPTY.get_or_init(ClassInfo::default),
        }
    }

    fn own_members(&self, id: ClassId) -> ClassInfo {
        let code = self.code;
        let module = code.module_of_class(id);
        let class = code.class(id);
        let mut info = ClassInfo { mro: Arc::from([Base::Project(id)]), ..ClassInfo::default() };
        for method in &class.methods {
            let f = code.func_id(module, *method);
            // A property's setter has the getter's name: the getter is the one that reads call.
            info.methods.entry(code.func(f).name).or_insert(f);
        }
        for (i, field) in class.fields.iter().enumerate() {
            info.fields.insert(field.name, u32::try_from(i).unwrap_or(u32::MAX));
        }
        info
    }

    fn linearise(&mut self, id: ClassId) -> Vec<Base> {
        let code = self.code;
        let class = code.class(id);
        let scope = code.class_scope(id);
        let mut mro = vec![Base::Project(id)];
        for base in &class.bases {
            for ancestor in self.base_of(scope, *base) {
                if !mro.contains(&ancestor) {
                    mro.push(ancestor);
                }
            }
        }
        let unseen = |base: &Base| match base {
            Base::Library(name) => self.is_absent_name(self.names.text(*name)),
            Base::Project(_) => false,
        };
        // A base that resolved to nothing is missing in the list.
        let absent = mro.len() <= class.bases.len() || mro.iter().any(unseen);
        let model = self.names.get(DJANGO_MODEL).is_some_and(|model| mro.contains(&Base::Library(model)));
        if absent
            && !model
            && let Some(said) = self.said_by_columns(id)
        {
            mro.push(Base::Library(self.names.intern(said)));
        }
        mro
    }

    /// The class that a model extends by what its columns are, where a base of it is not among the files.
    fn said_by_columns(&mut self, class: ClassId) -> Option<&'static str> {
        /// Where column classes live, how their names end, what has them.
        const COLUMNS: &[(&str, &[&str], &str)] = &[
            ("django.db.models.", &["Field", "ForeignKey"], DJANGO_MODEL),
            ("sqlalchemy.", &["Column", "mapped_column", "relationship"], "sqlalchemy.orm.DeclarativeBase"),
            ("peewee.", &["Field"], "peewee.Model"),
            ("tortoise.fields.", &["Field"], "tortoise.models.Model"),
        ];
        let code = self.code;
        let owner = code.class(class);
        let scope = code.class_scope(class);
        let callees = owner.fields.iter().filter_map(|field| match code.op(scope, field.value?).map(|op| &op.kind) {
            Some(OpKind::Call { callee, .. }) => Some(*callee),
            _ => None,
        });
        for callee in callees {
            let Some(name) = self.lib_name(scope, callee) else { continue };
            let known = |(root, ends, _): &&(&str, &[&str], &str)| {
                name.starts_with(root) && ends.iter().any(|end| name.ends_with(end))
            };
            if let Some((_, _, base)) = COLUMNS.iter().find(known) {
                return Some(base);
            }
        }
        None
    }

    fn base_of(&mut self, scope: FuncId, v: ValueId) -> Vec<Base> {
        let code = self.code;
        // `Repository[User]`: the class is the subscripted value.
        if let Some(OpKind::Item { base, .. }) = code.op(scope, v).map(|op| &op.kind) {
            return self.base_of(scope, *base);
        }
        if let Some(OpKind::Call { callee, .. }) = code.op(scope, v).map(|op| &op.kind) {
            // `declarative_base()`, `Manager.from_queryset(Custom)`.
            if let Some(OpKind::Attr { base, name }) = code.op(scope, *callee).map(|op| &op.kind)
                && self.names.text(*name) == "from_queryset"
            {
                let mut bases = self.base_of(scope, *base);
                if let Some(OpKind::Call { args, .. }) = code.op(scope, v).map(|op| &op.kind) {
                    for arg in args {
                        bases.extend(self.base_of(scope, arg.value));
                    }
                }
                return bases;
            }
        }
        let ty = self.ref_type(scope, v);
        match *self.types.get(ty) {
            Type::ClassObj(base) => self.class_info(base).mro.to_vec(),
            Type::LibRef(name) => self.library_bases(name),
            Type::Lib(name, ..) | Type::Factory(name) => self.library_bases(name),
            _ => {
                // `Base = declarative_base()` in a function that is still being inferred.
                match code.op(scope, v).map(|op| &op.kind) {
                    Some(OpKind::Call { callee, .. }) => match self.lib_name(scope, *callee) {
                        Some(name) if name.ends_with(".declarative_base") => {
                            let base = self.names.intern("sqlalchemy.orm.DeclarativeBase");
                            vec![Base::Library(base)]
                        }
                        _ => Vec::new(),
                    },
                    Some(OpKind::Bind { value, .. }) => self.base_of(scope, *value),
                    // `from .base import BaseModelViewSet` of a file that is not here.
                    Some(OpKind::Global(name)) => match said_base(self.names.text(*name)) {
                        Some(_) => self.library_bases(*name),
                        None => Vec::new(),
                    },
                    _ => Vec::new(),
                }
            }
        }
    }

    fn library_bases(&mut self, name: Sym) -> Vec<Base> {
        let mut out = vec![Base::Library(name)];
        let mut at = 0;
        while let Some(Base::Library(name)) = out.get(at).copied() {
            at += 1;
            let text = self.names.text(name).to_owned();
            if let Some(said) = said_base(&text).filter(|_| self.library.library_of(&text).is_none()) {
                out.push(Base::Library(self.names.intern(said)));
            }
            if let Some(row) = self.library.class(&text) {
                for base in row.bases {
                    let sym = self.names.intern(base);
                    if !out.contains(&Base::Library(sym)) && out.len() < 32 {
                        out.push(Base::Library(sym));
                    }
                }
            }
        }
        out
    }

    /// The method `name` of `class`, inherited ones included.
    pub fn method(&mut self, class: ClassId, name: Sym) -> Option<FuncId> {
        self.method_after(class, name, None)
    }

    /// Likewise, looked up after `skip` in the order of bases (`super()`).
    pub fn method_after(&mut self, class: ClassId, name: Sym, skip: Option<ClassId>) -> Option<FuncId> {
        let mro = self.class_info(class).mro.clone();
        let mut active = skip.is_none();
        for base in mro.iter() {
            let Base::Project(ancestor) = *base else { continue };
            if active && let Some(f) = self.class_info(ancestor).methods.get(&name) {
                return Some(*f);
            }
            active |= Some(ancestor) == skip;
        }
        None
    }

    /// Library ancestors of a class, nearest first.
    pub fn library_ancestors(&mut self, class: ClassId) -> Vec<Sym> {
        self.class_info(class)
            .mro
            .iter()
            .filter_map(|base| match base {
                Base::Library(name) => Some(*name),
                Base::Project(_) => None,
            })
            .collect()
    }

    /// Canonical names of the decorators of a function (callee for `@name(...)`).
    pub fn decorator_names(&mut self, f: FuncId) -> Vec<String> {
        let code = self.code;
        let decorators = &code.func(f).decorators;
        if decorators.is_empty() {
            return Vec::new();
        }
        let parent = code.parent(f);
        let mut out = Vec::new();
        for decorator in decorators {
            let v = code.called(parent, decorator.value);
            if let Some(name) = self.lib_name(parent, v) {
                out.push(name);
            } else if let Some(OpKind::Attr { name, .. }) = code.op(parent, v).map(|op| &op.kind) {
                out.push(format!(".{}", self.names.text(*name)));
            } else if let Some(OpKind::Global(name) | OpKind::Captured { name, .. } | OpKind::Bind { name, .. }) =
                code.op(parent, v).map(|op| &op.kind)
            {
                // Of the project's own decorators, those that say that they remember.
                let name = self.names.text(*name);
                if name.contains("cache") && !name.contains("property") {
                    out.push(format!(".{name}"));
                }
            }
        }
        out
    }

    /// Whether `f` carries the library decorator.
    pub fn has_decorator(&mut self, f: FuncId, dotted: &str) -> bool {
        let code = self.code;
        let parent = code.parent(f);
        let mut decorators = code.func(f).decorators.iter();
        decorators.any(|decorator| self.lib_is(parent, code.called(parent, decorator.value), dotted))
    }

    /// Whether reading the attribute runs the method.
    pub fn is_property(&mut self, f: FuncId) -> bool {
        if self.code.func(f).decorators.is_empty() {
            return false;
        }
        if let Some(known) = self.properties.get(&f) {
            return *known;
        }
        let property = self.decorator_names(f).iter().any(|name| {
            let short = name.rsplit('.').next().unwrap_or("");
            short == "property" || short.ends_with("_property") || short == "reify" || short == "declared_attr"
        });
        self.properties.insert(f, property);
        property
    }
}

/// What a class that is not among the files says by its name that it extends: `shop.api.BaseModelViewSet`.
pub(super) fn said_base(dotted: &str) -> Option<&'static str> {
    const SAID: &[(&str, &str)] = &[
        ("ReadOnlyModelViewSet", "rest_framework.viewsets.ReadOnlyModelViewSet"),
        ("ModelViewSet", "rest_framework.viewsets.ModelViewSet"),
        ("ListCreateAPIView", "rest_framework.generics.ListCreateAPIView"),
        ("ListAPIView", "rest_framework.generics.ListAPIView"),
        ("ModelSerializer", "rest_framework.serializers.ModelSerializer"),
        ("Serializer", "rest_framework.serializers.Serializer"),
    ];
    let name = dotted.rsplit('.').next()?;
    SAID.iter().find(|(end, _)| name.ends_with(end)).map(|(_, base)| *base)
}
