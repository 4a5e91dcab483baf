//! Histories of the three frameworks, SQL files, and models, replayed into one schema.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::disallowed_methods)]

use crate::analysis::{Project, Schema, ShardBuilder, Text};
#[cfg(test)]
use crate::languages::{Frontend, SourceText, python::Python};

use crate::model::schema::{IndexKind, IndexPart, OnDelete};
use crate::source::FileId;

fn project(files: &[(&str, &str)]) -> Project {
    let mut builder = ShardBuilder::default();
    for (i, (path, text)) in files.iter().enumerate() {
        let file = FileId(u32::try_from(i).unwrap());
        if path.ends_with(".py") {
            builder.lowered(|names| {
                let lowered = Python.lower(SourceText { file, path, text }, names);
                (lowered.module, lowered.problems)
            });
        } else {
            builder.text(Text { file, path: (*path).to_owned(), text: (*text).to_owned() });
        }
    }
    Project::link(vec![builder.finish()])
}

fn indexes(schema: &Schema, table: &str) -> Vec<String> {
    let table = schema
        .table(table)
        .unwrap_or_else(|| panic!("no {table}: {:?}", schema.tables().map(|t| &t.name).collect::<Vec<_>>()));
    let mut out: Vec<String> = table
        .indexes
        .iter()
        .map(|index| {
            let parts: Vec<&str> = index
                .def
                .parts
                .iter()
                .map(|part| match part {
                    IndexPart::Column(name) => name.as_str(),
                    IndexPart::Expression(_) => "*",
                })
                .collect();
            let kind = match index.def.kind {
                IndexKind::Primary => "pk",
                IndexKind::Unique => "unique",
                IndexKind::Plain => "index",
            };
            format!("{kind} {}", parts.join(","))
        })
        .collect();
    out.sort();
    out.dedup();
    out
}

fn keys(schema: &Schema, table: &str) -> Vec<(String, String, OnDelete)> {
    let keys = &schema.table(table).unwrap().foreign_keys;
    keys.iter().map(|k| (k.def.columns.join(","), k.def.to.table.clone(), k.def.to.on_delete)).collect()
}

const ONE: &str = r#"
from alembic import op
import sqlalchemy as sa
revision: str = "b2"
down_revision: str | None = "a1"

TABLE = "lines"

