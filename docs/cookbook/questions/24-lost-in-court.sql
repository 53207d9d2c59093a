-- theme: review
-- en: Which agencies lose most in court?
-- zh: 哪些机关败诉（结果纠正）最多？
-- trap: `litigation_*` adds both ways to court (未经复议直接起诉, 复议后起诉) and is NULL where one of them is.
SELECT year, agency_name, litigation_total, litigation_corrected, litigation_corrected_share AS share
FROM key_figures
WHERE litigation_corrected > 0
ORDER BY litigation_corrected DESC, year, agency_name LIMIT 5;
