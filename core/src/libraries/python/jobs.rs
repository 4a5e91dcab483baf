//! Job queues and schedulers: Celery, RQ, arq, Dramatiq, APScheduler; command lines: click, typer.

use super::mixes::{CACHED, SEND, WAIT};
use crate::libraries::{ClassRow, Effects, Exit, Library, Resource, Ret, Row, RunContext, call, class};

/// Celery and job queues.
pub const LIBRARY: Library = Library {
    name: "Celery and job queues",
    roots: &[
        "celery",
        "rq",
        "arq",
        "dramatiq",
        "apscheduler",
        "click",
        "typer",
        "django_rq",
        "huey",
        "taskiq",
        "procrastinate",
    ],
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
    call("celery.Celery.broker_connection").gives(Ret::Inst("kombu.Connection")).acquires(Resource::Connection),
    call("celery.Celery.config_from_object"),
    call("celery.Celery.connection_for_read").gives(Ret::Inst("kombu.Connection")).acquires(Resource::Connection),
    call("celery.Celery.connection_for_write").gives(Ret::Inst("kombu.Connection")).acquires(Resource::Connection),
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
    call("rq.Queue.empty").does(CACHED),
    call("rq.Queue.enqueue").does(SEND).gives(Ret::Inst("rq.job.Job")).handler(0, RunContext::Job),
    call("rq.Queue.enqueue_at").does(SEND).gives(Ret::Inst("rq.job.Job")).handler(1, RunContext::Job),
    call("rq.Queue.enqueue_call").does(SEND).gives(Ret::Inst("rq.job.Job")).handler_named(0, "func", RunContext::Job),
    call("rq.Queue.enqueue_in").does(SEND).gives(Ret::Inst("rq.job.Job")).handler(1, RunContext::Job),
    call("rq.Queue.enqueue_job").does(SEND).gives(Ret::Inst("rq.job.Job")),
    call("rq.Queue.enqueue_many").does(SEND.with(Effects::BULK)).gives(Ret::List),
    call("rq.Queue.fetch_job").does(CACHED).gives(Ret::Inst("rq.job.Job")),
    call("rq.Queue.get_jobs").does(CACHED).gives(Ret::List),
    call("rq.Queue.prepare_data").handler(0, RunContext::Job),
    call("rq.Worker").gives(Ret::Inst("rq.Worker")),
    call("rq.Worker.work").does(WAIT),
    call("rq.decorators.job").gives(Ret::DecoratedAs("rq:function")).decorates(RunContext::Job),
    call("rq.job.Job.cancel").does(CACHED),
    call("rq.job.Job.delete").does(CACHED),
    call("rq.job.Job.fetch").does(CACHED).gives(Ret::Inst("rq.job.Job")),
    call("rq.job.Job.fetch_many").does(CACHED).gives(Ret::List),
    call("rq.job.Job.get_status").does(CACHED),
    call("rq.job.Job.refresh").does(CACHED),
    call("rq.job.Job.requeue").does(SEND),
    call("rq.job.Job.return_value").does(CACHED),
    call("rq.job.Job.save").does(CACHED),
    call("rq.job.Job.save_meta").does(CACHED),
    call("rq:function.delay").does(SEND).gives(Ret::Inst("rq.job.Job")),
    // https://github.com/rq/django-rq#usage
    call("django_rq.enqueue").does(SEND).gives(Ret::Inst("rq.job.Job")).handler(0, RunContext::Job),
    call("django_rq.get_queue").gives(Ret::Inst("rq.Queue")),
    call("django_rq.job").gives(Ret::DecoratedAs("rq:function")).decorates(RunContext::Job),
    // https://arq-docs.helpmanual.io/
    call("arq.ArqRedis.enqueue_job").does(Effects::PUBLISH).gives(Ret::Inst("arq.jobs.Job")).asynchronous(),
    call("arq.ArqRedis.queued_jobs").does(Effects::CACHE).gives(Ret::List).asynchronous(),
    call("arq.create_pool")
        .does(Effects::CACHE)
        .gives(Ret::Inst("arq.ArqRedis"))
        .acquires(Resource::CacheClient)
        .asynchronous(),
    call("arq.cron").handler(0, RunContext::Job),
    call("arq.func").handler(0, RunContext::Job),
    call("arq.jobs.Job").gives(Ret::Inst("arq.jobs.Job")),
    call("arq.jobs.Job.abort").does(Effects::CACHE.with(Effects::WAITS)).gives(Ret::Bool).asynchronous(),
    call("arq.jobs.Job.info").does(Effects::CACHE).asynchronous(),
    call("arq.jobs.Job.result").does(Effects::CACHE.with(Effects::WAITS)).asynchronous(),
    call("arq.jobs.Job.result_info").does(Effects::CACHE).asynchronous(),
    call("arq.jobs.Job.status").does(Effects::CACHE).asynchronous(),
    call("arq.run_worker").does(WAIT),
    // https://dramatiq.io/guide.html
    call("dramatiq.Actor.message").gives(Ret::Inst("dramatiq.Message")),
    call("dramatiq.Actor.message_with_options").gives(Ret::Inst("dramatiq.Message")),
    call("dramatiq.Actor.send").does(SEND).gives(Ret::Inst("dramatiq.Message")),
    call("dramatiq.Actor.send_with_options").does(SEND).gives(Ret::Inst("dramatiq.Message")),
    call("dramatiq.Broker.enqueue").does(SEND),
    call("dramatiq.Message.get_result").does(WAIT),
    call("dramatiq.actor").gives(Ret::DecoratedAs("dramatiq.Actor")).decorates(RunContext::Job),
    call("dramatiq.get_broker").gives(Ret::Inst("dramatiq.Broker")),
    call("dramatiq.group").gives(Ret::Inst("dramatiq.group")),
    call("dramatiq.group.get_results").does(WAIT),
    call("dramatiq.group.run").does(SEND.with(Effects::BULK)).gives(Ret::Receiver),
    call("dramatiq.group.wait").does(WAIT),
    call("dramatiq.pipeline").gives(Ret::Inst("dramatiq.group")),
    // https://huey.readthedocs.io/en/latest/api.html
    call("huey.FileHuey").gives(Ret::Inst("huey.Huey")),
    call("huey.Huey").gives(Ret::Inst("huey.Huey")),
    call("huey.Huey.on_startup").gives(Ret::Decorated).decorates(RunContext::Startup),
    call("huey.Huey.periodic_task").gives(Ret::DecoratedAs("huey:Task")).decorates(RunContext::Job),
    call("huey.Huey.task").gives(Ret::DecoratedAs("huey:Task")).decorates(RunContext::Job),
    call("huey.MemoryHuey").gives(Ret::Inst("huey.Huey")),
    call("huey.PriorityRedisHuey").gives(Ret::Inst("huey.Huey")),
    call("huey.RedisExpireHuey").gives(Ret::Inst("huey.Huey")),
    call("huey.RedisHuey").gives(Ret::Inst("huey.Huey")),
    call("huey.SqliteHuey").gives(Ret::Inst("huey.Huey")),
    call("huey:Task.__call__").does(SEND),
    call("huey:Task.call_local"),
    call("huey:Task.s"),
    call("huey:Task.schedule").does(SEND),
    // https://huey.readthedocs.io/en/latest/django.html
    call("huey.contrib.djhuey.db_periodic_task").gives(Ret::DecoratedAs("huey:Task")).decorates(RunContext::Job),
    call("huey.contrib.djhuey.db_task").gives(Ret::DecoratedAs("huey:Task")).decorates(RunContext::Job),
    call("huey.contrib.djhuey.periodic_task").gives(Ret::DecoratedAs("huey:Task")).decorates(RunContext::Job),
    call("huey.contrib.djhuey.task").gives(Ret::DecoratedAs("huey:Task")).decorates(RunContext::Job),
    // https://taskiq-python.github.io/guide/getting-started.html
    call("taskiq.AsyncBroker.on_event").gives(Ret::Decorated).decorates(RunContext::Startup),
    call("taskiq.AsyncBroker.task").gives(Ret::DecoratedAs("taskiq:Task")).decorates(RunContext::Job),
    call("taskiq.InMemoryBroker").gives(Ret::Inst("taskiq.AsyncBroker")),
    call("taskiq.ZeroMQBroker").gives(Ret::Inst("taskiq.AsyncBroker")),
    call("taskiq:Result.wait_result").does(Effects::WAITS).asynchronous(),
    call("taskiq:Task.kiq").does(Effects::PUBLISH).gives(Ret::Inst("taskiq:Result")).asynchronous(),
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
    // https://procrastinate.readthedocs.io/en/stable/howto/basics/defer.html
    call("procrastinate.App").gives(Ret::Inst("procrastinate.App")),
    call("procrastinate.App.configure_task").gives(Ret::Inst("procrastinate.tasks.Task")),
    call("procrastinate.App.periodic").gives(Ret::Decorated).decorates(RunContext::Job),
    call("procrastinate.App.run_worker").does(WAIT),
    call("procrastinate.App.task").gives(Ret::DecoratedAs("procrastinate.tasks.Task")).decorates(RunContext::Job),
    call("procrastinate.Blueprint").gives(Ret::Inst("procrastinate.App")),
    call("procrastinate.tasks.Task.batch_defer").does(SEND.with(Effects::BULK)),
    call("procrastinate.tasks.Task.batch_defer_async").does(Effects::PUBLISH.with(Effects::BULK)).asynchronous(),
    call("procrastinate.tasks.Task.configure").gives(Ret::Receiver),
    call("procrastinate.tasks.Task.defer").does(SEND),
    call("procrastinate.tasks.Task.defer_async").does(Effects::PUBLISH).asynchronous(),
];