def upgrade() -> None:
    op.create_index(op.f("ix_orders_code"), "orders", ["code"], unique=True)
    with op.batch_alter_table("orders", schema=None) as batch_op:
        batch_op.add_column(sa.Column("owner_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key("fk_owner", "users", ["owner_id"], ["id"], ondelete="SET NULL")
        batch_op.drop_index("ix_orders_at")
    for table in ["orders", TABLE]:
        op.create_index(f"ix_{table}_at", table, ["at"])
    more()

def more():
    op.execute(f"CREATE INDEX ix_raw ON {TABLE} (raw, lower(x)); CREATE INDEX bad ON (");
    op.alter_column("lines", "old", new_column_name="new")
    op.drop_constraint("u_lines", TABLE, type_="unique")

def downgrade():
    op.drop_table("orders")
"#;

const TWO: &str = r#"
from alembic import op
import sqlalchemy as sa
revision = "a1"
down_revision = None

def upgrade():
    op.create_table(
        "orders",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=20)),
        sa.Column("at", sa.DateTime(), index=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_orders_at", "orders", ["at"])
    op.create_table(
        "lines",
        sa.Column("order_id", sa.ForeignKey("orders.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("old", sa.Integer(), primary_key=True),
        sa.ForeignKeyConstraint(["old"], ["parts.id"]),
        sa.UniqueConstraint("raw", name="u_lines"),
    )
"#;

#[test]
fn alembic_in_the_order_of_its_revisions() {
    let project = project(&[("alembic/versions/1.py", ONE), ("alembic/versions/2.py", TWO)]);
    let schema = project.schema();
    assert_eq!(indexes(schema, "orders"), ["index at", "pk id", "unique code"]);
    assert_eq!(indexes(schema, "lines"), ["index at", "index raw,*", "pk order_id,new"]);
    assert_eq!(keys(schema, "orders"), [("owner_id".into(), "users".into(), OnDelete::SetNull)]);
    assert_eq!(keys(schema, "lines")[0], ("order_id".into(), "orders".into(), OnDelete::Cascade));
    let problems: Vec<&str> = schema.problems().iter().map(|p| p.message.as_str()).collect();
    assert_eq!(problems, ["The SQL statement could not be read: CREATE INDEX bad ON ("]);
}

#[test]
fn several_heads_and_gaps_are_said() {
    let other = ONE.replace("\"b2\"", "\"c3\"").replace("\"a1\"", "\"gone\"");
    let project = project(&[("m/versions/1.py", ONE), ("m/versions/2.py", TWO), ("m/versions/3.py", &other)]);
    let found: Vec<&str> = project.schema().problems().iter().map(|p| p.message.as_str()).collect();
    assert!(found.contains(&"`c3` follows `gone`, which is not in the project"), "{found:?}");
    assert!(found.iter().any(|m| m.starts_with("The migrations end in 2 heads, `b2`, `c3`")), "{found:?}");
}

#[test]
fn django_operations() {
    let first = r#"
from django.db import migrations, models
import django.db.models.deletion

class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        migrations.CreateModel(
            name="Author",
            fields=[("id", models.AutoField(primary_key=True)), ("slug", models.SlugField())],
            options={"db_table": "writers"},
        ),
        migrations.CreateModel(
            name="Book",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("title", models.CharField(max_length=9, db_index=True)),
                ("author", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="shop.author")),
                ("editor", models.ForeignKey("shop.author", models.SET_NULL, db_index=False)),
            ],
            options={"unique_together": {("title", "author")}},
        ),
    ]
"#;
    let second = r#"
from django.db import migrations, models

class Migration(migrations.Migration):
    dependencies = [("shop", "0001_initial")]
    operations = [
        migrations.AddField(model_name="book", name="at", field=models.DateTimeField(auto_now_add=True)),
        migrations.AddIndex(model_name="book", index=models.Index(fields=["author", "-at"], name="ab")),
        migrations.AlterField(model_name="book", name="title", field=models.CharField(max_length=20)),
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL("CREATE INDEX CONCURRENTLY raw ON shop_book (raw)", "DROP INDEX raw")],
            state_operations=[migrations.RemoveField("book", "author")],
        ),
        migrations.RunSQL([("CREATE INDEX two ON shop_book (two)", None)]),
        migrations.AlterUniqueTogether(name="book", unique_together={("author", "title")}),
        migrations.RemoveIndex(model_name="book", name="none"),
        migrations.RenameField("author", "slug", "code"),
    ]
"#;
    let project = project(&[("shop/migrations/0002_more.py", second), ("shop/migrations/0001_initial.py", first)]);
    let schema = project.schema();
    assert_eq!(
        indexes(schema, "shop_book"),
        ["index author,at", "index author_id", "index raw", "index two", "pk id", "unique author,title"]
    );
    assert_eq!(indexes(schema, "writers"), ["index code", "pk id"]);
    assert!(schema.problems().is_empty(), "{:?}", schema.problems());
    let book = schema.table("shop_book").unwrap();
    assert!(book.led_by("author_id").is_some() && book.led_by("editor_id").is_none());
    assert!(book.led_by_both("author_id", "at").is_some());
}

