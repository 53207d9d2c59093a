-- theme: places
-- en: All reports of one county and its bodies, through recoding?
-- zh: 某县及其各部门历年的报告？
-- trap: The code may be any that the place ever had: `divisions` finds its `unit_code`.
SELECT year, agency_name, scope, received, outcomes
FROM key_figures
WHERE unit_code IN (SELECT unit_code FROM divisions WHERE division_code = '341525')
ORDER BY year, agency_name, scope;
