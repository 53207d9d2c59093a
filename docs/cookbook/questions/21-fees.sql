-- theme: proactive
-- en: Which agencies collect administrative fees?
-- zh: 哪些机关收取行政事业性收费？
-- trap: In units of 10,000 yuan (万元), a DECIMAL: some agencies print yuan in this cell, so look at the largest before adding up ([GK407](../rules/GK407.md) marks those that stand out).
SELECT year, k.agency_name, p.fee_wan_yuan
FROM proactive_disclosure AS p JOIN key_figures AS k USING (report_id, year, region, scope)
WHERE item = 'fees' AND fee_wan_yuan > 0
ORDER BY fee_wan_yuan DESC, year, agency_name LIMIT 5;
