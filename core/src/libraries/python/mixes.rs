//! Effect sets that many tables share. The plain names hold their thread; asynchronous twins use the
//! bits of [`Effects`] without `BLOCKS`.

use crate::libraries::Effects;

/// Runs a SELECT and waits for it.
pub const READ: Effects = Effects::DB_READ.with(Effects::BLOCKS);
/// Runs an INSERT and waits for it.
pub const INSERT: Effects = Effects::DB_INSERT.with(Effects::BLOCKS);
/// Runs an UPDATE and waits for it.
pub const UPDATE: Effects = Effects::DB_UPDATE.with(Effects::BLOCKS);
/// Runs a DELETE and waits for it.
pub const DELETE: Effects = Effects::DB_DELETE.with(Effects::BLOCKS);
/// Runs the statement it is given and waits for it.
pub const EXECUTE: Effects = Effects::DB_EXECUTE.with(Effects::BLOCKS);
/// Runs the statement once per parameter set, in one call.
pub const EXECUTE_MANY: Effects = EXECUTE.with(Effects::BULK);
/// Commits and waits for it.
pub const COMMIT: Effects = Effects::COMMIT.with(Effects::BLOCKS);
/// Rolls back and waits for it.
pub const ROLLBACK: Effects = Effects::ROLLBACK.with(Effects::BLOCKS);
/// Opens a database connection and waits for it.
pub const CONNECT: Effects = Effects::DB_CONNECT.with(Effects::BLOCKS);
/// Calls a foreign service and waits for the answer.
pub const NET: Effects = Effects::NETWORK.with(Effects::BLOCKS);
/// Sends mail over the network and waits for it.
pub const SEND_MAIL: Effects = NET.with(Effects::MAIL);
/// Reads or writes object storage and waits for it.
pub const STORE: Effects = NET.with(Effects::STORAGE);
/// Hands a message to a broker and waits for it.
pub const SEND: Effects = Effects::PUBLISH.with(Effects::BLOCKS);
/// Reads or writes files and waits for it.
pub const FILE: Effects = Effects::FILE_IO.with(Effects::BLOCKS);
/// Asks for file metadata only.
pub const META: Effects = FILE.with(Effects::METADATA);
/// Runs a process and waits for it.
pub const PROCESS: Effects = Effects::SUBPROCESS.with(Effects::BLOCKS).with(Effects::WAITS);
/// Reads or writes a cache and waits for it.
pub const CACHED: Effects = Effects::CACHE.with(Effects::BLOCKS);
/// Holds the thread until something else happens.
pub const WAIT: Effects = Effects::WAITS.with(Effects::BLOCKS);
