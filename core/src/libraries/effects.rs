//! The effect vocabulary: what running a piece of code does to the world outside it.

use serde::{Deserialize, Serialize};
use std::ops::{BitOr, BitOrAssign};

/// A set of effects.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Effects(pub u64);

impl Effects {
    /// Nothing.
    pub const NONE: Self = Self(0);
    /// Runs a query that reads rows.
    pub const DB_READ: Self = Self(1);
    /// Runs an INSERT.
    pub const DB_INSERT: Self = Self(1 << 1);
    /// Runs an UPDATE.
    pub const DB_UPDATE: Self = Self(1 << 2);
    /// Runs a DELETE.
    pub const DB_DELETE: Self = Self(1 << 3);
    /// Runs the statement given as its first argument (or built by the receiver): read or write is
    /// decided from that argument; `analysis` replaces it by the bits above.
    pub const DB_EXECUTE: Self = Self(1 << 4);
    /// Puts pending changes into the unit of work; the INSERT runs at flush.
    pub const DB_ADD: Self = Self(1 << 5);
    /// Sends pending changes of the unit of work.
    pub const DB_FLUSH: Self = Self(1 << 6);
    /// Marks an object for deletion in the unit of work; the DELETE runs at flush.
    pub const DB_MARK_DELETE: Self = Self(1 << 7);
    /// Commits.
    pub const COMMIT: Self = Self(1 << 8);
    /// Rolls back.
    pub const ROLLBACK: Self = Self(1 << 9);
    /// Begins a transaction explicitly.
    pub const BEGIN: Self = Self(1 << 10);
    /// The call covers many rows at once (bulk form).
    pub const BULK: Self = Self(1 << 11);
    /// Reloads an object (`refresh`).
    pub const DB_REFRESH: Self = Self(1 << 12);
    /// Opens a network connection to a database (connect).
    pub const DB_CONNECT: Self = Self(1 << 13);
    /// HTTP, gRPC, SDK or other network call to a foreign service.
    pub const NETWORK: Self = Self(1 << 14);
    /// Sends mail.
    pub const MAIL: Self = Self(1 << 15);
    /// Object storage.
    pub const STORAGE: Self = Self(1 << 16);
    /// Sends a job or message to a queue, topic or channel.
    pub const PUBLISH: Self = Self(1 << 17);
    /// Listens to a channel.
    pub const SUBSCRIBE: Self = Self(1 << 18);
    /// Reads or writes files.
    pub const FILE_IO: Self = Self(1 << 19);
    /// Runs a subprocess.
    pub const SUBPROCESS: Self = Self(1 << 20);
    /// Sleeps, holding its thread.
    pub const SLEEP: Self = Self(1 << 21);
    /// Sleeps as a task (`asyncio.sleep`).
    pub const ASYNC_SLEEP: Self = Self(1 << 22);
    /// CPU-heavy.
    pub const CPU: Self = Self(1 << 23);
    /// Holds the calling thread while it works: every synchronous I/O row has it, asynchronous
    /// twins do not.
    pub const BLOCKS: Self = Self(1 << 24);
    /// Cache or key-value access (Redis, Memcached).
    pub const CACHE: Self = Self(1 << 25);
    /// Waits for another thread, lock, process or user.
    pub const WAITS: Self = Self(1 << 26);
    /// Closes the receiver.
    pub const CLOSES: Self = Self(1 << 27);
    /// Streams: the result is produced while the caller (client) consumes it.
    pub const STREAMS: Self = Self(1 << 28);
    /// Loads a lazy relation of an ORM object.
    pub const LAZY_LOAD: Self = Self(1 << 29);

    /// Touches file metadata only (`os.path.exists`): together with `FILE_IO`, so that checks may
    /// leave it out.
    pub const METADATA: Self = Self(1 << 30);

    /// Everything that sends a statement to the database.
    pub const ANY_QUERY: Self = Self(
        Self::DB_READ.0
            | Self::DB_INSERT.0
            | Self::DB_UPDATE.0
            | Self::DB_DELETE.0
            | Self::DB_EXECUTE.0
            | Self::DB_FLUSH.0
            | Self::DB_REFRESH.0
            | Self::LAZY_LOAD.0,
    );
    /// Everything that changes rows.
    pub const ANY_WRITE: Self = Self(Self::DB_INSERT.0 | Self::DB_UPDATE.0 | Self::DB_DELETE.0);
    /// Calls to somebody else's service.
    pub const ANY_FOREIGN: Self = Self(Self::NETWORK.0 | Self::MAIL.0 | Self::STORAGE.0);

    /// Whether any bit of `other` is set.
    #[must_use]
    pub const fn any(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Whether all bits of `other` are set.
    #[must_use]
    pub const fn all(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Both sets.
    #[must_use]
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Without the bits of `other`.
    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Whether nothing is set.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The single bits that are set.
    pub fn bits(self) -> impl Iterator<Item = Self> {
        (0..64).map(|i| Self(1 << i)).filter(move |bit| self.any(*bit))
    }
}

impl BitOr for Effects {
    type Output = Self;
    fn bitor(self, other: Self) -> Self {
        self.with(other)
    }
}

impl BitOrAssign for Effects {
    fn bitor_assign(&mut self, other: Self) {
        self.0 |= other.0;
    }
}

/// What must be released once acquired.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Resource {
    /// ORM session.
    Session,
    /// Database connection.
    Connection,
    /// Engine or connection pool.
    Pool,
    /// Cursor or result set.
    Cursor,
    /// HTTP client with its own pool.
    HttpClient,
    /// HTTP response that holds its connection.
    HttpResponse,
    /// Cache client.
    CacheClient,
    /// File handle.
    File,
    /// Image or document handle backed by a file.
    Document,
    /// Lock.
    Lock,
    /// Socket.
    Socket,
    /// Executor or thread pool.
    Executor,
    /// Process handle.
    Process,
    /// Temporary file or folder.
    Temporary,
    /// Something else that must be closed: the code says so, no table does.
    Other,
}

/// Where a callable that is handed over runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Place {
    /// In another thread, awaited or not.
    Thread,
    /// In another process.
    Process,
    /// On the event loop, later, after this function went on (task, callback, background task).
    Task,
    /// After the response was sent.
    AfterResponse,
    /// After the current transaction commits.
    AfterCommit,
    /// Right here, by the callee (`map(f, xs)`, `transaction(cb)`).
    Here,
}

/// In which situation code runs; decides severities.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum RunContext {
    /// SSE, WebSocket, streaming response, long poll.
    Stream,
    /// Request handler, or reached from one.
    Request,
    /// Worker, queue, cron, background task.
    Job,
    /// Unknown: graded like a job with confidence one lower.
    Library,
    /// main, lifespan, bootstrap, module top level.
    Startup,
    /// Command line, management command.
    Script,
    /// Schema migration.
    Migration,
    /// Test code.
    Test,
}
