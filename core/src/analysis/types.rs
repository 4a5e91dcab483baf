//! Types as the engine knows them: interned, small, with "unknown" as an honest member.

#![expect(clippy::disallowed_methods, reason = "busy in every audit")]

use super::code::{ClassId, FuncId, ModuleId};
use super::queries::QueryId;
use crate::model::{Numbered, Sym, folded};
use rustc_hash::{FxBuildHasher, FxHashMap};
use std::hash::BuildHasher;

/// An interned type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TypeId(pub u32);

impl TypeId {
    /// Nothing is known.
    pub const UNKNOWN: Self = Self(0);
    /// `None`.
    pub const NONE: Self = Self(1);
    /// Boolean.
    pub const BOOL: Self = Self(2);
    /// Number.
    pub const NUMBER: Self = Self(3);
    /// Text.
    pub const STR: Self = Self(4);
    /// Bytes.
    pub const BYTES: Self = Self(5);

    /// Whether nothing is known.
    #[inline]
    #[must_use]
    pub fn is_unknown(self) -> bool {
        self == Self::UNKNOWN
    }
}

/// A type.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Type {
    /// Nothing is known.
    Unknown,
    /// `None`.
    None,
    /// Boolean.
    Bool,
    /// Number.
    Number,
    /// Text.
    Str,
    /// Bytes.
    Bytes,
    /// A project module.
    Module(ModuleId),
    /// A library object by canonical dotted name: module, function or class, not called.
    LibRef(Sym),
    /// A project class itself.
    ClassObj(ClassId),
    /// A project function by reference.
    Func(FuncId),
    /// A method of a project class, bound to a receiver.
    Bound(FuncId, TypeId),
    /// An attribute of a library instance that may be called: receiver and name.
    LibBound(TypeId, Sym),
    /// An instance of a project class; with the query that loaded it, when known.
    Inst(ClassId, QueryId),
    /// An instance of a library class with its type argument and query.
    Lib(Sym, TypeId, QueryId),
    /// A list (or any sequence in memory).
    List(TypeId),
    /// A set.
    Set(TypeId),
    /// A dict.
    Dict(TypeId, TypeId),
    /// A tuple.
    Tuple(Vec<TypeId>),
    /// A generator or iterator.
    Iter(TypeId),
    /// An awaitable of a value.
    Coroutine(TypeId),
    /// What a `@contextmanager` function returns: entering gives the value.
    Manager(FuncId, TypeId),
    /// A callable that gives instances of a library class (`sessionmaker(...)`).
    Factory(Sym),
    /// A callable that gives a value of this type when called (decorated or partial callables).
    Gives(TypeId),
    /// `super()` in a class.
    Super(ClassId),
    /// One of several.
    Union(Vec<TypeId>),
}

/// The table of types.
#[derive(Debug)]
pub struct Types {
    list: Vec<Type>,
    /// Types are kept once.
    index: Numbered,
    /// Unions of two.
    joined: FxHashMap<(TypeId, TypeId), TypeId>,
}

impl Default for Types {
    fn default() -> Self {
        let mut types = Self { list: Vec::new(), index: Numbered::default(), joined: FxHashMap::default() };
        for basic in [Type::Unknown, Type::None, Type::Bool, Type::Number, Type::Str, Type::Bytes] {
            types.add(basic);
        }
        types
    }
}

const WIDEST_UNION: usize = 5;

/// The members of a type, on the stack: asked for at every call.
#[derive(Clone, Copy, Debug)]
pub struct Members {
    types: [TypeId; WIDEST_UNION],
    count: u8,
}

impl std::ops::Deref for Members {
    type Target = [TypeId];

    fn deref(&self) -> &[TypeId] {
        self.types.get(..usize::from(self.count)).unwrap_or(&self.types)
    }
}

impl std::ops::DerefMut for Members {
    fn deref_mut(&mut self) -> &mut [TypeId] {
        let count = usize::from(self.count).min(WIDEST_UNION);
        self.types.get_mut(..count).unwrap_or_default()
    }
}

