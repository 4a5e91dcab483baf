//! What names mean: locals, globals, closures, classes, imports.

use super::check;

#[test]
fn a_local_read_is_its_definition() {
    check(
        r"
        def f(a):
            b = a
            return b
        ",
        r"
        fn1 f(a) in fn0
          %0 = param 0
          %1 = bind b %0
          %2 = return %1
        ",
    );
}

#[test]
fn a_name_assigned_anywhere_is_local() {
    check(
        r"
        x = 1
        def f():
            y = x
            print(x)
            x = 2
        ",
        r"
        fn0 <module>() in fn0
          %0 = 1
          %1 = bind x %0
          %2 = closure fn1
          %3 = bind f %2
        fn1 f() in fn0
          %0 = other()
          %1 = bind y %0
          %2 = global print
          %3 = other()
          %4 = call %2(%3)
          %5 = 2
          %6 = bind x %5
        ",
    );
}

#[test]
fn globals_and_builtins_are_global() {
    check(
        r"
        x = 1
        def f():
            return x + len(x)
        ",
        r"
        fn0 <module>() in fn0
          %0 = 1
          %1 = bind x %0
          %2 = closure fn1
          %3 = bind f %2
        fn1 f() in fn0
          %0 = global x
          %1 = global len
          %2 = global x
          %3 = call %1(%2)
          %4 = Add %0 %3
          %5 = return %4
        ",
    );
}

#[test]
fn global_statement_binds_outside() {
    check(
        r"
        x = 1
        def f():
            global x
            x = 2
            return x
        ",
        r"
        fn0 <module>() in fn0
          %0 = 1
          %1 = bind x %0
          %2 = closure fn1
          %3 = bind f %2
        fn1 f() in fn0
          %0 = 2
          %1 = bind outer x %0
          %2 = global x
          %3 = return %2
        ",
    );
}

#[test]
fn nonlocal_binds_the_enclosing_function() {
    check(
        r"
        def f():
            n = 0
            def g():
                nonlocal n
                n += 1
                return lambda: n
            return g
        ",
        r"
        fn1 f() in fn0
          %0 = 0
          %1 = bind n %0
          %2 = closure fn2
          %3 = bind g %2
          %4 = return %3
        fn2 f.g() in fn1
          %0 = captured fn1.n
          %1 = 1
          %2 = augment Add %0 %1
          %3 = bind outer fn1 n %2
          %4 = closure fn3
          %5 = return %4
        fn3 f.g.<lambda>() in fn2
          %0 = captured fn1.n
          %1 = return %0
        ",
    );
}

#[test]
fn closures_capture() {
    check(
        r"
        def f(a):
            def g(b):
                return a + b
            return [lambda: x for x in a]
        ",
        r"
        fn1 f(a) in fn0
          %0 = param 0
          %1 = closure fn2
          %2 = bind g %1
          loop Comprehension %0:
            %3 = element %0
            %4 = bind x %3
            %5 = closure fn3
          %6 = list comprehension region 1: %5
          %7 = return %6
        fn2 f.g(b) in fn1
          %0 = param 0
          %1 = captured fn1.a
          %2 = Add %1 %0
          %3 = return %2
        fn3 f.<lambda>() in fn1
          %0 = captured fn1.x
          %1 = return %0
        ",
    );
}

#[test]
fn a_class_scope_is_not_seen_by_its_methods() {
    check(
        r#"
        name = 'm'
        class A:
            name = 'a'
            other = name
            def get(self):
                return name
        "#,
        r#"
        class0 A() in fn0 line 2
          field name = %2
          field other = %3
        fn0 <module>() in fn0
          %0 = "m"
          %1 = bind name %0
          class0:
            %2 = "a"
            %3 = bind name %2
            %4 = bind other %3
            %5 = closure fn1
            %6 = bind get %5
          %7 = classdef class0
          %8 = bind A %7
        fn1 A.get of class0(self) in fn0
          %0 = param 0
          %1 = global name
          %2 = return %1
        "#,
    );
}

