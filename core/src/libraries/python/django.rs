//! Django: ORM, transactions, views, cache, mail, commands. Methods of `QuerySet` are also found on
//! managers, whose class rows extend it.

use super::mixes::{CACHED, COMMIT, CONNECT, DELETE, FILE, INSERT, META, NET, READ, ROLLBACK, SEND_MAIL, UPDATE};
use crate::libraries::{ClassRow, Effects, Exit, Library, Place, Resource, Ret, Row, RunContext, call, class};

/// Django.
pub const LIBRARY: Library =
    Library { name: "Django", roots: &["django"], rows: ROWS, classes: CLASSES, aliases: ALIASES, values: VALUES };

/// `save()` decides between INSERT and UPDATE at run time.
const SAVE: Effects = INSERT.with(Effects::DB_UPDATE);

const ROWS: &[Row] = &[
    // https://docs.djangoproject.com/en/5.2/topics/auth/default/
    call("django.contrib.auth.aauthenticate").does(Effects::DB_READ.with(Effects::CPU)).asynchronous(),
    call("django.contrib.auth.alogin").does(Effects::DB_UPDATE).asynchronous(),
    call("django.contrib.auth.alogout").does(Effects::DB_DELETE).asynchronous(),
    call("django.contrib.auth.authenticate").does(READ.with(Effects::CPU)),
    call("django.contrib.auth.base_user.AbstractBaseUser.acheck_password")
        .does(Effects::CPU)
        .gives(Ret::Bool)
        .asynchronous(),
    call("django.contrib.auth.base_user.AbstractBaseUser.check_password").does(Effects::CPU).gives(Ret::Bool),
    call("django.contrib.auth.base_user.AbstractBaseUser.set_password").does(Effects::CPU).gives(Ret::Nothing),
    call("django.contrib.auth.get_user_model"),
    call("django.contrib.auth.hashers.acheck_password").does(Effects::CPU).gives(Ret::Bool).asynchronous(),
    call("django.contrib.auth.hashers.check_password").does(Effects::CPU).gives(Ret::Bool),
    call("django.contrib.auth.hashers.make_password").does(Effects::CPU).gives(Ret::Str),
    call("django.contrib.auth.login").does(UPDATE),
    call("django.contrib.auth.logout").does(DELETE),
    call("django.contrib.auth.models.UserManager.acreate_superuser")
        .does(Effects::DB_INSERT.with(Effects::CPU))
        .gives(Ret::Element)
        .asynchronous(),
    call("django.contrib.auth.models.UserManager.acreate_user")
        .does(Effects::DB_INSERT.with(Effects::CPU))
        .gives(Ret::Element)
        .asynchronous(),
    call("django.contrib.auth.models.UserManager.create_superuser").does(INSERT.with(Effects::CPU)).gives(Ret::Element),
    call("django.contrib.auth.models.UserManager.create_user").does(INSERT.with(Effects::CPU)).gives(Ret::Element),
    // https://docs.djangoproject.com/en/5.2/topics/cache/
    call("django.core.cache.backends.base.BaseCache.aadd").does(Effects::CACHE).gives(Ret::Bool).asynchronous(),
    call("django.core.cache.backends.base.BaseCache.aclear").does(Effects::CACHE).gives(Ret::Nothing).asynchronous(),
    call("django.core.cache.backends.base.BaseCache.add").does(CACHED).gives(Ret::Bool),
    call("django.core.cache.backends.base.BaseCache.adecr").does(Effects::CACHE).gives(Ret::Number).asynchronous(),
    call("django.core.cache.backends.base.BaseCache.adelete").does(Effects::CACHE).asynchronous(),
    call("django.core.cache.backends.base.BaseCache.adelete_many").does(Effects::CACHE).asynchronous(),
    call("django.core.cache.backends.base.BaseCache.aget").does(Effects::CACHE).asynchronous(),
    call("django.core.cache.backends.base.BaseCache.aget_many").does(Effects::CACHE).gives(Ret::Dict).asynchronous(),
    call("django.core.cache.backends.base.BaseCache.aget_or_set").does(Effects::CACHE).asynchronous(),
    call("django.core.cache.backends.base.BaseCache.ahas_key").does(Effects::CACHE).gives(Ret::Bool).asynchronous(),
    call("django.core.cache.backends.base.BaseCache.aincr").does(Effects::CACHE).gives(Ret::Number).asynchronous(),
    call("django.core.cache.backends.base.BaseCache.aset").does(Effects::CACHE).gives(Ret::Nothing).asynchronous(),
    call("django.core.cache.backends.base.BaseCache.aset_many").does(Effects::CACHE).asynchronous(),
    call("django.core.cache.backends.base.BaseCache.atouch").does(Effects::CACHE).asynchronous(),
    call("django.core.cache.backends.base.BaseCache.clear").does(CACHED).gives(Ret::Nothing),
    call("django.core.cache.backends.base.BaseCache.decr").does(CACHED).gives(Ret::Number),
    call("django.core.cache.backends.base.BaseCache.delete").does(CACHED),
    call("django.core.cache.backends.base.BaseCache.delete_many").does(CACHED),
    call("django.core.cache.backends.base.BaseCache.get").does(CACHED),
    call("django.core.cache.backends.base.BaseCache.get_many").does(CACHED).gives(Ret::Dict),
    call("django.core.cache.backends.base.BaseCache.get_or_set").does(CACHED),
    call("django.core.cache.backends.base.BaseCache.has_key").does(CACHED).gives(Ret::Bool),
    call("django.core.cache.backends.base.BaseCache.incr").does(CACHED).gives(Ret::Number),
    call("django.core.cache.backends.base.BaseCache.set").does(CACHED).gives(Ret::Nothing),
    call("django.core.cache.backends.base.BaseCache.set_many").does(CACHED),
    call("django.core.cache.backends.base.BaseCache.touch").does(CACHED),
    // https://docs.djangoproject.com/en/5.2/ref/files/storage/
    call("django.core.files.storage.Storage.delete").does(FILE).gives(Ret::Nothing),
    call("django.core.files.storage.Storage.exists").does(META).gives(Ret::Bool),
    call("django.core.files.storage.Storage.listdir").does(FILE),
    call("django.core.files.storage.Storage.open")
        .does(FILE)
        .gives(Ret::Inst("io.TextIOWrapper"))
        .acquires(Resource::File),
    call("django.core.files.storage.Storage.save").does(FILE).gives(Ret::Str),
    call("django.core.files.storage.Storage.size").does(META).gives(Ret::Number),
    // https://docs.djangoproject.com/en/5.2/topics/email/
    call("django.core.mail.EmailMessage").gives(Ret::Inst("django.core.mail.EmailMessage")),
    call("django.core.mail.EmailMessage.attach_file").does(FILE),
    call("django.core.mail.EmailMessage.send").does(SEND_MAIL).gives(Ret::Number),
    call("django.core.mail.EmailMultiAlternatives").gives(Ret::Inst("django.core.mail.EmailMultiAlternatives")),
    call("django.core.mail.backends.base.BaseEmailBackend.close").does(Effects::CLOSES),
    call("django.core.mail.backends.base.BaseEmailBackend.open").does(NET),
    call("django.core.mail.backends.base.BaseEmailBackend.send_messages").does(SEND_MAIL),
    call("django.core.mail.get_connection").gives(Ret::Inst("django.core.mail.backends.base.BaseEmailBackend")),
    call("django.core.mail.mail_admins").does(SEND_MAIL).gives(Ret::Nothing),
    call("django.core.mail.mail_managers").does(SEND_MAIL).gives(Ret::Nothing),
    call("django.core.mail.send_mail").does(SEND_MAIL).gives(Ret::Number),
    call("django.core.mail.send_mass_mail").does(SEND_MAIL).gives(Ret::Number),
    // https://docs.djangoproject.com/en/5.2/ref/django-admin/#running-management-commands-from-your-code
    call("django.core.management.call_command"),
    // https://docs.djangoproject.com/en/5.2/ref/paginator/
    call("django.core.paginator.Paginator").gives(Ret::InstFromArg("django.core.paginator.Paginator", 0)),
    call("django.core.paginator.Paginator.get_page").does(READ).gives(Ret::InstKeep("django.core.paginator.Page")),
    call("django.core.paginator.Paginator.page").does(READ).gives(Ret::InstKeep("django.core.paginator.Page")),
    // https://docs.djangoproject.com/en/5.2/topics/db/sql/#executing-custom-sql-directly
    call("django.db.backends.base.base.BaseDatabaseWrapper.close").does(Effects::CLOSES).gives(Ret::Nothing),
    call("django.db.backends.base.base.BaseDatabaseWrapper.commit").does(COMMIT).gives(Ret::Nothing),
    call("django.db.backends.base.base.BaseDatabaseWrapper.cursor")
        .gives(Ret::Inst("django.db.backends.utils.CursorWrapper"))
        .acquires(Resource::Cursor),
    call("django.db.backends.base.base.BaseDatabaseWrapper.ensure_connection").does(CONNECT).gives(Ret::Nothing),
    call("django.db.backends.base.base.BaseDatabaseWrapper.rollback").does(ROLLBACK).gives(Ret::Nothing),
    call("django.db.close_old_connections").gives(Ret::Nothing),
    // https://docs.djangoproject.com/en/5.2/ref/migration-operations/
    call("django.db.migrations.AddField"),
    call("django.db.migrations.AddIndex"),
    call("django.db.migrations.CreateModel"),
    call("django.db.migrations.RunPython").handler(0, RunContext::Migration),
    call("django.db.migrations.RunSQL"),
    // https://docs.djangoproject.com/en/5.2/ref/models/fields/
    call("django.db.models.AutoField"),
    call("django.db.models.BigAutoField"),
    call("django.db.models.BigIntegerField"),
    call("django.db.models.BinaryField"),
    call("django.db.models.BooleanField"),
    call("django.db.models.CharField"),
    call("django.db.models.DateField"),
    call("django.db.models.DateTimeField"),
    call("django.db.models.DecimalField"),
    call("django.db.models.DurationField"),
    call("django.db.models.EmailField"),
    call("django.db.models.FileField"),
    call("django.db.models.FilePathField"),
    call("django.db.models.FloatField"),
    call("django.db.models.ForeignKey"),
    call("django.db.models.GeneratedField"),
    call("django.db.models.GenericIPAddressField"),
    call("django.db.models.ImageField"),
    call("django.db.models.IntegerField"),
    call("django.db.models.JSONField"),
    call("django.db.models.ManyToManyField"),
    call("django.db.models.OneToOneField"),
    call("django.db.models.PositiveBigIntegerField"),
    call("django.db.models.PositiveIntegerField"),
    call("django.db.models.PositiveSmallIntegerField"),
    call("django.db.models.SlugField"),
    call("django.db.models.SmallAutoField"),
    call("django.db.models.SmallIntegerField"),
    call("django.db.models.TextField"),
    call("django.db.models.TimeField"),
    call("django.db.models.URLField"),
    call("django.db.models.UUIDField"),
    // https://docs.djangoproject.com/en/5.2/topics/db/managers/
    call("django.db.models.Manager").gives(Ret::Inst("django.db.models.Manager")),
    call("django.db.models.Manager.from_queryset"),
    call("django.db.models.Manager.get_queryset").gives(Ret::InstKeep("django.db.models.QuerySet")),
    // https://docs.djangoproject.com/en/5.2/ref/models/instances/
    call("django.db.models.Model.adelete").does(Effects::DB_DELETE).asynchronous(),
    call("django.db.models.Model.arefresh_from_db").does(Effects::DB_REFRESH).gives(Ret::Nothing).asynchronous(),
    call("django.db.models.Model.asave").does(SAVE.without(Effects::BLOCKS)).gives(Ret::Nothing).asynchronous(),
    call("django.db.models.Model.delete").does(DELETE),
    call("django.db.models.Model.full_clean").gives(Ret::Nothing),
    call("django.db.models.Model.get_deferred_fields"),
    call("django.db.models.Model.refresh_from_db").does(Effects::DB_REFRESH.with(Effects::BLOCKS)).gives(Ret::Nothing),
    call("django.db.models.Model.save").does(SAVE).gives(Ret::Nothing),
    call("django.db.models.Model.save_base").does(SAVE).gives(Ret::Nothing),
    // https://docs.djangoproject.com/en/5.2/ref/models/querysets/
    call("django.db.models.Prefetch"),
    call("django.db.models.QuerySet.aaggregate").does(Effects::DB_READ).gives(Ret::Dict).asynchronous(),
    call("django.db.models.QuerySet.abulk_create")
        .does(Effects::DB_INSERT.with(Effects::BULK))
        .gives(Ret::Arg(0))
        .asynchronous(),
    call("django.db.models.QuerySet.abulk_update")
        .does(Effects::DB_UPDATE.with(Effects::BULK))
        .gives(Ret::Number)
        .asynchronous(),
    call("django.db.models.QuerySet.acontains").does(Effects::DB_READ).gives(Ret::Bool).asynchronous(),
    call("django.db.models.QuerySet.acount").does(Effects::DB_READ).gives(Ret::Number).asynchronous(),
    call("django.db.models.QuerySet.acreate").does(Effects::DB_INSERT).gives(Ret::Element).asynchronous(),
    call("django.db.models.QuerySet.adelete").does(Effects::DB_DELETE.with(Effects::BULK)).asynchronous(),
    call("django.db.models.QuerySet.aearliest").does(Effects::DB_READ).gives(Ret::Element).asynchronous(),
    call("django.db.models.QuerySet.aexists").does(Effects::DB_READ).gives(Ret::Bool).asynchronous(),
    call("django.db.models.QuerySet.aexplain").does(Effects::DB_READ).gives(Ret::Str).asynchronous(),
    call("django.db.models.QuerySet.afirst").does(Effects::DB_READ).gives(Ret::Element).asynchronous(),
    call("django.db.models.QuerySet.aget").does(Effects::DB_READ).gives(Ret::Element).asynchronous(),
    call("django.db.models.QuerySet.aget_or_create")
        .does(Effects::DB_READ.with(Effects::DB_INSERT))
        .gives(Ret::ElementPair)
        .asynchronous(),
    call("django.db.models.QuerySet.aggregate").does(READ).gives(Ret::Dict),
    call("django.db.models.QuerySet.ain_bulk").does(Effects::DB_READ).gives(Ret::ElementDict).asynchronous(),
    call("django.db.models.QuerySet.aiterator").gives(Ret::InstKeep("django.db.models.QuerySet.iterator:rows")),
    call("django.db.models.QuerySet.alast").does(Effects::DB_READ).gives(Ret::Element).asynchronous(),
    call("django.db.models.QuerySet.alatest").does(Effects::DB_READ).gives(Ret::Element).asynchronous(),
    call("django.db.models.QuerySet.alias").gives(Ret::InstKeep("django.db.models.QuerySet")),
    call("django.db.models.QuerySet.all").gives(Ret::InstKeep("django.db.models.QuerySet")),
    call("django.db.models.QuerySet.annotate").gives(Ret::InstKeep("django.db.models.QuerySet")),
    call("django.db.models.QuerySet.as_manager").gives(Ret::Inst("django.db.models.Manager")),
    call("django.db.models.QuerySet.aupdate")
        .does(Effects::DB_UPDATE.with(Effects::BULK))
        .gives(Ret::Number)
        .asynchronous(),
    call("django.db.models.QuerySet.aupdate_or_create")
        .does(Effects::DB_READ.with(Effects::DB_INSERT).with(Effects::DB_UPDATE))
        .gives(Ret::ElementPair)
        .asynchronous(),
    call("django.db.models.QuerySet.bulk_create").does(INSERT.with(Effects::BULK)).gives(Ret::Arg(0)),
    call("django.db.models.QuerySet.bulk_update").does(UPDATE.with(Effects::BULK)).gives(Ret::Number),
    call("django.db.models.QuerySet.complex_filter").gives(Ret::InstKeep("django.db.models.QuerySet")),
    call("django.db.models.QuerySet.contains").does(READ).gives(Ret::Bool),
    call("django.db.models.QuerySet.count").does(READ).gives(Ret::Number),
    call("django.db.models.QuerySet.create").does(INSERT).gives(Ret::Element),
    call("django.db.models.QuerySet.dates").gives(Ret::Inst("django.db.models.QuerySet")),
    call("django.db.models.QuerySet.datetimes").gives(Ret::Inst("django.db.models.QuerySet")),
    call("django.db.models.QuerySet.defer").gives(Ret::InstKeep("django.db.models.QuerySet")),
    call("django.db.models.QuerySet.delete").does(DELETE.with(Effects::BULK)),
    call("django.db.models.QuerySet.difference").gives(Ret::InstKeep("django.db.models.QuerySet")),
    call("django.db.models.QuerySet.distinct").gives(Ret::InstKeep("django.db.models.QuerySet")),
    call("django.db.models.QuerySet.earliest").does(READ).gives(Ret::Element),
    call("django.db.models.QuerySet.exclude").gives(Ret::InstKeep("django.db.models.QuerySet")),
    call("django.db.models.QuerySet.exists").does(READ).gives(Ret::Bool),
    call("django.db.models.QuerySet.explain").does(READ).gives(Ret::Str),
    call("django.db.models.QuerySet.extra").gives(Ret::InstKeep("django.db.models.QuerySet")),
    call("django.db.models.QuerySet.filter").gives(Ret::InstKeep("django.db.models.QuerySet")),
    call("django.db.models.QuerySet.first").does(READ).gives(Ret::Element),
    call("django.db.models.QuerySet.get").does(READ).gives(Ret::Element),
    call("django.db.models.QuerySet.get_or_create").does(READ.with(Effects::DB_INSERT)).gives(Ret::ElementPair),
    call("django.db.models.QuerySet.in_bulk").does(READ).gives(Ret::ElementDict),
    call("django.db.models.QuerySet.intersection").gives(Ret::InstKeep("django.db.models.QuerySet")),
    call("django.db.models.QuerySet.iterator").gives(Ret::InstKeep("django.db.models.QuerySet.iterator:rows")),
    call("django.db.models.QuerySet.last").does(READ).gives(Ret::Element),
    call("django.db.models.QuerySet.latest").does(READ).gives(Ret::Element),
    call("django.db.models.QuerySet.none").gives(Ret::InstKeep("django.db.models.QuerySet")),
    call("django.db.models.QuerySet.only").gives(Ret::InstKeep("django.db.models.QuerySet")),
    call("django.db.models.QuerySet.order_by").gives(Ret::InstKeep("django.db.models.QuerySet")),
    call("django.db.models.QuerySet.prefetch_related").gives(Ret::InstKeep("django.db.models.QuerySet")),
    call("django.db.models.QuerySet.raw").gives(Ret::InstKeep("django.db.models.QuerySet")),
    call("django.db.models.QuerySet.reverse").gives(Ret::InstKeep("django.db.models.QuerySet")),
    call("django.db.models.QuerySet.select_for_update").gives(Ret::InstKeep("django.db.models.QuerySet")),
    call("django.db.models.QuerySet.select_related").gives(Ret::InstKeep("django.db.models.QuerySet")),
    call("django.db.models.QuerySet.union").gives(Ret::InstKeep("django.db.models.QuerySet")),
    call("django.db.models.QuerySet.update").does(UPDATE.with(Effects::BULK)).gives(Ret::Number),
    call("django.db.models.QuerySet.update_or_create")
        .does(READ.with(Effects::DB_INSERT).with(Effects::DB_UPDATE))
        .gives(Ret::ElementPair),
    call("django.db.models.QuerySet.using").gives(Ret::InstKeep("django.db.models.QuerySet")),
    call("django.db.models.QuerySet.values").gives(Ret::Inst("django.db.models.QuerySet")),
    call("django.db.models.QuerySet.values_list").gives(Ret::Inst("django.db.models.QuerySet")),
    // https://docs.djangoproject.com/en/5.2/ref/models/relations/
    call("django.db.models:RelatedManager.aadd")
        .does(Effects::DB_INSERT.with(Effects::BULK))
        .gives(Ret::Nothing)
        .asynchronous(),
    call("django.db.models:RelatedManager.aclear")
        .does(Effects::DB_DELETE.with(Effects::BULK))
        .gives(Ret::Nothing)
        .asynchronous(),
    call("django.db.models:RelatedManager.add").does(INSERT.with(Effects::BULK)).gives(Ret::Nothing),
    call("django.db.models:RelatedManager.aremove")
        .does(Effects::DB_DELETE.with(Effects::BULK))
        .gives(Ret::Nothing)
        .asynchronous(),
    call("django.db.models:RelatedManager.aset")
        .does(Effects::DB_INSERT.with(Effects::DB_DELETE).with(Effects::BULK))
        .gives(Ret::Nothing)
        .asynchronous(),
    call("django.db.models:RelatedManager.clear").does(DELETE.with(Effects::BULK)).gives(Ret::Nothing),
    call("django.db.models:RelatedManager.remove").does(DELETE.with(Effects::BULK)).gives(Ret::Nothing),
    call("django.db.models:RelatedManager.set")
        .does(INSERT.with(Effects::DB_DELETE).with(Effects::BULK))
        .gives(Ret::Nothing),
    // https://docs.djangoproject.com/en/5.2/topics/db/transactions/
    call("django.db.transaction.atomic").gives(Ret::Inst("django.db.transaction.Atomic")),
    call("django.db.transaction.commit").does(COMMIT).gives(Ret::Nothing),
    call("django.db.transaction.get_connection").gives(Ret::Inst("django.db.backends.base.base.BaseDatabaseWrapper")),
    call("django.db.transaction.non_atomic_requests").gives(Ret::Decorated),
    call("django.db.transaction.on_commit").runs_named(0, "func", Place::AfterCommit).gives(Ret::Nothing),
    call("django.db.transaction.rollback").does(ROLLBACK).gives(Ret::Nothing),
    call("django.db.transaction.savepoint"),
    call("django.db.transaction.savepoint_commit").gives(Ret::Nothing),
    call("django.db.transaction.savepoint_rollback").gives(Ret::Nothing),
    call("django.db.transaction.set_autocommit").gives(Ret::Nothing),
    call("django.db.transaction.set_rollback").gives(Ret::Nothing),
    // https://docs.djangoproject.com/en/5.2/topics/signals/
    call("django.dispatch.Signal").gives(Ret::Inst("django.dispatch.Signal")),
    call("django.dispatch.Signal.connect").handler(0, RunContext::Library).gives(Ret::Nothing),
    call("django.dispatch.receiver").decorates(RunContext::Library).gives(Ret::Decorated),
    // https://docs.djangoproject.com/en/5.2/ref/request-response/
    call("django.http.FileResponse").consumes(0).does(Effects::STREAMS).gives(Ret::Inst("django.http.FileResponse")),
    call("django.http.HttpResponse").gives(Ret::Inst("django.http.HttpResponse")),
    call("django.http.HttpResponseRedirect").gives(Ret::Inst("django.http.HttpResponse")),
    call("django.http.JsonResponse").gives(Ret::Inst("django.http.HttpResponse")),
    call("django.http.StreamingHttpResponse")
        .consumes(0)
        .does(Effects::STREAMS)
        .gives(Ret::Inst("django.http.StreamingHttpResponse")),
    // https://docs.djangoproject.com/en/5.2/topics/http/shortcuts/
    call("django.shortcuts.aget_list_or_404").does(Effects::DB_READ).gives(Ret::ListFromArg(0)).asynchronous(),
    call("django.shortcuts.aget_object_or_404").does(Effects::DB_READ).gives(Ret::ArgInstance(0)).asynchronous(),
    call("django.shortcuts.get_list_or_404").does(READ).gives(Ret::ListFromArg(0)),
    call("django.shortcuts.get_object_or_404").does(READ).gives(Ret::ArgInstance(0)),
    call("django.shortcuts.redirect").gives(Ret::Inst("django.http.HttpResponse")),
    call("django.shortcuts.render").gives(Ret::Inst("django.http.HttpResponse")),
    // https://docs.djangoproject.com/en/5.2/topics/templates/
    call("django.template.loader.render_to_string").does(Effects::CPU).gives(Ret::Str),
    // https://docs.djangoproject.com/en/5.2/ref/urls/
    call("django.urls.path").handler_named(1, "view", RunContext::Request),
    call("django.urls.re_path").handler_named(1, "view", RunContext::Request),
    // https://docs.djangoproject.com/en/5.2/topics/http/decorators/
    call("django.contrib.auth.decorators.login_required").gives(Ret::Decorated),
    call("django.contrib.auth.decorators.permission_required").gives(Ret::Decorated),
    call("django.contrib.auth.decorators.user_passes_test").gives(Ret::Decorated),
    call("django.utils.decorators.method_decorator").gives(Ret::Decorated),
    call("django.views.decorators.cache.cache_page").gives(Ret::Decorated),
    call("django.views.decorators.cache.never_cache").gives(Ret::Decorated),
    call("django.views.decorators.csrf.csrf_exempt").gives(Ret::Decorated),
    call("django.views.decorators.http.require_GET").gives(Ret::Decorated),
    call("django.views.decorators.http.require_POST").gives(Ret::Decorated),
    call("django.views.decorators.http.require_http_methods").gives(Ret::Decorated),
];

