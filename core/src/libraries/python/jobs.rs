//! Job queues and schedulers: Celery, RQ, arq, Dramatiq, APScheduler; command lines: click, typer.

use super::mixes::{CACHED, SEND, WAIT};
use crate::libraries::{ClassRow, Effects, Library, Resource, Ret, Row, RunContext, call, class};

/// Celery and job queues.
pub const LIBRARY: Library = Library {
    name: "Celery and job queues",
    roots: &["celery", "rq", "arq", "dramatiq", "apscheduler", "click", "typer", "django_rq", "huey", "taskiq"],
    rows: ROWS,
    classes: CLASSES,
    aliases: ALIASES,
    values: VALUES,
};

const ROWS: &[Row] = &[
    // https://docs.celeryq.dev/en/stable/reference/celery.app.task.html
    call("celery.Celery").gives(Ret::Inst("celery.Celery")),
    call("celery.Celery.add_periodic_task"),
    call("celery.Celery.autodiscover_tasks"),
    call("celery.Celery.config_from_object"),
    call("celery.Celery.send_task").does(SEND).gives(Ret::Inst("celery.result.AsyncResult")),
    call("celery.Celery.set_default"),
    call("celery.Celery.task").gives(Ret::DecoratedAs("celery.Task")).decorates(RunContext::Job),
    call("celery.Task.apply"),
    call("celery.Task.apply_async").does(SEND).gives(Ret::Inst("celery.result.AsyncResult")),
    call("celery.Task.chunks").gives(Ret::Inst("celery.canvas.Signature")),
    call("celery.Task.delay").does(SEND).gives(Ret::Inst("celery.result.AsyncResult")),
    call("celery.Task.map").gives(Ret::Inst("celery.canvas.Signature")),
    call("celery.Task.retry").does(SEND),
    call("celery.Task.s").gives(Ret::Inst("celery.canvas.Signature")),
    call("celery.Task.si").gives(Ret::Inst("celery.canvas.Signature")),
    call("celery.Task.signature").gives(Ret::Inst("celery.canvas.Signature")),
    call("celery.Task.starmap").gives(Ret::Inst("celery.canvas.Signature")),
    call("celery.Task.subtask").gives(Ret::Inst("celery.canvas.Signature")),
    call("celery.Task.update_state").does(CACHED).gives(Ret::Nothing),
    call("celery.shared_task").gives(Ret::DecoratedAs("celery.Task")).decorates(RunContext::Job),
    // https://docs.celeryq.dev/en/stable/userguide/canvas.html
    call("celery.canvas.Signature.apply_async").does(SEND).gives(Ret::Inst("celery.result.AsyncResult")),
    call("celery.canvas.Signature.clone").gives(Ret::Receiver),
    call("celery.canvas.Signature.delay").does(SEND).gives(Ret::Inst("celery.result.AsyncResult")),
    call("celery.canvas.Signature.link").gives(Ret::Receiver),
    call("celery.canvas.Signature.link_error").gives(Ret::Receiver),
    call("celery.canvas.Signature.on_error").gives(Ret::Receiver),
    call("celery.canvas.Signature.set").gives(Ret::Receiver),
    call("celery.chain").gives(Ret::Inst("celery.canvas.Signature")),
    call("celery.chord").gives(Ret::Inst("celery.canvas.Signature")),
    call("celery.chunks").gives(Ret::Inst("celery.canvas.Signature")),
    call("celery.group").gives(Ret::Inst("celery.canvas.Signature")),
    call("celery.signature").gives(Ret::Inst("celery.canvas.Signature")),
    // https://docs.celeryq.dev/en/stable/reference/celery.result.html
    call("celery.result.AsyncResult").gives(Ret::Inst("celery.result.AsyncResult")),
    call("celery.result.AsyncResult.failed").does(CACHED).gives(Ret::Bool),
    call("celery.result.AsyncResult.forget").does(CACHED).gives(Ret::Nothing),
    call("celery.result.AsyncResult.get").does(WAIT),
    call("celery.result.AsyncResult.ready").does(CACHED).gives(Ret::Bool),
    call("celery.result.AsyncResult.revoke").does(SEND).gives(Ret::Nothing),
    call("celery.result.AsyncResult.successful").does(CACHED).gives(Ret::Bool),
    call("celery.result.AsyncResult.wait").does(WAIT),
    // https://docs.celeryq.dev/en/stable/userguide/signals.html
    call("celery.utils.dispatch.Signal.connect").gives(Ret::Decorated).decorates(RunContext::Startup),
    // https://python-rq.org/docs/
    call("rq.Queue").gives(Ret::Inst("rq.Queue")),
    call("rq.Queue.enqueue").does(SEND).gives(Ret::Inst("rq.job.Job")).handler(0, RunContext::Job),
    call("rq.Queue.enqueue_at").does(SEND).gives(Ret::Inst("rq.job.Job")).handler(1, RunContext::Job),
    call("rq.Queue.enqueue_call").does(SEND).gives(Ret::Inst("rq.job.Job")).handler_named(0, "func", RunContext::Job),
    call("rq.Queue.enqueue_in").does(SEND).gives(Ret::Inst("rq.job.Job")).handler(1, RunContext::Job),
    call("rq.decorators.job").gives(Ret::DecoratedAs("rq:function")).decorates(RunContext::Job),
    call("rq.job.Job.cancel").does(CACHED),
    call("rq.job.Job.delete").does(CACHED),
    call("rq.job.Job.fetch").does(CACHED).gives(Ret::Inst("rq.job.Job")),
    call("rq.job.Job.refresh").does(CACHED),
    call("rq.job.Job.save").does(CACHED),
    call("rq:function.delay").does(SEND).gives(Ret::Inst("rq.job.Job")),
    // https://github.com/rq/django-rq#usage
    call("django_rq.enqueue").does(SEND).gives(Ret::Inst("rq.job.Job")).handler(0, RunContext::Job),
    call("django_rq.get_queue").gives(Ret::Inst("rq.Queue")),
    call("django_rq.job").gives(Ret::DecoratedAs("rq:function")).decorates(RunContext::Job),
    // https://arq-docs.helpmanual.io/
    call("arq.ArqRedis.enqueue_job").does(Effects::PUBLISH).gives(Ret::Inst("arq.jobs.Job")).asynchronous(),
    call("arq.create_pool")
        .does(Effects::CACHE)
        .gives(Ret::Inst("arq.ArqRedis"))
        .acquires(Resource::CacheClient)
        .asynchronous(),
    call("arq.cron").handler(0, RunContext::Job),
    call("arq.func").handler(0, RunContext::Job),
    call("arq.jobs.Job.info").does(Effects::CACHE).asynchronous(),
    call("arq.jobs.Job.result").does(Effects::CACHE.with(Effects::WAITS)).asynchronous(),
    call("arq.jobs.Job.result_info").does(Effects::CACHE).asynchronous(),
    call("arq.jobs.Job.status").does(Effects::CACHE).asynchronous(),
    // https://dramatiq.io/guide.html
    call("dramatiq.Actor.send").does(SEND),
    call("dramatiq.Actor.send_with_options").does(SEND),
    call("dramatiq.actor").gives(Ret::DecoratedAs("dramatiq.Actor")).decorates(RunContext::Job),
    // https://huey.readthedocs.io/en/latest/api.html
    call("huey.FileHuey").gives(Ret::Inst("huey.Huey")),
    call("huey.Huey").gives(Ret::Inst("huey.Huey")),
    call("huey.Huey.on_startup").gives(Ret::Decorated).decorates(RunContext::Startup),
    call("huey.Huey.periodic_task").gives(Ret::Decorated).decorates(RunContext::Job),
    call("huey.Huey.task").gives(Ret::Decorated).decorates(RunContext::Job),
    call("huey.MemoryHuey").gives(Ret::Inst("huey.Huey")),
    call("huey.PriorityRedisHuey").gives(Ret::Inst("huey.Huey")),
    call("huey.RedisExpireHuey").gives(Ret::Inst("huey.Huey")),
    call("huey.RedisHuey").gives(Ret::Inst("huey.Huey")),
    call("huey.SqliteHuey").gives(Ret::Inst("huey.Huey")),
    // https://huey.readthedocs.io/en/latest/django.html
    call("huey.contrib.djhuey.db_periodic_task").gives(Ret::Decorated).decorates(RunContext::Job),
    call("huey.contrib.djhuey.db_task").gives(Ret::Decorated).decorates(RunContext::Job),
    call("huey.contrib.djhuey.periodic_task").gives(Ret::Decorated).decorates(RunContext::Job),
    call("huey.contrib.djhuey.task").gives(Ret::Decorated).decorates(RunContext::Job),
    // https://taskiq-python.github.io/guide/getting-started.html
    call("taskiq.AsyncBroker.on_event").gives(Ret::Decorated).decorates(RunContext::Startup),
    call("taskiq.AsyncBroker.task").gives(Ret::Decorated).decorates(RunContext::Job),
    call("taskiq.InMemoryBroker").gives(Ret::Inst("taskiq.AsyncBroker")),
    call("taskiq.ZeroMQBroker").gives(Ret::Inst("taskiq.AsyncBroker")),
    // https://apscheduler.readthedocs.io/en/3.x/userguide.html
    call("apscheduler.schedulers.asyncio.AsyncIOScheduler")
        .gives(Ret::Inst("apscheduler.schedulers.asyncio.AsyncIOScheduler")),
    call("apscheduler.schedulers.background.BackgroundScheduler")
        .gives(Ret::Inst("apscheduler.schedulers.background.BackgroundScheduler")),
    call("apscheduler.schedulers.base.BaseScheduler.add_job").handler_named(0, "func", RunContext::Job),
    call("apscheduler.schedulers.base.BaseScheduler.scheduled_job").gives(Ret::Decorated).decorates(RunContext::Job),
    call("apscheduler.schedulers.base.BaseScheduler.shutdown").does(Effects::CLOSES).gives(Ret::Nothing),
    call("apscheduler.schedulers.base.BaseScheduler.start").gives(Ret::Nothing),
    call("apscheduler.schedulers.blocking.BlockingScheduler")
        .gives(Ret::Inst("apscheduler.schedulers.blocking.BlockingScheduler")),
    call("apscheduler.schedulers.blocking.BlockingScheduler.start").does(WAIT).gives(Ret::Nothing),
    // https://click.palletsprojects.com/en/stable/api/
    call("click.Group.command").gives(Ret::DecoratedAs("click.Group")).decorates(RunContext::Script),
    call("click.Group.group").gives(Ret::DecoratedAs("click.Group")).decorates(RunContext::Script),
    call("click.argument").gives(Ret::Decorated),
    call("click.command").gives(Ret::DecoratedAs("click.Group")).decorates(RunContext::Script),
    call("click.confirm").does(WAIT),
    call("click.echo").gives(Ret::Nothing),
    call("click.group").gives(Ret::DecoratedAs("click.Group")).decorates(RunContext::Script),
    call("click.option").gives(Ret::Decorated),
    call("click.pass_context").gives(Ret::Decorated),
    call("click.pass_obj").gives(Ret::Decorated),
    call("click.prompt").does(WAIT),
    // https://typer.tiangolo.com/reference/typer/
    call("typer.Typer").gives(Ret::Inst("typer.Typer")),
    call("typer.Typer.callback").gives(Ret::Decorated).decorates(RunContext::Script),
    call("typer.Typer.command").gives(Ret::Decorated).decorates(RunContext::Script),
    call("typer.run").gives(Ret::Nothing).handler(0, RunContext::Script),
];