#[test]
fn a_class_sees_the_function_around_it() {
    check(
        r"
        def f(base):
            class A(base):
                table = base
                kind = table
            return A
        ",
        r"
        class0 A(%0) in fn1 line 2
          field table = %0
          field kind = %1
        fn1 f(base) in fn0
          %0 = param 0
          class0:
            %1 = bind table %0
            %2 = bind kind %1
          %3 = classdef class0
          %4 = bind A %3
          %5 = return %4
        ",
    );
}

#[test]
fn module_level_reads_are_numbered() {
    check(
        r"
        a = 1
        b = a
        print(b, c)
        ",
        r"
        fn0 <module>() in fn0
          %0 = 1
          %1 = bind a %0
          %2 = bind b %1
          %3 = global print
          %4 = global c
          %5 = call %3(%2, %4)
        ",
    );
}

#[test]
fn imports_are_global_names() {
    check(
        r"
        import os, a.b as c
        def f():
            import json
            from x import y as z
            return json, z, os, c
        ",
        r"
        import os = os in fn0
        import c = a.b in fn0
        import json = json in fn1
        import z = x:y in fn1
        fn1 f() in fn0
          %0 = global json
          %1 = global z
          %2 = global os
          %3 = global c
          %4 = tuple(%0, %1, %2, %3)
          %5 = return %4
        ",
    );
}

#[test]
fn an_import_with_a_fallback_is_a_variable() {
    check(
        r"
        try:
            import ujson as json
        except ImportError:
            json = None
        json.dumps
        ",
        r"
        import json = ujson in fn0
        fn0 <module>() in fn0
          try:
            trybody:
              %0 = global json
              %1 = bind json %0
            %2 = global ImportError
            handler %2:
              %3 = none
              %4 = bind json %3
          %5 = phi(%1, %4)
          %6 = %5.dumps
        ",
    );
}

#[test]
fn assignment_expressions_bind_in_the_function() {
    check(
        r"
        def f(xs):
            if (n := len(xs)) > 1:
                print(n)
            got = [y for x in xs if (y := g(x))]
            return y
        ",
        r"
        fn1 f(xs) in fn0
          %0 = param 0
          %1 = global len
          %2 = call %1(%0)
          %3 = bind n %2
          %4 = 1
          %5 = Order %3 %4
          %6 = truth %5
          branch:
            arm %5:
              %7 = global print
              %8 = call %7(%3)
          loop Comprehension %0:
            %9 = element %0
            %10 = bind x %9
            %11 = global g
            %12 = call %11(%10)
            %13 = bind y %12
            %14 = truth %13
          %15 = list comprehension region 3: %13
          %16 = bind got %15
          %17 = return %13
        ",
    );
}

#[test]
fn deleted_names_are_unbound() {
    check(
        r"
        def f(a):
            del a
            return a
        ",
        r"
        fn1 f(a) in fn0
          %0 = param 0
          %1 = delete %0
          %2 = other()
          %3 = return %2
        ",
    );
}

#[test]
fn type_checking_imports() {
    check(
        r"
        from typing import TYPE_CHECKING
        if TYPE_CHECKING:
            from .m import User
            import a.b
        else:
            User = None
        from . import *
        ",
        r"
        import TYPE_CHECKING = typing:TYPE_CHECKING in fn0
        import User = .m:User in fn0 (typing)
        import a = a.b (top) in fn0 (typing)
        import * = .:* in fn0
        fn0 <module>() in fn0
          %0 = global TYPE_CHECKING
          %1 = truth %0
          branch:
            arm %0:
              %2 = global User
              %3 = bind User %2
            arm not %0:
              %4 = none
              %5 = bind User %4
        ",
    );
}

#[test]
fn exports() {
    check(
        r#"
        __all__ = ['a', 'b']
        __all__ += ('c',)
        "#,
        r#"
        exports a, b, c
        fn0 <module>() in fn0
          %0 = "a"
          %1 = "b"
          %2 = list(%0, %1)
          %3 = bind __all__ %2
          %4 = "c"
          %5 = tuple(%4)
          %6 = augment Add %3 %5
          %7 = bind __all__ %6
        "#,
    );
}
