//! Alembic: operations inside migrations.

use super::mixes::{CONNECT, EXECUTE, INSERT};
use crate::libraries::{ClassRow, Effects, Exit, Library, Ret, Row, call, class};

/// Alembic.
pub const LIBRARY: Library =
    Library { name: "Alembic", roots: &["alembic"], rows: ROWS, classes: CLASSES, aliases: &[], values: &[] };

const ROWS: &[Row] = &[
    // https://alembic.sqlalchemy.org/en/latest/ops.html
    call("alembic.op.add_column").does(Effects::BLOCKS),
    call("alembic.op.alter_column").does(Effects::BLOCKS),
    call("alembic.op.batch_alter_table").gives(Ret::Inst("alembic.op.batch_alter_table:context")),
    call("alembic.op.bulk_insert").does(INSERT.with(Effects::BULK)).gives(Ret::Nothing),
    call("alembic.op.create_check_constraint").does(Effects::BLOCKS),
    call("alembic.op.create_foreign_key").does(Effects::BLOCKS),
    call("alembic.op.create_index").does(Effects::BLOCKS),
    call("alembic.op.create_primary_key").does(Effects::BLOCKS),
    call("alembic.op.create_table").does(Effects::BLOCKS),
    call("alembic.op.create_unique_constraint").does(Effects::BLOCKS),
    call("alembic.op.drop_column").does(Effects::BLOCKS),
    call("alembic.op.drop_constraint").does(Effects::BLOCKS),
    call("alembic.op.drop_index").does(Effects::BLOCKS),
    call("alembic.op.drop_table").does(Effects::BLOCKS),
    call("alembic.op.execute").does(EXECUTE).gives(Ret::Nothing),
    call("alembic.op.get_bind").gives(Ret::Inst("sqlalchemy.Connection")),
    call("alembic.op.rename_table").does(Effects::BLOCKS),
    // https://alembic.sqlalchemy.org/en/latest/api/commands.html
    call("alembic.command.downgrade").does(CONNECT).gives(Ret::Nothing),
    call("alembic.command.stamp").does(CONNECT).gives(Ret::Nothing),
    call("alembic.command.upgrade").does(CONNECT).gives(Ret::Nothing),
];

const CLASSES: &[ClassRow] = &[
    // https://alembic.sqlalchemy.org/en/latest/ops.html
    class("alembic.op.batch_alter_table:context").manages(Ret::Receiver, Effects::NONE, Exit::Nothing),
];