const CLASSES: &[ClassRow] = &[
    // https://docs.djangoproject.com/en/5.2/ref/applications/
    class("django.apps.AppConfig").handles(RunContext::Startup),
    // https://docs.djangoproject.com/en/5.2/topics/auth/customizing/
    class("django.contrib.auth.base_user.AbstractBaseUser").extends(&["django.db.models.Model"]),
    class("django.contrib.auth.models.AbstractUser").extends(&["django.contrib.auth.base_user.AbstractBaseUser"]),
    class("django.contrib.auth.models.Group").extends(&["django.db.models.Model"]),
    class("django.contrib.auth.models.Permission").extends(&["django.db.models.Model"]),
    class("django.contrib.auth.models.User")
        .extends(&["django.contrib.auth.models.AbstractUser"])
        .attrs(&[("objects", Ret::InstOfSelf("django.contrib.auth.models.UserManager"))]),
    class("django.contrib.auth.models.UserManager").extends(&["django.db.models.Manager"]),
    // https://docs.djangoproject.com/en/5.2/ref/contrib/admin/
    class("django.contrib.admin.ModelAdmin").handles(RunContext::Request),
    class("django.contrib.admin.TabularInline").handles(RunContext::Request),
    // https://docs.djangoproject.com/en/5.2/topics/cache/
    class("django.core.cache.backends.base.BaseCache"),
    class("django.core.cache:caches").iterates(Ret::Inst("django.core.cache.backends.base.BaseCache"), Effects::NONE),
    // https://docs.djangoproject.com/en/5.2/ref/files/storage/
    class("django.core.files.storage.FileSystemStorage").extends(&["django.core.files.storage.Storage"]),
    class("django.core.files.storage.Storage"),
    // https://docs.djangoproject.com/en/5.2/topics/email/
    class("django.core.mail.EmailMessage"),
    class("django.core.mail.EmailMultiAlternatives").extends(&["django.core.mail.EmailMessage"]),
    class("django.core.mail.backends.base.BaseEmailBackend").manages(Ret::Receiver, NET, Exit::Closes),
    // https://docs.djangoproject.com/en/5.2/howto/custom-management-commands/
    class("django.core.management.base.AppCommand").extends(&["django.core.management.base.BaseCommand"]),
    class("django.core.management.base.BaseCommand").handles(RunContext::Script),
    class("django.core.management.base.LabelCommand").extends(&["django.core.management.base.BaseCommand"]),
    // https://docs.djangoproject.com/en/5.2/ref/paginator/
    class("django.core.paginator.Page").iterates(Ret::Element, READ).attrs(&[
        ("object_list", Ret::InstKeep("django.db.models.QuerySet")),
        ("paginator", Ret::InstKeep("django.core.paginator.Paginator")),
    ]),
    class("django.core.paginator.Paginator")
        .iterates(Ret::InstKeep("django.core.paginator.Page"), READ)
        .attrs(&[("count", Ret::Number), ("num_pages", Ret::Number)]),
    // https://docs.djangoproject.com/en/5.2/topics/db/sql/
    class("django.db.backends.base.base.BaseDatabaseWrapper").resource(Resource::Connection),
    class("django.db.backends.utils.CursorWrapper")
        .extends(&["dbapi:Cursor"])
        .iterates(Ret::List, Effects::NONE)
        .manages(Ret::Receiver, Effects::NONE, Exit::Closes),
    class("django.db:connections")
        .iterates(Ret::Inst("django.db.backends.base.base.BaseDatabaseWrapper"), Effects::NONE),
    // https://docs.djangoproject.com/en/5.2/ref/migration-operations/
    class("django.db.migrations.Migration").handles(RunContext::Migration),
    // https://docs.djangoproject.com/en/5.2/ref/models/fields/
    class("django.db.models.AutoField").extends(&["django.db.models.Field"]),
    class("django.db.models.BigAutoField").extends(&["django.db.models.Field"]),
    class("django.db.models.BigIntegerField").extends(&["django.db.models.Field"]),
    class("django.db.models.BinaryField").extends(&["django.db.models.Field"]),
    class("django.db.models.BooleanField").extends(&["django.db.models.Field"]),
    class("django.db.models.CharField").extends(&["django.db.models.Field"]),
    class("django.db.models.DateField").extends(&["django.db.models.Field"]),
    class("django.db.models.DateTimeField").extends(&["django.db.models.Field"]),
    class("django.db.models.DecimalField").extends(&["django.db.models.Field"]),
    class("django.db.models.DurationField").extends(&["django.db.models.Field"]),
    class("django.db.models.EmailField").extends(&["django.db.models.Field"]),
    class("django.db.models.Field"),
    class("django.db.models.FileField").extends(&["django.db.models.Field"]),
    class("django.db.models.FilePathField").extends(&["django.db.models.Field"]),
    class("django.db.models.FloatField").extends(&["django.db.models.Field"]),
    class("django.db.models.ForeignKey").extends(&["django.db.models.Field"]),
    class("django.db.models.GeneratedField").extends(&["django.db.models.Field"]),
    class("django.db.models.GenericIPAddressField").extends(&["django.db.models.Field"]),
    class("django.db.models.ImageField").extends(&["django.db.models.Field"]),
    class("django.db.models.IntegerField").extends(&["django.db.models.Field"]),
    class("django.db.models.JSONField").extends(&["django.db.models.Field"]),
    class("django.db.models.ManyToManyField").extends(&["django.db.models.Field"]),
    class("django.db.models.OneToOneField").extends(&["django.db.models.Field"]),
    class("django.db.models.PositiveBigIntegerField").extends(&["django.db.models.Field"]),
    class("django.db.models.PositiveIntegerField").extends(&["django.db.models.Field"]),
    class("django.db.models.PositiveSmallIntegerField").extends(&["django.db.models.Field"]),
    class("django.db.models.SlugField").extends(&["django.db.models.Field"]),
    class("django.db.models.SmallAutoField").extends(&["django.db.models.Field"]),
    class("django.db.models.SmallIntegerField").extends(&["django.db.models.Field"]),
    class("django.db.models.TextField").extends(&["django.db.models.Field"]),
    class("django.db.models.TimeField").extends(&["django.db.models.Field"]),
    class("django.db.models.URLField").extends(&["django.db.models.Field"]),
    class("django.db.models.UUIDField").extends(&["django.db.models.Field"]),
    // https://docs.djangoproject.com/en/5.2/topics/db/managers/
    class("django.db.models.Manager").extends(&["django.db.models.QuerySet"]),
    class("django.db.models:RelatedManager").extends(&["django.db.models.Manager"]),
    // https://docs.djangoproject.com/en/5.2/ref/models/instances/
    class("django.db.models.Model").attrs(&[
        ("_base_manager", Ret::InstOfSelf("django.db.models.Manager")),
        ("_default_manager", Ret::InstOfSelf("django.db.models.Manager")),
        ("objects", Ret::InstOfSelf("django.db.models.Manager")),
    ]),
    // https://docs.djangoproject.com/en/5.2/ref/models/querysets/
    class("django.db.models.QuerySet").iterates(Ret::Element, READ).executes(Effects::DB_READ),
    class("django.db.models.QuerySet.iterator:rows").iterates(Ret::Element, READ),
    // https://docs.djangoproject.com/en/5.2/topics/db/transactions/
    class("django.db.transaction.Atomic").extends(&["contextlib.ContextDecorator"]).manages(
        Ret::Nothing,
        Effects::BEGIN,
        Exit::EndsTransaction,
    ),
    // https://docs.djangoproject.com/en/5.2/topics/signals/
    class("django.dispatch.Signal"),
    // https://docs.djangoproject.com/en/5.2/topics/forms/modelforms/
    class("django.forms.Form"),
    class("django.forms.ModelForm").extends(&["django.forms.Form"]),
    // https://docs.djangoproject.com/en/5.2/ref/request-response/
    class("django.http.FileResponse").extends(&["django.http.StreamingHttpResponse"]),
    class("django.http.HttpRequest").attrs(&[("body", Ret::Bytes), ("method", Ret::Str), ("path", Ret::Str)]),
    class("django.http.HttpResponse"),
    class("django.http.StreamingHttpResponse"),
    // https://docs.djangoproject.com/en/5.2/topics/testing/tools/
    class("django.test.SimpleTestCase").handles(RunContext::Test),
    class("django.test.TestCase").extends(&["django.test.TransactionTestCase"]),
    class("django.test.TransactionTestCase").extends(&["django.test.SimpleTestCase"]),
    // https://docs.djangoproject.com/en/5.2/topics/class-based-views/
    class("django.utils.deprecation.MiddlewareMixin").handles(RunContext::Request),
    class("django.views.View").handles(RunContext::Request),
    class("django.views.generic.CreateView").extends(&["django.views.View"]),
    class("django.views.generic.DeleteView").extends(&["django.views.View"]),
    class("django.views.generic.DetailView").extends(&["django.views.View"]),
    class("django.views.generic.FormView").extends(&["django.views.View"]),
    class("django.views.generic.ListView").extends(&["django.views.View"]),
    class("django.views.generic.RedirectView").extends(&["django.views.View"]),
    class("django.views.generic.TemplateView").extends(&["django.views.View"]),
    class("django.views.generic.UpdateView").extends(&["django.views.View"]),
];

