-- theme: places
-- en: Which counties got another code?
-- zh: 哪些县级行政区换过代码？
-- trap: `division_code` is that of the report's year and breaks when a county becomes a district; `unit_code` stays. Group by `unit_code` whatever spans years.
SELECT unit_code, string_agg(division_code || ' ' || name || ' (' || first_year || '-' || coalesce(last_year::VARCHAR, '') || ')', ', ' ORDER BY first_year) AS codes
FROM divisions
WHERE level = 'county' AND iso_region = 'CN-HA'
GROUP BY unit_code HAVING count(DISTINCT division_code) > 1 ORDER BY unit_code LIMIT 5;
