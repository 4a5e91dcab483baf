//! Merges where control flow joins.

use super::check;

#[test]
fn if_else() {
    check(
        r"
        def f(c):
            if c:
                x = 1
            else:
                x = 2
            return x
        ",
        r"
        fn1 f(c) in fn0
          %0 = param 0
          %1 = truth %0
          branch:
            arm %0:
              %2 = 1
              %3 = bind x %2
            arm not %0:
              %4 = 2
              %5 = bind x %4
          %6 = phi(%3, %5)
          %7 = return %6
        ",
    );
}

#[test]
fn if_without_else() {
    check(
        r"
        def f(c):
            x = None
            if c:
                x = 1
            return x
        ",
        r"
        fn1 f(c) in fn0
          %0 = param 0
          %1 = none
          %2 = bind x %1
          %3 = truth %0
          branch:
            arm %0:
              %4 = 1
              %5 = bind x %4
          %6 = phi(%2, %5)
          %7 = return %6
        ",
    );
}

#[test]
fn bound_on_one_path_only() {
    check(
        r"
        def f(c):
            if c:
                x = 1
            return x
        ",
        r"
        fn1 f(c) in fn0
          %0 = param 0
          %1 = truth %0
          branch:
            arm %0:
              %2 = 1
              %3 = bind x %2
          %4 = return %3
        ",
    );
}

#[test]
fn dead_arms_do_not_merge() {
    check(
        r"
        def f(c):
            x = 1
            if c:
                x = 2
                return x
            elif d:
                x = 3
            else:
                raise E
            return x
        ",
        r"
        fn1 f(c) in fn0
          %0 = param 0
          %1 = 1
          %2 = bind x %1
          %3 = truth %0
          branch:
            arm %0:
              %4 = 2
              %5 = bind x %4
              %6 = return %5
            %7 = global d
            %8 = truth %7
            arm %7:
              %9 = 3
              %10 = bind x %9
            arm not %7:
              %11 = global E
              %12 = raise %11
          %13 = return %10
        ",
    );
}

#[test]
fn elif_chain() {
    check(
        r"
        def f(c):
            if c == 1:
                x = 1
            elif c == 2:
                x = 2
            else:
                x = 3
            return x
        ",
        r"
        fn1 f(c) in fn0
          %0 = param 0
          %1 = 1
          %2 = Eq %0 %1
          %3 = truth %2
          branch:
            arm %2:
              %4 = 1
              %5 = bind x %4
            %6 = 2
            %7 = Eq %0 %6
            %8 = truth %7
            arm %7:
              %9 = 2
              %10 = bind x %9
            arm not %7:
              %11 = 3
              %12 = bind x %11
          %13 = phi(%5, %10, %12)
          %14 = return %13
        ",
    );
}

#[test]
fn conditional_expression() {
    check(
        r"
        def f(a, b):
            return a if b else a.x
        ",
        r"
        fn1 f(a, b) in fn0
          %0 = param 0
          %1 = param 1
          %2 = truth %1
          branch:
            arm %1:
            arm not %1:
              %3 = %0.x
          %4 = phi(%0, %3)
          %5 = return %4
        ",
    );
}

#[test]
fn unread_merges_vanish() {
    check(
        r"
        def f(c):
            x = 0
            if c:
                x = 1
            return c
        ",
        r"
        fn1 f(c) in fn0
          %0 = param 0
          %1 = 0
          %2 = bind x %1
          %3 = truth %0
          branch:
            arm %0:
              %4 = 1
              %5 = bind x %4
          %6 = return %0
        ",
    );
}

#[test]
fn loop_back_edge() {
    check(
        r"
        def f(xs):
            last = None
            for x in xs:
                use(last)
                last = x
            return last
        ",
        r"
        fn1 f(xs) in fn0
          %0 = param 0
          %1 = none
          %2 = bind last %1
          loop For %0:
            %3 = phi(%2, %8)
            %4 = element %0
            %5 = bind x %4
            %6 = global use
            %7 = call %6(%3)
            %8 = bind last %5
          %9 = return %3
        ",
    );
}

