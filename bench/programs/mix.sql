-- A load of 100,000 rows, indexes, joins, aggregates, text search and updates. Runs in memory, as often as it is given.
PRAGMA journal_mode = OFF;
CREATE TABLE account(id INTEGER PRIMARY KEY, name TEXT NOT NULL, region INTEGER NOT NULL, balance REAL NOT NULL);
CREATE TABLE entry(id INTEGER PRIMARY KEY, account INTEGER NOT NULL, amount INTEGER NOT NULL, note TEXT);
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000)
  INSERT INTO account SELECT i, 'name-' || (i * 7919 % 100003), i * 31 % 97, (i * 1009 % 5003) / 4.0 FROM n;
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000)
  INSERT INTO entry SELECT i, 1 + i * 7 % 100000, i * 271 % 2003 - 1000, printf('note %05d %s', i * 13 % 9973, hex(i)) FROM n;
CREATE INDEX entry_account ON entry(account);
CREATE INDEX account_name ON account(name);
SELECT count(*), sum(balance) FROM account;
SELECT region, count(*), round(avg(balance), 3) FROM account GROUP BY region ORDER BY 2 DESC, 1 LIMIT 5;
SELECT a.region, sum(e.amount) FROM entry e JOIN account a ON a.id = e.account GROUP BY a.region ORDER BY 2, 1 LIMIT 5;
SELECT count(*) FROM entry WHERE note LIKE '%99%FF%';
SELECT name FROM account WHERE name BETWEEN 'name-5' AND 'name-6' ORDER BY balance DESC, id LIMIT 3;
UPDATE account SET balance = balance + (SELECT coalesce(sum(amount), 0) FROM entry WHERE entry.account = account.id);
SELECT round(sum(balance), 2) FROM account;
DELETE FROM entry WHERE id % 3 = 0;
SELECT count(DISTINCT substr(note, 1, 8)) FROM entry;
SELECT sum(row_number * amount % 7) FROM (SELECT row_number() OVER (ORDER BY amount, id) AS row_number, amount FROM entry);
DROP TABLE entry;
DROP TABLE account;
