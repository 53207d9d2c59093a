-- theme: adding-up
-- en: How many requests were received each year, by level of government?
-- zh: 各年度、各层级共收到多少申请？
-- trap: Within one level `key_figures_by_region` counts nothing twice. Levels must not be added: a province's report may hold those of its counties. `with_figure` says how many reports the sum rests on.
SELECT year, level, sum(received) AS received, sum(with_received) AS with_figure, sum(reports) AS reports
FROM key_figures_by_region
WHERE year >= 2019
GROUP BY year, level ORDER BY year, level;