impl Members {
    /// Adds one; `false` when there is no room.
    fn push(&mut self, ty: TypeId) -> bool {
        let Some(slot) = self.types.get_mut(usize::from(self.count)) else { return false };
        *slot = ty;
        self.count += 1;
        true
    }
}

impl IntoIterator for Members {
    type Item = TypeId;
    type IntoIter = std::iter::Take<std::array::IntoIter<TypeId, WIDEST_UNION>>;

    fn into_iter(self) -> Self::IntoIter {
        self.types.into_iter().take(usize::from(self.count))
    }
}

impl Types {
    /// Interns a type.
    pub fn add(&mut self, ty: Type) -> TypeId {
        let hash = folded(FxBuildHasher.hash_one(&ty));
        if let Some(id) = self.find(hash, &ty) {
            return id;
        }
        let id = TypeId(u32::try_from(self.list.len()).unwrap_or(0));
        self.list.push(ty);
        self.index.add(hash, id.0);
        id
    }

    fn find(&self, hash: u32, ty: &Type) -> Option<TypeId> {
        self.index.find(hash, |id| self.get(TypeId(id)) == ty).map(TypeId)
    }

    /// The type.
    #[inline]
    #[must_use]
    pub fn get(&self, id: TypeId) -> &Type {
        self.list.get(id.0 as usize).unwrap_or(&Type::Unknown)
    }

    /// Union of two types. Unknown joined with something is that something (the other way is not
    /// seen); a too wide union is unknown.
    pub fn join(&mut self, a: TypeId, b: TypeId) -> TypeId {
        if a == b || b.is_unknown() {
            return a;
        }
        if a.is_unknown() {
            return b;
        }
        // Two loads of the same class by different queries: keep the class, forget the query.
        if let (Type::Inst(x, p), Type::Inst(y, q)) = (self.get(a), self.get(b))
            && x == y
        {
            let (class, query) = (*x, if p == q { *p } else { QueryId::MIXED });
            return self.add(Type::Inst(class, query));
        }
        if let (Type::Lib(x, s, p), Type::Lib(y, t, q)) = (self.get(a), self.get(b))
            && x == y
            && (s == t || s.is_unknown() || t.is_unknown())
        {
            let elem = if s.is_unknown() { *t } else { *s };
            let (class, query) = (*x, if p == q { *p } else { QueryId::MIXED });
            return self.add(Type::Lib(class, elem, query));
        }
        if let (Type::List(x), Type::List(y)) = (self.get(a), self.get(b)) {
            let (x, y) = (*x, *y);
            let elem = self.join(x, y);
            return self.add(Type::List(elem));
        }
        // The same two meet again and again.
        if let Some(known) = self.joined.get(&(a, b)) {
            return *known;
        }
        let joined = self.union(a, b);
        self.joined.insert((a, b), joined);
        joined
    }

    fn union(&mut self, a: TypeId, b: TypeId) -> TypeId {
        let mut members = self.members(a);
        for m in self.members(b) {
            if !members.contains(&m) && !members.push(m) {
                return TypeId::UNKNOWN;
            }
        }
        members.sort_unstable();
        match *members {
            [] => TypeId::UNKNOWN,
            [one] => one,
            _ => self.add(Type::Union(members.to_vec())),
        }
    }

    /// The members of a union; the type itself otherwise. A copy, so that the table may grow meanwhile.
    #[must_use]
    pub fn members(&self, id: TypeId) -> Members {
        let mut out = Members { types: [id; WIDEST_UNION], count: 1 };
        if let Type::Union(members) = self.get(id) {
            out.count = 0;
            for (slot, member) in out.types.iter_mut().zip(members) {
                *slot = *member;
                out.count += 1;
            }
        }
        out
    }

    /// The type without `None`.
    pub fn without_none(&mut self, id: TypeId) -> TypeId {
        match self.get(id) {
            Type::Union(members) => {
                let rest: Vec<TypeId> = members.iter().copied().filter(|m| *m != TypeId::NONE).collect();
                match rest.as_slice() {
                    [] => TypeId::NONE,
                    [one] => *one,
                    _ => self.add(Type::Union(rest)),
                }
            }
            _ => id,
        }
    }
}
