-- theme: places
-- en: Which prefectures of a region have no report of their government?
-- zh: 某省哪些地级市没有政府报告？
-- trap: Validity matters: a division is asked for only in years in which it existed.
SELECT d.division_code, d.name
FROM divisions AS d ANTI JOIN (FROM key_figures WHERE year = 2021 AND stands_for = 'place') AS k ON k.unit_code = d.unit_code
WHERE d.iso_region = 'CN-GX' AND d.level = 'prefecture' AND 2021 BETWEEN d.first_year AND coalesce(d.last_year, 9999)
ORDER BY d.division_code LIMIT 5;
