//! Values: literals, strings with holes, calls, stores, annotations.

use super::check;

#[test]
fn annotations_in_strings() {
    check(
        r#"
        def f(a: 'User', b: "list[User] | None", c: Literal['x'], d: Annotated['T', Depends('u')]) -> Optional['X']:
            e: "int" = 1
            self.g: 'G' = a
            return e
        "#,
        r#"
        fn0 <module>() in fn0
          %0 = global User
          %1 = global list
          %2 = global User
          %3 = %1[%2]
          %4 = none
          %5 = Or %3 %4
          %6 = global Literal
          %7 = "x"
          %8 = %6[%7]
          %9 = global Annotated
          %10 = global T
          %11 = global Depends
          %12 = "u"
          %13 = call %11(%12)
          %14 = tuple(%10, %13)
          %15 = %9[%14]
          %16 = global Optional
          %17 = global X
          %18 = %16[%17]
          %19 = closure fn1
          %20 = bind f %19
        fn1 f(a: %0, b: %5, c: %8, d: %15) -> %18 in fn0
          %0 = param 0
          %1 = param 1
          %2 = param 2
          %3 = param 3
          %4 = 1
          %5 = global int
          %6 = annotated %4: %5
          %7 = bind e %6
          %8 = global G
          %9 = annotated %0: %8
          %10 = global self
          %11 = %10.g := %9
          %12 = return %7
        "#,
    );
}

#[test]
fn strings_with_holes() {
    check(
        r#"
        def f(a, b):
            f'x {a!r:>{b}} {{}} y' 'z'
            '%s is %d %%' % (a, b)
            '%(k)s' % {'k': a}
            'only %s' % a
            '{} {1} {k.z} {{}}'.format(a, b, k=b)
            return f'plain'
        "#,
        r#"
        fn1 f(a, b) in fn0
          %0 = param 0
          %1 = param 1
          %2 = text("x ", %0, " {} yz")
          %3 = text(%0, " is ", %1, " %")
          %4 = text(%0)
          %5 = text("only ", %0)
          %6 = text(%0, " ", %1, " ", %1, " {}")
          %7 = "plain"
          %8 = return %7
        "#,
    );
}

#[test]
fn constants_fold() {
    check(
        r#"
        A = 60 * 60 * 24
        B = 'SELECT ' + "a" + 'b' 'c'
        C = -1.5
        D = 2 ** 10
        E = 'x' + y + 'z'
        "#,
        r#"
        fn0 <module>() in fn0
          %0 = 86400
          %1 = bind A %0
          %2 = "SELECT abc"
          %3 = bind B %2
          %4 = -1.5
          %5 = bind C %4
          %6 = 1024
          %7 = bind D %6
          %8 = "x"
          %9 = global y
          %10 = Add %8 %9
          %11 = "z"
          %12 = Add %10 %11
          %13 = bind E %12
        "#,
    );
}

#[test]
fn calls() {
    check(
        r"
        f(a, *b, k=c, **d)
        ",
        r"
        fn0 <module>() in fn0
          %0 = global f
          %1 = global a
          %2 = global b
          %3 = global c
          %4 = global d
          %5 = call %0(%1, *%2, k=%3, **%4)
        ",
    );
}

#[test]
fn stores() {
    check(
        r"
        def f(a, b):
            a.x = b.y = 1
            a[0] = b
            a.n += 1
            a[b] -= 2
            (c, d), *e = a
            x, y = y2, x2 = b, a
            p, q = a, b
            return c, e, x, p
        ",
        r"
        fn1 f(a, b) in fn0
          %0 = param 0
          %1 = param 1
          %2 = 1
          %3 = %0.x := %2
          %4 = %1.y := %2
          %5 = 0
          %6 = %0[%5] := %1
          %7 = %0.n
          %8 = 1
          %9 = augment Add %7 %8
          %10 = %0.n := %9
          %11 = %0[%1]
          %12 = 2
          %13 = augment Arithmetic %11 %12
          %14 = %0[%1] := %13
          %15 = unpack %0 0
          %16 = unpack %15 0
          %17 = bind c %16
          %18 = unpack %15 1
          %19 = bind d %18
          %20 = unpack %0 *
          %21 = bind e %20
          %22 = tuple(%1, %0)
          %23 = unpack %22 0
          %24 = bind x %23
          %25 = unpack %22 1
          %26 = bind y %25
          %27 = unpack %22 0
          %28 = bind y2 %27
          %29 = unpack %22 1
          %30 = bind x2 %29
          %31 = bind p %0
          %32 = bind q %1
          %33 = tuple(%17, %21, %24, %31)
          %34 = return %33
        ",
    );
}

