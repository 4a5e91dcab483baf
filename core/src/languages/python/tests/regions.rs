//! Regions: try, with, loops, comprehensions, classes.

use super::check;

#[test]
fn try_handlers_see_every_definition() {
    check(
        r"
        def f():
            db = None
            try:
                db = a()
                db = b(db)
            except E as e:
                log(db, e)
                return
            else:
                done(db)
            finally:
                db.close()
            return db
        ",
        r"
        fn1 f() in fn0
          %0 = none
          %1 = bind db %0
          try:
            trybody:
              %2 = global a
              %3 = call %2()
              %4 = bind db %3
              %5 = global b
              %6 = call %5(%4)
              %7 = bind db %6
            %8 = global E
            handler %8:
              %9 = phi(%1, %4, %7)
              %10 = caught(%8)
              %11 = bind e %10
              %12 = global log
              %13 = call %12(%9, %11)
              %14 = return
            tryelse:
              %15 = global done
              %16 = call %15(%7)
            finally:
              %17 = phi(%1, %4, %7)
              %18 = %17.close
              %19 = call %18()
          %20 = return %7
        ",
    );
}

#[test]
fn a_definition_in_a_dead_arm_reaches_the_handler() {
    check(
        r"
        def f(c):
            try:
                if c:
                    x = 1
                    raise E
            except (A, B):
                return x
        ",
        r"
        fn1 f(c) in fn0
          %0 = param 0
          try:
            trybody:
              %1 = truth %0
              branch:
                arm %0:
                  %2 = 1
                  %3 = bind x %2
                  %4 = global E
                  %5 = raise %4
            %6 = global A
            %7 = global B
            handler %6, %7:
              %8 = return %3
        ",
    );
}

#[test]
fn with_items_nest() {
    check(
        r"
        def f():
            with a() as x, b():
                x.go()
                return x
            print()
        ",
        r"
        fn1 f() in fn0
          %0 = global a
          %1 = call %0()
          with %1:
            %2 = enter %1
            %3 = bind x %2
            %4 = global b
            %5 = call %4()
            with %5:
              %6 = enter %5
              %7 = %3.go
              %8 = call %7()
              %9 = return %3
          %10 = global print
          %11 = call %10()
        ",
    );
}

#[test]
fn async_with_and_for() {
    check(
        r"
        async def f(s):
            async with s.begin() as t:
                async for r in t.stream():
                    await t.go(r)
        ",
        r"
        fn1 f async(s) in fn0
          %0 = param 0
          %1 = %0.begin
          %2 = call %1()
          async with %2:
            %3 = async enter %2
            %4 = bind t %3
            %5 = %4.stream
            %6 = call %5()
            loop AsyncFor %6:
              %7 = element %6
              %8 = bind r %7
              %9 = %4.go
              %10 = call %9(%8)
              %11 = await %10
        ",
    );
}

#[test]
fn suppressed_bodies_fall_through() {
    check(
        r"
        def f(d):
            x = 0
            with suppress(KeyError):
                x = 1
                return d
            return x
        ",
        r"
        fn1 f(d) in fn0
          %0 = param 0
          %1 = 0
          %2 = bind x %1
          %3 = global suppress
          %4 = global KeyError
          %5 = call %3(%4)
          with %5:
            %6 = enter %5
            %7 = 1
            %8 = bind x %7
            %9 = return %0
          %10 = return %2
        ",
    );
}

#[test]
fn comprehensions_nest() {
    check(
        r"
        def f(xs):
            return {k: v for k, v in xs if k for w in v}
        ",
        r"
        fn1 f(xs) in fn0
          %0 = param 0
          loop Comprehension %0:
            %1 = element %0
            %2 = unpack %1 0
            %3 = bind k %2
            %4 = unpack %1 1
            %5 = bind v %4
            %6 = truth %3
            loop Comprehension %5:
              %7 = element %5
              %8 = bind w %7
          %9 = dict comprehension region 1: %3 %5
          %10 = return %9
        ",
    );
}

#[test]
fn generator_expressions_and_scope() {
    check(
        r"
        def f(xs, x):
            return sum(x.n for x in xs), x
        ",
        r"
        fn1 f(xs, x) in fn0
          %0 = param 0
          %1 = param 1
          %2 = global sum
          loop Generator %0:
            %3 = element %0
            %4 = bind x %3
            %5 = %4.n
          %6 = generator comprehension region 1: %5
          %7 = call %2(%6)
          %8 = tuple(%7, %1)
          %9 = return %8
        ",
    );
}

#[test]
fn async_comprehension() {
    check(
        r"
        async def f(xs):
            return [await g(x) async for x in xs]
        ",
        r"
        fn1 f async(xs) in fn0
          %0 = param 0
          loop AsyncFor %0:
            %1 = element %0
            %2 = bind x %1
            %3 = global g
            %4 = call %3(%2)
            %5 = await %4
          %6 = list comprehension region 1: %5
          %7 = return %6
        ",
    );
}

#[test]
fn class_body() {
    check(
        r"
        class A(Base, table=True):
            '''Doc.'''
            id: int = col(1)
            name: str
            tags = ()
            @property
            def m(self) -> int:
                '''Get it.

                More.'''
                return self.id
        ",
        r"
        class0 A(%0) table=%1 in fn0 line 1
          field id: %5 = %4
          field name: %7
          field tags = %8
        fn0 <module>() in fn0
          %0 = global Base
          %1 = true
          class0:
            %2 = global col
            %3 = 1
            %4 = call %2(%3)
            %5 = global int
            %6 = bind id %4
            %7 = global str
            %8 = tuple()
            %9 = bind tags %8
            %10 = global property
            %11 = global int
            %12 = closure fn1
            %13 = bind m %12
          %14 = classdef class0
          %15 = bind A %14
        fn1 A.m of class0(self) -> %11 @%10 in fn0
          %0 = param 0
          %1 = %0.id
          %2 = return %1
        ",
    );
}

#[test]
fn loop_else() {
    check(
        r"
        def f(xs):
            for x in xs:
                break
            else:
                none()
        ",
        r"
        fn1 f(xs) in fn0
          %0 = param 0
          loop For %0:
            %1 = element %0
            %2 = bind x %1
            %3 = break
          loopelse:
            %4 = global none
            %5 = call %4()
        ",
    );
}

#[test]
fn functions_that_builtins_apply_are_loops() {
    check(
        r#"
        def f(xs):
            return map(lambda x: x.a, xs), sorted(xs, key=lambda x: x.b), max(xs, key=attrgetter("c.d"))
        "#,
        r"
        fn1 f(xs) in fn0
          %0 = param 0
          %1 = global map
          loop Generator %0:
            %2 = element %0
            %3 = bind x %2
            %4 = %3.a
          %5 = generator comprehension region 1: %4
          %6 = global sorted
          %7 = other()
          %8 = call %6(%0, key=%7)
          loop Comprehension %8:
            %9 = element %8
            %10 = bind x %9
            %11 = %10.b
          %12 = generator comprehension region 2: %11
          %13 = global max
          %14 = other()
          %15 = call %13(%0, key=%14)
          loop Comprehension %0:
            %16 = element %0
            %17 = %16.c
            %18 = %17.d
          %19 = generator comprehension region 3: %18
          %20 = tuple(%5, %8, %15)
          %21 = return %20
        ",
    );
}
