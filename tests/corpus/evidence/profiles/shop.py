"""A page that asks the database once per row, a recursion, and a look-up table that is built at start-up."""
import sqlite3


def connect():
    db = sqlite3.connect(":memory:")
    db.executescript(
        "create table authors (id integer primary key, name text);"
        "create table posts (id integer primary key, author_id integer, title text);"
    )
    db.executemany("insert into authors values (?, ?)", [(n, f"author {n}") for n in range(20)])
    db.executemany("insert into posts values (?, ?, ?)", [(n, n % 20, f"post {n}") for n in range(50)])
    return db


def get_author(db, author_id):
    return db.execute("select name from authors where id = ?", (author_id,)).fetchone()[0]


def list_posts(db):
    posts = db.execute("select author_id, title from posts").fetchall()
    return [(title, get_author(db, author_id)) for author_id, title in posts]


def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


def main():
    db = connect()
    for _ in range(40):
        list_posts(db)
    return fib(10)


if __name__ == "__main__":
    main()
