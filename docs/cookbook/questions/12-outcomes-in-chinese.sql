-- theme: outcomes
-- en: The outcomes of one report, under their Chinese names and in the order of the form?
-- zh: 按表式顺序列出一份报告的各项办理结果（中文名称）？
-- trap: `codes` lies in `year = 0` and has columns `year` and `region` like every table: join it by `item = code` and the name of the table, never with NATURAL JOIN or USING (year).
SELECT c.position, c.zh, r.total
FROM disclosure_requests AS r JOIN codes AS c ON c."table" = 'disclosure_requests' AND c."column" = 'item' AND c.code = r.item
WHERE r.report_id = (SELECT report_id FROM key_figures WHERE agency_name = '什邡市民政局' AND year = 2023)
ORDER BY c.position LIMIT 12;
