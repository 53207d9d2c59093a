-- theme: evidence
-- en: What was found, how often?
-- zh: 共有哪些发现，各多少条？
-- trap: `gongkai explain CODE` and [the pages of the findings](../rules/README.md) say what each means and when it is a false alarm.
SELECT f.code, f.severity, c.zh AS meaning, sum(f.n) AS findings, count(f.report_id) AS reports
FROM (SELECT code, severity, report_id, count(*) AS n FROM findings GROUP BY ALL) AS f
  LEFT JOIN codes AS c ON c."table" = 'findings' AND c."column" = 'code' AND c.code = f.code
GROUP BY ALL ORDER BY findings DESC, f.code LIMIT 6;
