//! From annotations of Python to shapes: primitives, containers, choices, models with their fields.

use super::{At, call, keyword};
use crate::analysis::{ClassId, Project, Type};
use crate::evidence::endpoints::{Parameter, Shape};
use crate::model::{Arg, BinaryOp, Const, OpKind, ValueId};

/// Models inside of models end here.
const DEEPEST: u32 = 8;

/// What an annotation says.
#[derive(Clone, Debug, Default)]
pub(super) struct Stated {
    pub(super) shape: Shape,
    /// `None` is allowed.
    pub(super) nullable: bool,
    /// What stands behind the type in `Annotated[…]`.
    pub(super) extras: Vec<At>,
    /// The class, when it is one of the project.
    pub(super) class: Option<ClassId>,
    /// The dotted name of a class of a library.
    pub(super) library: Option<String>,
}

/// Reads an annotation.
pub(super) fn stated(project: &Project, at: At) -> Stated {
    annotation(project, at, 0)
}

fn annotation(project: &Project, (f, v): At, depth: u32) -> Stated {
    if depth > DEEPEST {
        return Stated::default();
    }
    let (f, v) = project.origin(f, v);
    let Some(op) = project.code().op(f, v) else { return Stated::default() };
    match &op.kind {
        OpKind::Const(Const::None) => Stated { nullable: true, ..Stated::default() },
        OpKind::Const(Const::Str(text)) => spelled(project, f, project.text(*text), depth),
        OpKind::Binary { op: BinaryOp::Or, left, right } => {
            either([*left, *right].into_iter().map(|v| annotation(project, (f, v), depth + 1)))
        }
        OpKind::Item { base, index } => subscripted(project, f, *base, *index, depth),
        // `conint(ge=1)`, `constr(max_length=9)`
        OpKind::Call { callee, args } => {
            let mut shape = match project.short_name((f, *callee)) {
                Some("conint") => Shape::INTEGER,
                Some("constr") => Shape::TEXT,
                Some("confloat" | "condecimal") => Shape::Number,
                Some("conlist") => Shape::List(Box::new(Shape::Unknown)),
                _ => return Stated::default(),
            };
            bounds(project, f, args, &mut shape);
            Stated { shape, ..Stated::default() }
        }
        _ => named(project, (f, v), depth),
    }
}

/// `X | None`: what is not `None`, the first of several.
fn either(parts: impl Iterator<Item = Stated>) -> Stated {
    let mut out: Option<Stated> = None;
    let mut nullable = false;
    for part in parts {
        nullable |= part.nullable;
        let says = part.shape != Shape::Unknown || part.class.is_some() || part.library.is_some();
        if says && out.as_ref().is_none_or(|known| known.shape == Shape::Unknown) {
            out = Some(part);
        }
    }
    let mut out = out.unwrap_or_default();
    out.nullable |= nullable;
    out
}

fn subscripted(project: &Project, f: crate::analysis::FuncId, base: ValueId, index: ValueId, depth: u32) -> Stated {
    let items: Vec<ValueId> = match project.code().op(f, index).map(|op| &op.kind) {
        Some(OpKind::Collection { items, .. }) => items.to_vec(),
        _ => vec![index],
    };
    let inner = |at: usize| items.get(at).map(|v| annotation(project, (f, *v), depth + 1)).unwrap_or_default();
    let name = project.short_name((f, base)).unwrap_or("");
    let shape = match name {
        "Optional" => return Stated { nullable: true, ..inner(0) },
        "Union" => return either(items.iter().map(|v| annotation(project, (f, *v), depth + 1))),
        "Annotated" => {
            let mut out = inner(0);
            for extra in items.iter().skip(1) {
                if let Some((callee, args)) = call(project, (f, *extra))
                    && !matches!(project.short_name((f, callee)), Some("Depends" | "Security"))
                {
                    bounds(project, f, args, &mut out.shape);
                }
            }
            out.extras.extend(items.iter().skip(1).map(|v| (f, *v)));
            return out;
        }
        "Required" | "NotRequired" | "Final" | "ClassVar" | "Mapped" | "SkipValidation" => return inner(0),
        "List" | "list" | "Sequence" | "Set" | "set" | "FrozenSet" | "frozenset" | "Iterable" | "Collection"
        | "conlist" | "Tuple" | "tuple" => Shape::List(Box::new(inner(0).shape)),
        "Dict" | "dict" | "Mapping" | "MutableMapping" | "defaultdict" => Shape::Map(Box::new(inner(1).shape)),
        "Literal" => literal(project, f, &items),
        _ => return named(project, (f, base), depth),
    };
    Stated { shape, ..Stated::default() }
}

fn literal(project: &Project, f: crate::analysis::FuncId, items: &[ValueId]) -> Shape {
    let texts: Vec<String> = items
        .iter()
        .filter_map(|v| match project.code().op(f, *v).map(|op| &op.kind) {
            Some(OpKind::Const(Const::Str(text))) => Some(project.text(*text).to_owned()),
            _ => None,
        })
        .collect();
    let first = items.first().and_then(|v| project.code().op(f, *v)).map(|op| &op.kind);
    match first {
        Some(OpKind::Const(Const::Int(i))) => Shape::Integer { min: Some(i.get()), max: Some(i.get()) },
        Some(OpKind::Const(Const::Bool(_))) => Shape::Boolean,
        _ if texts.is_empty() => Shape::Unknown,
        _ => Shape::Choice(texts),
    }
}