const CLASSES: &[ClassRow] = &[
    // https://docs.celeryq.dev/en/stable/reference/celery.app.task.html
    class("celery.Celery").attrs(&[("conf", Ret::Dict)]),
    class("celery.Task").handles(RunContext::Job).attrs(&[("app", Ret::Inst("celery.Celery"))]),
    // https://docs.celeryq.dev/en/stable/userguide/canvas.html
    class("celery.canvas.Signature"),
    // https://docs.celeryq.dev/en/stable/reference/celery.result.html
    class("celery.result.AsyncResult").attrs(&[("id", Ret::Str), ("state", Ret::Str)]),
    // https://docs.celeryq.dev/en/stable/userguide/signals.html
    class("celery.utils.dispatch.Signal"),
    // https://python-rq.org/docs/
    class("rq.Queue"),
    class("rq.Worker"),
    class("rq.job.Job"),
    class("rq:function"),
    // https://arq-docs.helpmanual.io/
    class("arq.ArqRedis").extends(&["redis.asyncio.Redis"]),
    class("arq.jobs.Job"),
    // https://dramatiq.io/guide.html
    class("dramatiq.Actor"),
    class("dramatiq.Broker"),
    class("dramatiq.Message"),
    class("dramatiq.group"),
    // https://huey.readthedocs.io/en/latest/api.html
    class("huey.Huey"),
    class("huey:Task"),
    // https://taskiq-python.github.io/guide/getting-started.html
    class("taskiq.AsyncBroker"),
    class("taskiq:Result"),
    class("taskiq:Task"),
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
    // https://procrastinate.readthedocs.io/en/stable/howto/basics/defer.html
    class("procrastinate.App").manages(Ret::Receiver, Effects::NONE, Exit::Closes),
    class("procrastinate.tasks.Task"),
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
    ("dramatiq.broker.Broker", "dramatiq.Broker"),
    ("dramatiq.message.Message", "dramatiq.Message"),
    ("procrastinate.app.App", "procrastinate.App"),
    ("procrastinate.blueprints.Blueprint", "procrastinate.Blueprint"),
    ("rq.SimpleWorker", "rq.Worker"),
    ("rq.queue.Queue", "rq.Queue"),
    ("rq.worker.Worker", "rq.Worker"),
];

const VALUES: &[(&str, Ret)] = &[
    ("celery.current_app", Ret::Inst("celery.Celery")),
    ("celery.signals.worker_init", Ret::Inst("celery.utils.dispatch.Signal")),
    ("celery.signals.worker_process_init", Ret::Inst("celery.utils.dispatch.Signal")),
    ("celery.signals.worker_ready", Ret::Inst("celery.utils.dispatch.Signal")),
];
