SELECT u.name, p.title FROM users u, posts p WHERE u.name = p.title;
