//! unittest and pytest: what marks test code.

use crate::libraries::{ClassRow, Library, Place, Ret, Row, RunContext, call, class};

/// Python tests.
pub const LIBRARY: Library = Library {
    name: "Python tests",
    roots: &["unittest", "pytest"],
    rows: ROWS,
    classes: CLASSES,
    aliases: ALIASES,
    values: &[],
};

const ROWS: &[Row] = &[
    // https://docs.python.org/3/library/unittest.html
    call("unittest.TestCase.addCleanup").gives(Ret::Nothing).runs(0, Place::Here),
    call("unittest.TestCase.enterContext").gives(Ret::Arg(0)).takes(0),
    call("unittest.mock.patch").gives(Ret::Decorated),
    // https://docs.pytest.org/en/stable/reference/reference.html
    call("pytest.fixture").gives(Ret::Decorated).decorates(RunContext::Test),
    call("pytest.raises").gives(Ret::Inst("contextlib.nullcontext")),
];

const CLASSES: &[ClassRow] = &[
    // https://docs.python.org/3/library/unittest.html
    class("unittest.IsolatedAsyncioTestCase").extends(&["unittest.TestCase"]),
    class("unittest.TestCase").handles(RunContext::Test),
];

const ALIASES: &[(&str, &str)] = &[("unittest.async_case", "unittest"), ("unittest.case", "unittest")];