/// A type by its name.
fn named(project: &Project, (f, v): At, depth: u32) -> Stated {
    match project.ty(f, v) {
        Type::ClassObj(class) => {
            return Stated { shape: class_shape(project, *class, depth), class: Some(*class), ..Stated::default() };
        }
        Type::LibRef(name) => {
            let name = project.text(*name);
            let shape = primitive(name.rsplit('.').next().unwrap_or(name)).unwrap_or_default();
            return Stated { shape, library: Some(name.to_owned()), ..Stated::default() };
        }
        _ => {}
    }
    let Some(name) = project.short_name((f, v)) else { return Stated::default() };
    Stated { shape: primitive(name).unwrap_or_default(), library: Some(name.to_owned()), ..Stated::default() }
}

/// A type written as text: `"OrderIn"`, `"int | None"`.
fn spelled(project: &Project, f: crate::analysis::FuncId, text: &str, depth: u32) -> Stated {
    let mut nullable = false;
    let mut rest = text.trim();
    for part in text.split('|').map(str::trim) {
        if part == "None" {
            nullable = true;
        } else {
            rest = part;
        }
    }
    if let Some(inner) = rest.strip_prefix("Optional[").and_then(|inner| inner.strip_suffix(']')) {
        (rest, nullable) = (inner, true);
    }
    let code = project.code();
    let sym = project.sym(rest);
    let module = code.module_of(f);
    let mut known = code.class_ids().filter(|class| Some(code.class(*class).name) == sym);
    let own =
        code.class_ids().find(|class| Some(code.class(*class).name) == sym && code.module_of_class(*class) == module);
    let class = own.or_else(|| match (known.next(), known.next()) {
        (Some(only), None) => Some(only),
        _ => None,
    });
    match class {
        Some(class) => {
            Stated { shape: class_shape(project, class, depth), class: Some(class), nullable, ..Stated::default() }
        }
        None => Stated { shape: primitive(rest).unwrap_or_default(), nullable, ..Stated::default() },
    }
}

fn primitive(name: &str) -> Option<Shape> {
    Some(match name {
        "int" => Shape::INTEGER,
        "PositiveInt" => Shape::Integer { min: Some(1), max: None },
        "NonNegativeInt" => Shape::Integer { min: Some(0), max: None },
        "NegativeInt" => Shape::Integer { min: None, max: Some(-1) },
        "float" | "Decimal" | "PositiveFloat" | "NonNegativeFloat" => Shape::Number,
        "bool" | "StrictBool" => Shape::Boolean,
        "str" | "StrictStr" | "SecretStr" => Shape::TEXT,
        "UUID" | "UUID1" | "UUID3" | "UUID4" | "UUID5" => Shape::Uuid,
        "date" => Shape::Date,
        "datetime" | "AwareDatetime" | "NaiveDatetime" | "PastDatetime" | "FutureDatetime" => Shape::DateTime,
        "time" => Shape::Time,
        "EmailStr" => Shape::Email,
        "HttpUrl" | "AnyUrl" | "AnyHttpUrl" | "Url" => Shape::Url,
        "UploadFile" | "FileStorage" => Shape::File,
        "list" | "List" | "set" | "Set" | "tuple" | "Tuple" => Shape::List(Box::new(Shape::Unknown)),
        "dict" | "Dict" | "Mapping" => Shape::Map(Box::new(Shape::Unknown)),
        _ => return None,
    })
}

/// The shape of a class of the project: a choice, an object with fields, or nothing known.
pub(super) fn class_shape(project: &Project, class: ClassId, depth: u32) -> Shape {
    let name = project.text(project.code().class(class).name).to_owned();
    let ends = |ends: &[&str]| {
        project.library_ancestors(class).any(|ancestor| ends.iter().any(|end| ancestor.rsplit('.').next() == Some(end)))
    };
    if ends(&["Enum", "StrEnum", "IntEnum", "TextChoices", "IntegerChoices"]) {
        return choices(project, class);
    }
    let code = project.code();
    let data = ends(&["BaseModel", "SQLModel", "GenericModel", "Struct", "TypedDict", "BaseUserCreate", "Schema"])
        || code.class(class).decorators.iter().any(|decorator| {
            let scope = code.class_scope(class);
            project
                .short_name((scope, decorator.value))
                .is_some_and(|name| matches!(name, "dataclass" | "define" | "s"))
        });
    if !data || depth > DEEPEST {
        return Shape::Unknown;
    }
    Shape::Object { name, fields: fields(project, class, depth) }
}