#[test]
fn slices() {
    check(
        r"
        def f(a, n):
            return a[:n], a[1:], a[n], a[1:2, n]
        ",
        r"
        fn1 f(a, n) in fn0
          %0 = param 0
          %1 = param 1
          %2 = %0[:n]
          %3 = %0[:]
          %4 = %0[%1]
          %5 = other()
          %6 = tuple(%5, %1)
          %7 = %0[%6]
          %8 = tuple(%2, %3, %4, %7)
          %9 = return %8
        ",
    );
}

#[test]
fn operators() {
    check(
        r"
        def f(a, b):
            return a and b or not a, a < b < 1, a is None, a not in b, -a, a | b
        ",
        r"
        fn1 f(a, b) in fn0
          %0 = param 0
          %1 = param 1
          %2 = LogicalAnd %0 %1
          %3 = not %0
          %4 = LogicalOr %2 %3
          %5 = Order %0 %1
          %6 = 1
          %7 = Order %1 %6
          %8 = LogicalAnd %5 %7
          %9 = none
          %10 = Is %0 %9
          %11 = NotIn %0 %1
          %12 = other(%0)
          %13 = Or %0 %1
          %14 = tuple(%4, %8, %10, %11, %12, %13)
          %15 = return %14
        ",
    );
}

#[test]
fn yields() {
    check(
        r"
        def f(a):
            x = yield a
            yield from x
            yield
        ",
        r"
        fn1 f generator(a) in fn0
          %0 = param 0
          %1 = yield %0
          %2 = bind x %1
          %3 = yield from %2
          %4 = yield
        ",
    );
}

#[test]
fn decorators_and_defaults() {
    check(
        r#"
        @app.get('/x', tags=[1])
        # note
        @other
        async def f(db=Depends(get), /, *, k: int = 1, **kw):
            pass
        "#,
        r#"
        fn0 <module>() in fn0
          %0 = global app
          %1 = %0.get
          %2 = "/x"
          %3 = 1
          %4 = list(%3)
          %5 = call %1(%2, tags=%4)
          %6 = global other
          %7 = global Depends
          %8 = global get
          %9 = call %7(%8)
          %10 = global int
          %11 = 1
          %12 = closure fn1
          %13 = bind f %12
        fn1 f async(db = %9, k: %10 = %11, kw) @%5 @%6 in fn0
          %0 = param 0
          %1 = param 1
          %2 = param 2
        "#,
    );
}

#[test]
fn statements_without_effect_are_dropped() {
    check(
        r"
        def f(a):
            '''doc'''
            1
            a
            ...
            pass
            assert a, 'm'
            return
        ",
        r"
        fn1 f(a) in fn0
          %0 = param 0
          %1 = truth %0
          %2 = return
        ",
    );
}

#[test]
fn dict_spread() {
    check(
        r#"
        def f(a):
            return {'x': 1, **a, 'y': [*a]}
        "#,
        r#"
        fn1 f(a) in fn0
          %0 = param 0
          %1 = "x"
          %2 = 1
          %3 = other(%0)
          %4 = "y"
          %5 = other(%0)
          %6 = list(%5)
          %7 = dict(%1, %2, %3, %0, %4, %6)
          %8 = return %7
        "#,
    );
}

#[test]
fn attributes_by_a_constant_name() {
    check(
        r#"
        def f(a, b):
            return getattr(a, 'x', b) + getattr(a, 'y') + getattr(a, b)
        "#,
        r#"
        fn1 f(a, b) in fn0
          %0 = param 0
          %1 = param 1
          %2 = global getattr
          %3 = %0.x
          %4 = global getattr
          %5 = %0.y
          %6 = Add %3 %5
          %7 = global getattr
          %8 = call %7(%0, %1)
          %9 = Add %6 %8
          %10 = return %9
        "#,
    );
}

#[test]
fn a_function_named_getattr_is_called() {
    check(
        r#"
        def f(a, getattr):
            return getattr(a, 'x')
        "#,
        r#"
        fn1 f(a, getattr) in fn0
          %0 = param 0
          %1 = param 1
          %2 = "x"
          %3 = call %1(%0, %2)
          %4 = return %3
        "#,
    );
}