#[test]
fn sql_files_in_the_order_of_their_numbers() {
    let project = project(&[
        ("db/V10__b.sql", "DROP INDEX ix; ALTER TABLE t ADD COLUMN u_id int REFERENCES u ON DELETE CASCADE;"),
        ("db/V2__a.sql", "CREATE TABLE t (id int primary key, a int); CREATE INDEX ix ON t (a);"),
        ("db/V2__a.down.sql", "DROP TABLE t;"),
        (
            "app/setup.py",
            "async def setup(db):\n    await db.execute(\"\"\"\n    CREATE TABLE late (\n      x int UNIQUE)\n    \"\"\")\n",
        ),
    ]);
    let schema = project.schema();
    assert_eq!(indexes(schema, "t"), ["pk id"]);
    assert_eq!(keys(schema, "t"), [("u_id".into(), "u".into(), OnDelete::Cascade)]);
    assert_eq!(indexes(schema, "late"), ["unique x"]);
    assert_eq!(schema.table("late").unwrap().columns[0].at.line, 4);
}

const MODELS: &str = r#"
from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table, UniqueConstraint, text
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column, relationship

class Base(DeclarativeBase):
    pass

class Owned(Base):
    __abstract__ = True
    owner_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))

class Tagged:
    @declared_attr
    def tag_id(cls):
        return Column(Integer, ForeignKey("tags.id"), index=True)

class Order(Owned, Tagged):
    __tablename__ = "orders"
    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column("order_code", String(20), unique=True)
    state: Mapped[str | None]
    name = Column(String)
    user = relationship("User")
    __table_args__ = (
        UniqueConstraint("name", "owner_id"),
        Index("ix_low", text("lower(name)"), name.desc(), code),
        {"schema": "app"},
    )

class Special(Order):
    extra = Column(String, index=True)

Index("ix_late", Order.state)

links = Table("links", Base.metadata, Column("a", ForeignKey("orders.id"), primary_key=True),
    Column("b", ForeignKey("users.id"), primary_key=True))
"#;

#[test]
fn sqlalchemy_models_and_core_tables() {
    let project = project(&[("app/models.py", MODELS)]);
    let schema = project.schema();
    assert_eq!(
        indexes(schema, "orders"),
        [
            "index *,name,order_code",
            "index extra",
            "index state",
            "index tag_id",
            "pk id",
            "unique name,owner_id",
            "unique order_code"
        ]
    );
    assert!(keys(schema, "orders").contains(&("owner_id".into(), "users".into(), OnDelete::Cascade)));
    assert_eq!(indexes(schema, "links"), ["pk a,b"]);
    assert_eq!(schema.tables().count(), 2);
}

#[test]
fn other_models() {
    let text = r#"
from typing import Optional
from sqlmodel import Field, SQLModel
import peewee
from tortoise import fields, models
from django.db import models as dj

class Data(SQLModel):
    x: int

class Hero(SQLModel, table=True):
    id: Optional[int] = Field(default=None, primary_key=True)
    name: str = Field(index=True)
    team_id: int = Field(foreign_key="team.id", ondelete="CASCADE")

class Event(models.Model):
    id = fields.IntField(pk=True)
    owner = fields.ForeignKeyField("models.Owner", related_name="events")
    name = fields.CharField(max_length=9, index=True)
    class Meta:
        table = "events"
        indexes = [("name", "id")]

class Post(peewee.Model):
    user = peewee.ForeignKeyField(Event)
    title = peewee.CharField(unique=True)
    class Meta:
        indexes = ((("user", "title"), True),)

class Base(dj.Model):
    created = dj.DateTimeField(auto_now_add=True)
    class Meta:
        abstract = True

class Note(Base):
    to = dj.ForeignKey("Person", dj.CASCADE)
    one = dj.OneToOneField("Person", dj.CASCADE)
    class Meta:
        indexes = [dj.Index(fields=["-created"], name="x")]
        constraints = [dj.UniqueConstraint(fields=["to", "created"], name="y")]
"#;
    let project = project(&[("shop/models.py", text)]);
    let schema = project.schema();
    assert_eq!(indexes(schema, "hero"), ["index name", "pk id"]);
    assert_eq!(keys(schema, "hero")[0].1, "team");
    assert_eq!(indexes(schema, "events"), ["index name", "index name,id", "pk id"]);
    assert_eq!(indexes(schema, "post"), ["index user_id", "index user_id,title", "unique title"]);
    assert_eq!(indexes(schema, "shop_note"), ["index created", "index to_id", "unique one_id", "unique to_id,created"]);
    assert!(schema.table("data").is_none());
}

