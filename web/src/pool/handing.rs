//! What a worker is given with a task: the project's files, shards of the others, the context.

use super::measured::Aggregated;
use super::run::Run;
use crate::platform::inputs::DroppedFile;
use crate::protocol::{Command, InputKind, ShardPart};
use drydock_core::audit::coordinator::{Task, WorkerId};
use js_sys::ArrayBuffer;
use wasm_bindgen::JsValue;

/// A shard as its worker gave it.
#[derive(Clone, Debug)]
pub(super) struct ShardBlobs {
    pub code: JsValue,
    pub rest: JsValue,
}

impl ShardBlobs {
    fn part(&self, part: ShardPart) -> JsValue {
        match part {
            ShardPart::Code => self.code.clone(),
            ShardPart::Rest => self.rest.clone(),
        }
    }
}

impl Run {
    /// Hands out what the worker lacks for `task`.
    pub(super) fn give(&mut self, id: WorkerId, task: &Task) -> Result<(), String> {
        let slot = self.slots.get(id).ok_or("the worker is gone")?;
        let (has_input, has_context, own) = (slot.input, slot.context, slot.own_shard);
        let needs_input = matches!(task, Task::Deal | Task::Index { .. } | Task::Aggregate { .. });
        let needs_code = !slot.shards && matches!(task, Task::Prepare | Task::Audit { .. } | Task::Aggregate { .. });
        let needs_rest = !slot.rests && matches!(task, Task::Discover | Task::Aggregate { .. });
        let needs_context = matches!(task, Task::Audit { .. } | Task::Aggregate { .. });
        if needs_input && !has_input {
            self.give_input(id, matches!(task, Task::Deal))?;
        }
        for (part, _) in
            [(ShardPart::Code, needs_code), (ShardPart::Rest, needs_rest)].iter().filter(|(_, needed)| *needed)
        {
            let shards = (0..).zip(&self.shards).filter(|(number, _)| own != Some(*number));
            let (numbers, blobs) =
                shards.filter_map(|(number, shard)| Some((number, shard.as_ref()?.part(*part)))).unzip();
            self.slots.send(id, Command::GiveShards { numbers, part: *part }, blobs, Vec::new())?;
        }
        if needs_context
            && !has_context
            && let Some(context) = self.context.clone()
        {
            self.slots.send(id, Command::GiveContext, Vec::new(), vec![context])?;
        }
        if let Some(slot) = self.slots.get(id) {
            slot.shards |= needs_code;
            slot.rests |= needs_rest;
            slot.context |= needs_context || matches!(task, Task::Discover);
        }
        Ok(())
    }

    /// Gives the project's files: as they are, or for a stream as dealt.
    pub(super) fn give_input(&mut self, id: WorkerId, whole: bool) -> Result<(), String> {
        let project = self.project.as_ref().ok_or("there is no project")?;
        let shards = u32::try_from(self.shards.len()).unwrap_or(1);
        let command = |input| Command::GiveInput { project: project.name.clone(), input, shards };
        if project.kind == InputKind::Stream && !whole {
            // Each directory has the whole plan: a worker without a shard of its own wants no more.
            let own = self.packs.get(id.slot as usize);
            let any = || self.packs.first().map(|(directory, _)| (directory.clone(), None));
            let (directory, bytes) = own.cloned().or_else(any).ok_or("nothing was dealt out")?;
            let bytes = bytes.unwrap_or_else(|| ArrayBuffer::new(0));
            return self.slots.send(id, command(InputKind::Pack), Vec::new(), vec![directory, bytes]);
        }
        let handles: Vec<JsValue> = project.files.iter().map(DroppedFile::handle).collect();
        let command = command(project.kind.clone());
        self.slots.send(id, command, handles, Vec::new())?;
        if let Some(slot) = self.slots.get(id) {
            // A stream is only dealt from this; what comes next is the pack.
            slot.input = !whole;
        }
        Ok(())
    }

    pub(super) fn send_task(&mut self, id: WorkerId, task: Task) -> Result<(), String> {
        let date = self.date.clone();
        let command = match task {
            Task::Deal => Command::Deal,
            Task::Index { shard, skip } => Command::Index { shard, skip },
            Task::Discover => Command::Discover { date },
            Task::Prepare => Command::Prepare,
            Task::Audit { category } if self.take_test_crash(category.slug()) => Command::Crash,
            Task::Audit { category } => Command::Audit { category },
            Task::Aggregate { failed, unread, notices } => {
                self.aggregated = Aggregated { failed, unread, notices };
                return self.aggregate(id);
            }
        };
        self.slots.send(id, command, Vec::new(), Vec::new())
    }
}
