-- theme: years
-- en: Where did requests change most from one year to the next?
-- zh: 哪些机关的申请量变化最大？
-- trap: The year before must be the year before: with a gap, `lag` alone compares with an older one. Agencies are told apart by region and `agency_id`.
SELECT a.year, a.agency_name, b.received AS before, a.received AS now, a.received - b.received AS change
FROM key_figures AS a JOIN key_figures AS b ON b.region = a.region AND b.agency_id = a.agency_id AND b.scope = a.scope AND b.year = a.year - 1
WHERE a.received IS NOT NULL AND b.received IS NOT NULL
ORDER BY abs(change) DESC, a.year, a.agency_name LIMIT 5;