#[test]
fn triggers_with_their_channels() {
    let text = r#"
from alembic import op
revision = "0002"
down_revision = None
CHANNEL = "job_progress"

def upgrade():
    op.execute(f"""
        CREATE OR REPLACE FUNCTION notify_job() RETURNS trigger AS $$
        BEGIN
            PERFORM pg_notify('{CHANNEL}', NEW.id::text);  -- NOTIFY other
            RETURN NEW;
        END;
        $$ LANGUAGE plpgsql;
    """)
    op.execute("""CREATE TRIGGER job_notify AFTER INSERT OR UPDATE OF progress, state ON public.jobs
        FOR EACH ROW EXECUTE FUNCTION notify_job()""")

def downgrade():
    op.execute("DROP TRIGGER job_notify ON jobs")
"#;
    let project = project(&[("alembic/versions/2.py", text), ("b/1.sql", "DROP TRIGGER IF EXISTS none")]);
    let [trigger] = project.schema().triggers() else { panic!("{:?}", project.schema().triggers()) };
    assert_eq!((trigger.table.as_str(), trigger.event.as_str()), ("jobs", "INSERT OR UPDATE"));
    assert_eq!(trigger.channel.as_deref(), Some("job_progress"));
    assert_eq!(trigger.at.line, 16);
}

fn triggers(files: &[(&str, &str)]) -> Vec<(String, String, String, Option<String>, u32)> {
    let project = project(files);
    let of = |t: &super::Trigger| (t.table.clone(), t.event.clone(), t.function.clone(), t.channel.clone(), t.at.line);
    project.schema().triggers().iter().map(of).collect()
}

#[test]
fn argument_and_table_channels_in_sql() {
    let text = "CREATE FUNCTION n() RETURNS trigger AS $$ BEGIN PERFORM pg_notify(TG_ARGV[0], ''); RETURN NEW; END $$ LANGUAGE plpgsql;\nCREATE TRIGGER a AFTER UPDATE ON t FOR EACH ROW EXECUTE PROCEDURE n('chan');\nCREATE FUNCTION m() RETURNS trigger AS $$ BEGIN PERFORM pg_notify('c_' || TG_TABLE_NAME, ''); END $$;\nCREATE TRIGGER b AFTER DELETE ON u EXECUTE FUNCTION m();\n-- CREATE TRIGGER no AFTER DELETE ON u EXECUTE FUNCTION m();\n";
    let found = triggers(&[("db/001.sql", text)]);
    assert_eq!(found[0].3.as_deref(), Some("chan"));
    assert_eq!(found[1].3.as_deref(), Some("c_u"));
    assert_eq!(found.len(), 2);
}

#[test]
fn a_later_drop_removes_a_trigger_and_mysql_has_no_channel() {
    let create = "CREATE TRIGGER stock BEFORE UPDATE ON items FOR EACH ROW BEGIN UPDATE totals SET n = n + 1; END;";
    let drop = "DROP TRIGGER IF EXISTS stock;";
    assert_eq!(triggers(&[("db/V2__a.sql", create)]), [("items".into(), "UPDATE".into(), "stock".into(), None, 1)]);
    assert!(triggers(&[("db/V2__a.sql", create), ("db/V10__b.sql", drop)]).is_empty());
    assert_eq!(triggers(&[("db/V10__a.sql", create), ("db/V2__b.sql", drop)]).len(), 1);
}

#[test]
fn triggers_of_django_run_sql() {
    let text = "from django.db import migrations\nclass Migration(migrations.Migration):\n    operations = [migrations.RunSQL(\n        \"CREATE TRIGGER t AFTER INSERT ON shop_order EXECUTE FUNCTION f();\",\n        reverse_sql=\"DROP TRIGGER t ON shop_order\",\n    )]\n";
    assert_eq!(triggers(&[("shop/migrations/0002_t.py", text)])[0].0, "shop_order");
}
