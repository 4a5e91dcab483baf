//! The workers of an audit, by slot, and what each of them was already given.

use crate::platform::boot::{Engine, Program};
use crate::platform::message::Envelope;
use crate::platform::workers::{EngineWorker, Incoming};
use crate::protocol::{Command, Request, RequestId};
use drydock_core::audit::coordinator::WorkerId;
use js_sys::ArrayBuffer;
use std::collections::BTreeMap;
use wasm_bindgen::JsValue;

/// A worker and what it has.
#[derive(Debug)]
pub struct Slot {
    pub id: WorkerId,
    worker: EngineWorker,
    /// It has the input.
    pub input: bool,
    /// It has the context.
    pub context: bool,
    /// The shard it made itself.
    pub own_shard: Option<u32>,
    /// It has the code of all shards, or the project linked from it.
    pub shards: bool,
    /// It has what the discovery and the report need of the shards.
    pub rests: bool,
}

/// The running workers.
#[derive(Debug, Default)]
pub struct Slots {
    slots: BTreeMap<u32, Slot>,
    next_request: u32,
}

impl Slots {
    /// Makes a fresh worker; the one that was in its slot ends.
    pub fn start(
        &mut self,
        id: WorkerId,
        engine: Engine,
        program: Program,
        on_incoming: impl Fn(Incoming) + Clone + 'static,
    ) -> Result<(), String> {
        self.slots.remove(&id.slot);
        let worker = EngineWorker::start(engine, program, on_incoming)?;
        let slot = Slot { id, worker, input: false, context: false, own_shard: None, shards: false, rests: false };
        self.slots.insert(id.slot, slot);
        Ok(())
    }

    /// The worker `id`, unless it was replaced or ended.
    pub fn get(&mut self, id: WorkerId) -> Option<&mut Slot> {
        self.slots.get_mut(&id.slot).filter(|slot| slot.id == id)
    }

    /// Ends a worker and gives its memory back.
    pub fn stop(&mut self, id: WorkerId) {
        if self.get(id).is_some() {
            self.slots.remove(&id.slot);
        }
    }

    /// Ends all workers; gives their ids.
    pub fn stop_all(&mut self) -> Vec<WorkerId> {
        std::mem::take(&mut self.slots).into_values().map(|slot| slot.id).collect()
    }

    /// Sends a command; an error when the worker is gone or does not take it.
    pub fn send(
        &mut self,
        id: WorkerId,
        command: Command,
        handles: Vec<JsValue>,
        buffers: Vec<ArrayBuffer>,
    ) -> Result<(), String> {
        self.next_request += 1;
        let value = Request { id: RequestId(self.next_request), command };
        let slot = self.get(id).ok_or("the worker is gone")?;
        slot.worker.send(&Envelope { value, handles, buffers })
    }
}
