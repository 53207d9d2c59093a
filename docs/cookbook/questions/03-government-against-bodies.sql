-- theme: adding-up
-- en: Does a government's report say as much as those of its bodies together?
-- zh: 政府汇总报告与其各部门之和是否相符？
-- trap: A crawl rarely has every body, so bodies below the government are normal; bodies above it are the odd ones. `scope` `own` would be the government office alone: `stands_for` `place` leaves those out.
SELECT year, g.division_name, g.scope, g.received AS government, sum(b.received) AS bodies, count(b.received) AS with_figure
FROM key_figures AS g JOIN key_figures AS b USING (year, region, agency_level, unit_code)
WHERE year = 2021 AND g.stands_for = 'place' AND g.counted AND b.stands_for = 'body'
GROUP BY ALL ORDER BY ALL LIMIT 10;