#[test]
fn loop_without_change_has_no_merge() {
    check(
        r"
        def f(xs, db):
            for x in xs:
                db.add(x)
            return db
        ",
        r"
        fn1 f(xs, db) in fn0
          %0 = param 0
          %1 = param 1
          loop For %0:
            %2 = element %0
            %3 = bind x %2
            %4 = %1.add
            %5 = call %4(%3)
          %6 = return %1
        ",
    );
}

#[test]
fn break_and_continue() {
    check(
        r"
        def f(xs):
            n = 0
            for x in xs:
                if x:
                    n = 1
                    continue
                if n:
                    n = 2
                    break
                n = 3
            else:
                n = 4
            return n
        ",
        r"
        fn1 f(xs) in fn0
          %0 = param 0
          %1 = 0
          %2 = bind n %1
          loop For %0:
            %3 = phi(%2, %8, %15)
            %4 = element %0
            %5 = bind x %4
            %6 = truth %5
            branch:
              arm %5:
                %7 = 1
                %8 = bind n %7
                %9 = continue
            %10 = truth %3
            branch:
              arm %3:
                %11 = 2
                %12 = bind n %11
                %13 = break
            %14 = 3
            %15 = bind n %14
          loopelse:
            %16 = 4
            %17 = bind n %16
          %18 = phi(%12, %17)
          %19 = return %18
        ",
    );
}

#[test]
fn while_true_leaves_by_break() {
    check(
        r"
        def f(q):
            item = None
            while True:
                item = q.get()
                if item:
                    break
            return item
        ",
        r"
        fn1 f(q) in fn0
          %0 = param 0
          %1 = none
          %2 = bind item %1
          loop Endless:
            %3 = %0.get
            %4 = call %3()
            %5 = bind item %4
            %6 = truth %5
            branch:
              arm %5:
                %7 = break
          %8 = return %5
        ",
    );
}

#[test]
fn while_condition_is_in_the_loop() {
    check(
        r"
        def f(q):
            while q.more():
                q = q.next
            return q
        ",
        r"
        fn1 f(q) in fn0
          %0 = param 0
          loop While:
            %1 = phi(%0, %6)
            %2 = %1.more
            %3 = call %2()
            %4 = truth %3
            %5 = %1.next
            %6 = bind q %5
          %7 = return %1
        ",
    );
}

#[test]
fn nested_loops() {
    check(
        r"
        def f(xs):
            n = 0
            for x in xs:
                for y in x:
                    n = n + y
            return n
        ",
        r"
        fn1 f(xs) in fn0
          %0 = param 0
          %1 = 0
          %2 = bind n %1
          loop For %0:
            %3 = phi(%2, %6)
            %4 = element %0
            %5 = bind x %4
            loop For %5:
              %6 = phi(%3, %10)
              %7 = element %5
              %8 = bind y %7
              %9 = Add %6 %8
              %10 = bind n %9
          %11 = return %3
        ",
    );
}

#[test]
fn match_arms() {
    check(
        r#"
        def f(p):
            match p:
                case 1:
                    x = 1
                case Point(a, y=b) if b:
                    x = a
                case [first, *rest]:
                    x = rest
                case {'k': v, **more}:
                    x = v
                case None:
                    return
                case _:
                    x = p
            return x
        "#,
        r#"
        fn1 f(p) in fn0
          %0 = param 0
          branch:
            %1 = 1
            %2 = Eq %0 %1
            arm %2:
              %3 = 1
              %4 = bind x %3
            %5 = global Point
            %6 = other(%0, %5)
            arm %6:
              %7 = unpack %0 0
              %8 = bind a %7
              %9 = %0.y
              %10 = bind b %9
              %11 = truth %10
              %12 = bind x %8
            %13 = other(%0)
            arm %13:
              %14 = unpack %0 0
              %15 = bind first %14
              %16 = unpack %0 *
              %17 = bind rest %16
              %18 = bind x %17
            %19 = other(%0)
            arm %19:
              %20 = "k"
              %21 = %0[%20]
              %22 = bind v %21
              %23 = unpack %0 *
              %24 = bind more %23
              %25 = bind x %22
            %26 = none
            %27 = Is %0 %26
            arm %27:
              %28 = return
            arm else:
              %29 = bind x %0
          %30 = phi(%4, %12, %18, %25, %29)
          %31 = return %30
        "#,
    );
}