fn choices(project: &Project, class: ClassId) -> Shape {
    let code = project.code();
    let owned = code.class(class);
    let scope = code.class_scope(class);
    let mut texts = Vec::new();
    let mut numbers = Vec::new();
    for field in &owned.fields {
        let Some(value) = field.value else { continue };
        // `NEW = "new", "New"` of Django.
        let value = match code.op(scope, value).map(|op| &op.kind) {
            Some(OpKind::Collection { items, .. }) => items.first().copied().unwrap_or(value),
            _ => value,
        };
        match code.op(scope, value).map(|op| &op.kind) {
            Some(OpKind::Const(Const::Str(text))) => texts.push(project.text(*text).to_owned()),
            Some(OpKind::Const(Const::Int(number))) => numbers.push(number.get()),
            // `auto()` of a StrEnum is the name in lower case.
            Some(OpKind::Call { .. }) => texts.push(project.text(field.name).to_lowercase()),
            _ => {}
        }
    }
    match (numbers.iter().min(), numbers.iter().max()) {
        (Some(min), Some(max)) if texts.is_empty() => Shape::Integer { min: Some(*min), max: Some(*max) },
        _ if texts.is_empty() => Shape::Unknown,
        _ => Shape::Choice(texts),
    }
}

/// The fields of a data class, those of its ancestors first.
fn fields(project: &Project, class: ClassId, depth: u32) -> Vec<Parameter> {
    let code = project.code();
    let mut out: Vec<Parameter> = Vec::new();
    let mut line: Vec<ClassId> = project.project_ancestors(class).collect();
    line.reverse();
    for owner in line {
        let owned = code.class(owner);
        let scope = code.class_scope(owner);
        for field in &owned.fields {
            let name = project.text(field.name);
            let Some(annotation_value) = field.annotation else { continue };
            if name.starts_with('_') || name == "model_config" || is_class_variable(project, (scope, annotation_value))
            {
                continue;
            }
            let mut stated = annotation(project, (scope, annotation_value), depth + 1);
            let mut required = field.value.is_none();
            let mut sent = name.to_owned();
            if let Some(value) = field.value
                && let Some((callee, args)) = call(project, (scope, value))
                && matches!(project.short_name((scope, callee)), Some("Field" | "field" | "Query" | "Body"))
            {
                bounds(project, scope, args, &mut stated.shape);
                required = !has_default(project, scope, args);
                if is_table_field(project, scope, args) {
                    continue;
                }
                if let Some(alias) = keyword(project, args, "alias").and_then(|v| project.schema_text((scope, v))) {
                    sent = alias;
                }
            } else if let Some(value) = field.value {
                required = matches!(code.op(scope, value).map(|op| &op.kind), Some(OpKind::Const(Const::Ellipsis)));
            }
            if let Some((callee, _)) = field.value.and_then(|value| call(project, (scope, value)))
                && project.short_name((scope, callee)) == Some("Relationship")
            {
                continue;
            }
            let parameter = Parameter { name: sent, shape: stated.shape, required };
            match out.iter_mut().find(|known| known.name == parameter.name) {
                Some(known) => *known = parameter,
                None => out.push(parameter),
            }
        }
    }
    out
}

fn is_class_variable(project: &Project, (f, v): At) -> bool {
    match project.code().op(f, v).map(|op| &op.kind) {
        Some(OpKind::Item { base, .. }) => project.short_name((f, *base)) == Some("ClassVar"),
        _ => project.short_name((f, v)) == Some("ClassVar"),
    }
}

/// `Field(default=None, primary_key=True)`: the database fills it in.
fn is_table_field(project: &Project, f: crate::analysis::FuncId, args: &[Arg]) -> bool {
    project.schema_flag(f, args, "primary_key") == Some(true) && has_default(project, f, args)
}

/// Whether `Field(…)`, `Query(…)` and alike give a default.
pub(super) fn has_default(project: &Project, f: crate::analysis::FuncId, args: &[Arg]) -> bool {
    let first = args.first().filter(|arg| arg.kind == crate::model::ArgKind::Positional).map(|arg| arg.value);
    let given = first.or_else(|| keyword(project, args, "default"));
    let given = given
        .is_some_and(|v| !matches!(project.code().op(f, v).map(|op| &op.kind), Some(OpKind::Const(Const::Ellipsis))));
    given || keyword(project, args, "default_factory").is_some()
}

/// Narrows a shape by `ge=`, `max_length=` and alike.
pub(super) fn bounds(project: &Project, f: crate::analysis::FuncId, args: &[Arg], shape: &mut Shape) {
    let number = |name: &str| {
        let (f, v) = project.origin(f, keyword(project, args, name)?);
        match project.code().op(f, v)?.kind {
            OpKind::Const(Const::Int(i)) => Some(i.get()),
            _ => None,
        }
    };
    let length = |name: &str| number(name).and_then(|n| u32::try_from(n).ok());
    match shape {
        Shape::Integer { min, max } => {
            *min = number("ge").or_else(|| number("gt").map(|n| n.saturating_add(1))).or(*min);
            *max = number("le").or_else(|| number("lt").map(|n| n.saturating_sub(1))).or(*max);
        }
        Shape::Text { min, max } => {
            *min = length("min_length").or(*min);
            *max = length("max_length").or(*max);
        }
        _ => {}
    }
}