const ALIASES: &[(&str, &str)] = &[
    ("django.conf.urls.re_path", "django.urls.re_path"),
    ("django.conf.urls.url", "django.urls.re_path"),
    ("django.contrib.admin.options", "django.contrib.admin"),
    ("django.contrib.auth.models.AbstractBaseUser", "django.contrib.auth.base_user.AbstractBaseUser"),
    ("django.core.files.storage.base", "django.core.files.storage"),
    ("django.core.files.storage.filesystem", "django.core.files.storage"),
    ("django.core.mail.message", "django.core.mail"),
    ("django.core.management.BaseCommand", "django.core.management.base.BaseCommand"),
    ("django.db.migrations.migration", "django.db.migrations"),
    ("django.db.migrations.operations", "django.db.migrations"),
    ("django.db.models.base", "django.db.models"),
    ("django.db.models.fields", "django.db.models"),
    ("django.db.models.fields.files", "django.db.models"),
    ("django.db.models.fields.json", "django.db.models"),
    ("django.db.models.fields.related", "django.db.models"),
    ("django.db.models.fields.related.RelatedManager", "django.db.models:RelatedManager"),
    ("django.db.models.manager", "django.db.models"),
    ("django.db.models.manager.RelatedManager", "django.db.models:RelatedManager"),
    ("django.db.models.query", "django.db.models"),
    ("django.dispatch.dispatcher", "django.dispatch"),
    ("django.forms.forms", "django.forms"),
    ("django.forms.models", "django.forms"),
    ("django.http.request", "django.http"),
    ("django.http.response", "django.http"),
    ("django.test.testcases", "django.test"),
    ("django.urls.conf", "django.urls"),
    ("django.views.generic.View", "django.views.View"),
    ("django.views.generic.base", "django.views.generic"),
    ("django.views.generic.detail", "django.views.generic"),
    ("django.views.generic.edit", "django.views.generic"),
    ("django.views.generic.list", "django.views.generic"),
];

const SIGNAL: Ret = Ret::Inst("django.dispatch.Signal");

const VALUES: &[(&str, Ret)] = &[
    ("django.core.cache.cache", Ret::Inst("django.core.cache.backends.base.BaseCache")),
    ("django.core.cache.caches", Ret::Inst("django.core.cache:caches")),
    ("django.core.files.storage.default_storage", Ret::Inst("django.core.files.storage.Storage")),
    ("django.db.connection", Ret::Inst("django.db.backends.base.base.BaseDatabaseWrapper")),
    ("django.db.connections", Ret::Inst("django.db:connections")),
    ("django.db.models.signals.m2m_changed", SIGNAL),
    ("django.db.models.signals.post_delete", SIGNAL),
    ("django.db.models.signals.post_save", SIGNAL),
    ("django.db.models.signals.pre_delete", SIGNAL),
    ("django.db.models.signals.pre_save", SIGNAL),
];
