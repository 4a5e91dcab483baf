//! Package -> technology: the table behind the stack line. One row per package.

use Slot::{Orm, Other, Web};

/// Where a package comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Ecosystem {
    /// PyPI.
    Python,
    /// npm.
    Node,
    /// Go modules.
    Go,
    /// Maven coordinates `group:artifact`.
    Jvm,
}

impl Ecosystem {
    /// The ecosystem's normal form of a package name.
    pub(super) fn normalise(self, name: &str) -> String {
        let name = name.trim();
        match self {
            Self::Python => {
                let mut out = String::with_capacity(name.len());
                for c in name.chars() {
                    match c {
                        '-' | '_' | '.' => {
                            if !out.ends_with('-') {
                                out.push('-');
                            }
                        }
                        _ => out.extend(c.to_lowercase()),
                    }
                }
                out
            }
            Self::Node | Self::Go | Self::Jvm => name.to_ascii_lowercase(),
        }
    }

    /// Key in `tech_stack.packages`: Python packages bare, others prefixed.
    pub(super) fn key(self, name: &str) -> String {
        match self {
            Self::Python => name.to_owned(),
            Self::Node => format!("npm:{name}"),
            Self::Go => format!("go:{name}"),
            Self::Jvm => format!("maven:{name}"),
        }
    }
}

/// Which list of the stack a technology belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Slot {
    /// Languages.
    Language,
    /// Databases.
    Db,
    /// ORMs and drivers.
    Orm,
    /// Web frameworks.
    Web,
    /// The rest that checks know.
    Other,
}

/// A row of the table.
#[derive(Clone, Copy, Debug)]
pub(super) struct TechRow {
    ecosystem: Ecosystem,
    package: &'static str,
    /// Name for people.
    pub(super) display: &'static str,
    /// List.
    pub(super) slot: Slot,
    /// Database that a driver speaks to.
    pub(super) implies: Option<&'static str>,
}

/// Rows of a package with a normalised name. Go modules match by prefix up to a `/`.
pub(super) fn of(ecosystem: Ecosystem, package: &str) -> impl Iterator<Item = &'static TechRow> {
    TABLE.iter().filter(move |row| {
        row.ecosystem == ecosystem
            && (row.package == package
                || (ecosystem == Ecosystem::Go
                    && package.strip_prefix(row.package).is_some_and(|rest| rest.starts_with('/'))))
    })
}

/// The Python package that an import root belongs to.
pub(super) fn package_of_import(root: &str) -> String {
    match root {
        "rest_framework" => "djangorestframework".to_owned(),
        "MySQLdb" => "mysqlclient".to_owned(),
        "grpc" => "grpcio".to_owned(),
        "psycopg2" => "psycopg2".to_owned(),
        other => Ecosystem::Python.normalise(other),
    }
}

/// Names for people of the libraries that importing `module` (dotted) makes use of.
pub(crate) fn libraries_of_import(module: &str) -> impl Iterator<Item = &'static str> {
    let root = module.split('.').next().unwrap_or(module);
    let package = package_of_import(root);
    // Django is two technologies; its database has a package of its own.
    let orm = root != "django" || module.starts_with("django.db") || module.starts_with("django.contrib.postgres");
    TABLE
        .iter()
        .filter(move |row| row.ecosystem == Ecosystem::Python && row.package == package)
        .filter(move |row| orm || row.slot != Orm)
        .map(|row| row.display)
}

/// All Python technologies' packages.
pub(super) fn is_known_python(package: &str) -> bool {
    of(Ecosystem::Python, package).next().is_some()
}

/// Database names as notes and image names spell them -> display name.
pub(super) const DATABASES: &[(&str, &str)] = &[
    ("cockroachdb", "CockroachDB"),
    ("mariadb", "MariaDB"),
    ("microsoft sql server", "SQL Server"),
    ("mongodb", "MongoDB"),
    ("mssql", "SQL Server"),
    ("mysql", "MySQL"),
    ("oracle database", "Oracle"),
    ("postgres", "PostgreSQL"),
    ("postgresql", "PostgreSQL"),
    ("sql server", "SQL Server"),
    ("sqlite", "SQLite"),
    ("sqlite3", "SQLite"),
];

