-- theme: evidence
-- en: What became of every page that came in?
-- zh: 抓取的页面各自去了哪里？
-- trap: Only `report` captures have rows in the other tables. `duplicate` and `superseded` are other copies of the same report.
SELECT status, reason, count(*) AS captures
FROM captures
GROUP BY status, reason
ORDER BY captures DESC, status, reason;
