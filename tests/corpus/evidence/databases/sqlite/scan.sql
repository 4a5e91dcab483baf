SELECT * FROM posts WHERE author = 5 ORDER BY title;
