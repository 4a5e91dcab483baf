"""Imports notify their progress

Revision ID: 0002
"""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.execute("""
        CREATE FUNCTION notify_import() RETURNS trigger AS $$
        BEGIN
            PERFORM pg_notify('import_progress', NEW.id || ':' || NEW.done);
            RETURN NEW;
        END;
        $$ LANGUAGE plpgsql
    """)
    op.execute("""
        CREATE TRIGGER import_jobs_notify
        AFTER UPDATE OF done, state ON import_jobs
        FOR EACH ROW EXECUTE FUNCTION notify_import()
    """)


def downgrade() -> None:
    op.execute("DROP TRIGGER import_jobs_notify ON import_jobs")
    op.execute("DROP FUNCTION notify_import()")
