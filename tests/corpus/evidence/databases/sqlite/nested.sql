SELECT name, (SELECT count(*) FROM posts WHERE posts.author = users.id) FROM users WHERE id IN (SELECT author FROM posts WHERE at > 'x') UNION SELECT title, 1 FROM posts;