/// Display names that notes may state: name, list.
pub(super) fn display_names() -> impl Iterator<Item = (&'static str, Slot)> {
    TABLE.iter().map(|row| (row.display, row.slot))
}

const fn py(package: &'static str, display: &'static str, slot: Slot, implies: Option<&'static str>) -> TechRow {
    TechRow { ecosystem: Ecosystem::Python, package, display, slot, implies }
}
const fn js(package: &'static str, display: &'static str, slot: Slot, implies: Option<&'static str>) -> TechRow {
    TechRow { ecosystem: Ecosystem::Node, package, display, slot, implies }
}
const fn go(package: &'static str, display: &'static str, slot: Slot, implies: Option<&'static str>) -> TechRow {
    TechRow { ecosystem: Ecosystem::Go, package, display, slot, implies }
}
const fn jv(package: &'static str, display: &'static str, slot: Slot, implies: Option<&'static str>) -> TechRow {
    TechRow { ecosystem: Ecosystem::Jvm, package, display, slot, implies }
}

const PG: Option<&str> = Some("PostgreSQL");
const MY: Option<&str> = Some("MySQL");
const LITE: Option<&str> = Some("SQLite");
const MONGO: Option<&str> = Some("MongoDB");

const TABLE: &[TechRow] = &[
    // Python
    py("aiobotocore", "aiobotocore", Other, None),
    py("aiohttp", "aiohttp", Web, None),
    py("aiomysql", "aiomysql", Orm, MY),
    py("aiopg", "aiopg", Orm, PG),
    py("aioredis", "redis-py", Other, None),
    py("aiosqlite", "aiosqlite", Orm, LITE),
    py("alembic", "Alembic", Other, None),
    py("apache-airflow", "Apache Airflow", Other, None),
    py("arq", "arq", Other, None),
    py("asyncmy", "asyncmy", Orm, MY),
    py("asyncpg", "asyncpg", Orm, PG),
    py("beanie", "Beanie", Orm, MONGO),
    py("blacksheep", "BlackSheep", Web, None),
    py("boto3", "boto3", Other, None),
    py("celery", "Celery", Other, None),
    py("channels", "Django Channels", Web, None),
    py("databases", "databases", Orm, None),
    py("django", "Django", Web, None),
    py("django", "Django ORM", Orm, None),
    py("djangorestframework", "Django REST framework", Web, None),
    py("dramatiq", "Dramatiq", Other, None),
    py("faststream", "FastStream", Other, None),
    py("fastapi", "FastAPI", Web, None),
    py("flask", "Flask", Web, None),
    py("flask-migrate", "Flask-Migrate", Other, None),
    py("flask-sqlalchemy", "Flask-SQLAlchemy", Orm, None),
    py("grpcio", "gRPC", Other, None),
    py("gunicorn", "Gunicorn", Other, None),
    py("httpx", "httpx", Other, None),
    py("huey", "Huey", Other, None),
    py("litestar", "Litestar", Web, None),
    py("mongoengine", "MongoEngine", Orm, MONGO),
    py("motor", "Motor", Orm, MONGO),
    py("mysql-connector-python", "MySQL Connector/Python", Orm, MY),
    py("mysqlclient", "mysqlclient", Orm, MY),
    py("peewee", "Peewee", Orm, None),
    py("piccolo", "Piccolo", Orm, None),
    py("pony", "Pony ORM", Orm, None),
    py("psycopg", "psycopg", Orm, PG),
    py("psycopg-binary", "psycopg", Orm, PG),
    py("psycopg-pool", "psycopg_pool", Orm, PG),
    py("psycopg2", "psycopg2", Orm, PG),
    py("psycopg2-binary", "psycopg2", Orm, PG),
    py("pymongo", "PyMongo", Orm, MONGO),
    py("pymysql", "PyMySQL", Orm, MY),
    py("quart", "Quart", Web, None),
    py("redis", "redis-py", Other, None),
    py("requests", "requests", Other, None),
    py("rq", "RQ", Other, None),
    py("sanic", "Sanic", Web, None),
    py("sqlalchemy", "SQLAlchemy", Orm, None),
    py("sqlmodel", "SQLModel", Orm, None),
    py("starlette", "Starlette", Web, None),
    py("taskiq", "Taskiq", Other, None),
    py("tornado", "Tornado", Web, None),
    py("tortoise-orm", "Tortoise ORM", Orm, None),
    py("uvicorn", "Uvicorn", Other, None),
    // Node
    js("@aws-sdk/client-s3", "AWS SDK", Other, None),
    js("@hapi/hapi", "Hapi", Web, None),
    js("@mikro-orm/core", "MikroORM", Orm, None),
    js("@nestjs/core", "NestJS", Web, None),
    js("@prisma/client", "Prisma", Orm, None),
    js("aws-sdk", "AWS SDK", Other, None),
    js("axios", "axios", Other, None),
    js("better-sqlite3", "better-sqlite3", Orm, LITE),
    js("bullmq", "BullMQ", Other, None),
    js("drizzle-orm", "Drizzle", Orm, None),
    js("express", "Express", Web, None),
    js("fastify", "Fastify", Web, None),
    js("got", "got", Other, None),
    js("ioredis", "ioredis", Other, None),
    js("knex", "Knex", Orm, None),
    js("koa", "Koa", Web, None),
    js("kysely", "Kysely", Orm, None),
    js("mongodb", "MongoDB driver", Orm, MONGO),
    js("mongoose", "Mongoose", Orm, MONGO),
    js("mysql", "mysql", Orm, MY),
    js("mysql2", "mysql2", Orm, MY),
    js("next", "Next.js", Web, None),
    js("nodemailer", "Nodemailer", Other, None),
    js("objection", "Objection", Orm, None),
    js("pg", "node-postgres", Orm, PG),
    js("postgres", "Postgres.js", Orm, PG),
    js("prisma", "Prisma", Orm, None),
    js("redis", "node-redis", Other, None),
    js("sequelize", "Sequelize", Orm, None),
    js("sqlite3", "node-sqlite3", Orm, LITE),
    js("stripe", "Stripe", Other, None),
    js("typeorm", "TypeORM", Orm, None),
    js("undici", "undici", Other, None),
    // Go
    go("entgo.io/ent", "ent", Orm, None),
    go("github.com/go-chi/chi", "chi", Web, None),
    go("github.com/go-redis/redis", "go-redis", Other, None),
    go("github.com/go-sql-driver/mysql", "go-sql-driver/mysql", Orm, MY),
    go("github.com/gin-gonic/gin", "gin", Web, None),
    go("github.com/gofiber/fiber", "fiber", Web, None),
    go("github.com/golang-migrate/migrate", "golang-migrate", Other, None),
    go("github.com/gorilla/websocket", "gorilla/websocket", Web, None),
    go("github.com/jackc/pgx", "pgx", Orm, PG),
    go("github.com/jmoiron/sqlx", "sqlx", Orm, None),
    go("github.com/labstack/echo", "echo", Web, None),
    go("github.com/lib/pq", "lib/pq", Orm, PG),
    go("github.com/masterminds/squirrel", "squirrel", Orm, None),
    go("github.com/mattn/go-sqlite3", "go-sqlite3", Orm, LITE),
    go("github.com/pressly/goose", "goose", Other, None),
    go("github.com/redis/go-redis", "go-redis", Other, None),
    go("github.com/sqlc-dev/sqlc", "sqlc", Orm, None),
    go("github.com/uptrace/bun", "bun", Orm, None),
    go("gorm.io/driver/mysql", "GORM MySQL driver", Orm, MY),
    go("gorm.io/driver/postgres", "GORM PostgreSQL driver", Orm, PG),
    go("gorm.io/gorm", "GORM", Orm, None),
    go("modernc.org/sqlite", "modernc sqlite", Orm, LITE),
    go("xorm.io/xorm", "xorm", Orm, None),
    // Java
    jv("com.mysql:mysql-connector-j", "MySQL Connector/J", Orm, MY),
    jv("com.zaxxer:hikaricp", "HikariCP", Orm, None),
    jv("mysql:mysql-connector-java", "MySQL Connector/J", Orm, MY),
    jv("org.flywaydb:flyway-core", "Flyway", Other, None),
    jv("org.hibernate.orm:hibernate-core", "Hibernate", Orm, None),
    jv("org.hibernate:hibernate-core", "Hibernate", Orm, None),
    jv("org.liquibase:liquibase-core", "Liquibase", Other, None),
    jv("org.mybatis.spring.boot:mybatis-spring-boot-starter", "MyBatis", Orm, None),
    jv("org.mybatis:mybatis", "MyBatis", Orm, None),
    jv("org.postgresql:postgresql", "PostgreSQL JDBC", Orm, PG),
    jv("org.springframework.boot:spring-boot-starter-data-jpa", "Spring Data JPA", Orm, None),
    jv("org.springframework.boot:spring-boot-starter-data-redis", "Spring Data Redis", Other, None),
    jv("org.springframework.boot:spring-boot-starter-jdbc", "Spring JDBC", Orm, None),
    jv("org.springframework.boot:spring-boot-starter-web", "Spring MVC", Web, None),
    jv("org.springframework.boot:spring-boot-starter-webflux", "Spring WebFlux", Web, None),
    jv("org.xerial:sqlite-jdbc", "SQLite JDBC", Orm, LITE),
];

