-- theme: evidence
-- en: Which sums of the form do not hold?
-- zh: 哪些报告的合计对不上？
-- trap: `expected` and `actual` are text: what the form asks for and what is printed.
SELECT f.year, k.agency_name, f."table", f.item, f."column", f.expected, f.actual
FROM findings AS f JOIN reports AS k USING (report_id, year, region)
WHERE f.code = 'GK401' AND f.year = 2022
ORDER BY ALL LIMIT 5;
