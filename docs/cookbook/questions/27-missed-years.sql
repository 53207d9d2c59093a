-- theme: years
-- en: Which agencies have years without a report?
-- zh: 哪些机关有年度缺失？
-- trap: Missing means not in the store between the first and last year that is: perhaps not crawled, perhaps not published. `captures` and `coverage` tell what was met.
SELECT agency_name, years_present, years_missing
FROM agencies
WHERE years_missing <> ''
ORDER BY agency_name LIMIT 10;
