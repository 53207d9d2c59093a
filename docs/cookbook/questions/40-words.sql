-- theme: text
-- en: Which reports speak of a word?
-- zh: 哪些报告提到某个词？
-- trap: Text is simplified throughout, also of traditional pages. DuckDB scans it: filter by year and region first.
SELECT n.year, k.agency_name, n.section, substr(n.text, greatest(strpos(n.text, '条例') - 8, 1), 24) AS around
FROM narratives AS n JOIN key_figures AS k USING (report_id, year, region)
WHERE contains(n.text, '条例') AND n.year = 2022
ORDER BY ALL LIMIT 5;
