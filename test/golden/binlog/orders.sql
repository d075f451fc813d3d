DROP DATABASE IF EXISTS shop; CREATE DATABASE shop CHARACTER SET utf8mb4; USE shop; SET cte_max_recursion_depth = 2000; SET time_zone = '+00:00';
CREATE TABLE orders (id INT PRIMARY KEY, customer BIGINT NOT NULL, name VARCHAR(64), note VARCHAR(128), amount DECIMAL(12,2), quantity INT, paid BOOLEAN, created DATETIME(6), updated TIMESTAMP(3) NULL, doc JSON);
CREATE PROCEDURE fill(first INT, last INT) BEGIN DECLARE i INT DEFAULT first; WHILE i <= last DO INSERT INTO orders VALUES (i, i * 1000003, CONCAT('Grüße Nr. ', i), CONCAT('note for the order with number ', i), MOD(i * 37, 100000) / 100, MOD(i, 17), MOD(i, 3) = 0, TIMESTAMP'2026-01-01 00:00:00' + INTERVAL i * 7.123456 SECOND, TIMESTAMP'2026-01-01 00:00:00' + INTERVAL i * 3.217 SECOND, JSON_OBJECT('id', i, 'tags', JSON_ARRAY('a', 'b'), 'text', 'some json text of eighty bytes or so')); SET i = i + 1; END WHILE; END;
-- log --
USE shop; SET cte_max_recursion_depth = 2000; SET time_zone = '+00:00';
INSERT INTO orders WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500) SELECT i, i * 1000003, CONCAT('Grüße Nr. ', i), CONCAT('note for the order with number ', i), MOD(i * 37, 100000) / 100, MOD(i, 17), MOD(i, 3) = 0, TIMESTAMP'2026-01-01 00:00:00' + INTERVAL i * 7.123456 SECOND, TIMESTAMP'2026-01-01 00:00:00' + INTERVAL i * 3.217 SECOND, JSON_OBJECT('id', i, 'tags', JSON_ARRAY('a', 'b'), 'text', 'some json text of eighty bytes or so') FROM n;
CALL fill(501, 1000);
UPDATE orders SET quantity = quantity + 1 WHERE id <= 100;
DELETE FROM orders WHERE id > 950;