const CLASSES: &[ClassRow] = &[
    // https://docs.celeryq.dev/en/stable/reference/celery.app.task.html
    class("celery.Celery").attrs(&[("conf", Ret::Dict)]),
    class("celery.Task").handles(RunContext::Job),
    // https://docs.celeryq.dev/en/stable/userguide/canvas.html
    class("celery.canvas.Signature"),
    // https://docs.celeryq.dev/en/stable/reference/celery.result.html
    class("celery.result.AsyncResult").attrs(&[("id", Ret::Str), ("state", Ret::Str)]),
    // https://docs.celeryq.dev/en/stable/userguide/signals.html
    class("celery.utils.dispatch.Signal"),
    // https://python-rq.org/docs/
    class("rq.Queue"),
    class("rq.job.Job"),
    class("rq:function"),
    // https://arq-docs.helpmanual.io/
    class("arq.ArqRedis").extends(&["redis.asyncio.Redis"]),
    class("arq.jobs.Job"),
    // https://dramatiq.io/guide.html
    class("dramatiq.Actor"),
    // https://huey.readthedocs.io/en/latest/api.html
    class("huey.Huey"),
    // https://taskiq-python.github.io/guide/getting-started.html
    class("taskiq.AsyncBroker"),
    // https://apscheduler.readthedocs.io/en/3.x/userguide.html
    class("apscheduler.schedulers.asyncio.AsyncIOScheduler").extends(&["apscheduler.schedulers.base.BaseScheduler"]),
    class("apscheduler.schedulers.background.BackgroundScheduler")
        .extends(&["apscheduler.schedulers.base.BaseScheduler"]),
    class("apscheduler.schedulers.base.BaseScheduler"),
    class("apscheduler.schedulers.blocking.BlockingScheduler").extends(&["apscheduler.schedulers.base.BaseScheduler"]),
    // https://click.palletsprojects.com/en/stable/api/
    class("click.Group"),
    // https://typer.tiangolo.com/reference/typer/
    class("typer.Typer"),
];

const ALIASES: &[(&str, &str)] = &[
    ("arq.connections", "arq"),
    ("arq.worker.func", "arq.func"),
    ("celery.app.base.Celery", "celery.Celery"),
    ("celery.app.shared_task", "celery.shared_task"),
    ("celery.app.task.Task", "celery.Task"),
    ("celery.canvas.chain", "celery.chain"),
    ("celery.canvas.chord", "celery.chord"),
    ("celery.canvas.group", "celery.group"),
    ("celery.canvas.signature", "celery.signature"),
    ("dramatiq.actor.Actor", "dramatiq.Actor"),
    ("rq.queue.Queue", "rq.Queue"),
];

const VALUES: &[(&str, Ret)] = &[
    ("celery.current_app", Ret::Inst("celery.Celery")),
    ("celery.signals.worker_init", Ret::Inst("celery.utils.dispatch.Signal")),
    ("celery.signals.worker_process_init", Ret::Inst("celery.utils.dispatch.Signal")),
    ("celery.signals.worker_ready", Ret::Inst("celery.utils.dispatch.Signal")),
];