/// Modules of Python's standard library that checks know: no manifest names them.
pub(super) const STANDARD_LIBRARY: &[&str] = &["smtplib", "subprocess"];

/// Redis the server, as compose files name it.
pub(super) const REDIS_SERVER: &str = "Redis";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_normalised_and_go_modules_match_by_prefix() {
        assert_eq!(Ecosystem::Python.normalise("Flask_SQLAlchemy"), "flask-sqlalchemy");
        assert_eq!(of(Ecosystem::Go, "github.com/jackc/pgx/v5").map(|row| row.display).collect::<Vec<_>>(), ["pgx"]);
        assert_eq!(of(Ecosystem::Python, "django").count(), 2);
        assert!(is_known_python(&package_of_import("rest_framework")));
    }

    #[test]
    fn an_import_names_its_library() {
        let of = |module: &str| libraries_of_import(module).collect::<Vec<_>>();
        assert_eq!(of("sqlalchemy.orm"), ["SQLAlchemy"]);
        assert_eq!((of("django.http"), of("django.db.models")), (vec!["Django"], vec!["Django", "Django ORM"]));
        assert_eq!((of("rest_framework.views"), of("app.models")), (vec!["Django REST framework"], vec![]));
    }

    /// Technologies that are recognised and have no note, with the reason.
    const WITHOUT_NOTE: &[(&str, &str)] = &[
        ("Apache Airflow", "outside the coverage"),
        ("Oracle", "outside the coverage: no driver of it is recognised"),
        ("SQL Server", "outside the coverage: no driver of it is recognised"),
        ("node-sqlite3", "its documentation is a wiki that says nothing to cite"),
    ];

    #[test]
    fn every_technology_has_a_note_or_a_reason_for_none() {
        let named = TABLE
            .iter()
            .map(|row| row.display)
            .chain(DATABASES.iter().map(|(_, name)| *name))
            .chain(STANDARD_LIBRARY.iter().copied())
            .chain([REDIS_SERVER]);
        let without = |name: &str| WITHOUT_NOTE.iter().any(|(known, _)| *known == name);
        for name in named.clone() {
            let noted = !crate::knowledge::practices(&[name.to_owned()]).is_empty();
            assert!(noted != without(name), "{name}: {}", if noted { "has a note" } else { "no note" });
        }
        let known: Vec<&str> = named.collect();
        for note in crate::knowledge::notes() {
            for name in &note.applies {
                assert!(known.contains(&name.as_str()), "{}: nothing is recognised as {name}", note.technology);
            }
        }
    }
}
