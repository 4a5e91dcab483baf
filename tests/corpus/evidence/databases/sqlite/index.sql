SELECT title FROM posts WHERE at > '2026' ORDER BY at;
