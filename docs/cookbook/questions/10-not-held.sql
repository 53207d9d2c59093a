-- theme: outcomes
-- en: How often does the agency say that it does not hold the information?
-- zh: “本机关不掌握”占办理结果多少？
-- trap: Before 2019 the same answer was 不属于本行政机关公开 and is another series ([crosswalk](../crosswalk.md)). `nullif` keeps 0/0 from being NaN.
SELECT year, agency_level, sum(unavailable_not_held) AS not_held, round(sum(unavailable_not_held) / nullif(sum(outcomes), 0), 3) AS share
FROM key_figures
WHERE counted AND unavailable_not_held IS NOT NULL AND outcomes IS NOT NULL
GROUP BY year, agency_level ORDER BY year, agency_level;
